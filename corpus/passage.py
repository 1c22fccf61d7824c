"""The values of the corpus: where a text comes from, and the slices that may be cited."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

Kind = Literal["guide", "article", "decision"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Source:
    """A document as received.

    Attributes:
        id: Stable readable name, unique in a library (``guide-cnomk``).
        kind: Kind of the document as a whole; its passages may be of other kinds.
        date: Day of the edition, decision or publication, ISO 8601, when known.
        version: Edition label, or the LEGIARTI id of an article's version.
        sha256: Hash of the file's bytes, hexadecimal.
        path: The file itself.
    """

    id: str
    title: str
    kind: Kind
    path: Path
    sha256: str
    publisher: str | None = None
    date: str | None = None
    version: str | None = None
    url: str | None = None
    provenance: str | None = None
    supersedes: str | None = None
    in_force_from: str | None = None
    in_force_to: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """First character (offset in the cleaned text) of a page, and the page's printed number.

    ``index`` is its place in the file, from 1, where that differs from the printed number.
    """

    start: int
    number: int
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A source's cleaned text. Every citation is a slice of ``text``, so it never changes."""

    source: Source
    text: str
    passages: tuple[Passage, ...]
    pages: tuple[Page, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A verbatim slice of one document that never crosses a section, an article or a decision.

    Attributes:
        id: Stable readable id (``guide/sanctions/1``, ``cp-226-14/4``), never a row number.
        ref: Canonical reference, see ``corpus.references``.
        section: Headings above the passage, outermost first.
        text: Exactly ``document.text[start:end]``.
        source: Id of the source.
        page: Printed page, ``None`` where it is not known: never guessed.
        item: Inner number of an article (``III bis``, ``4°``) or of a considérant.
        cites: Canonical references that the text itself cites, in order.
        in_force_from: First day in force (ISO), for an article whose version is known.
        in_force_to: First day no longer in force (ISO), ``None`` when open or not known.
    """

    id: str
    kind: Kind
    ref: str
    title: str
    section: tuple[str, ...]
    text: str
    source: str
    start: int
    end: int
    page: int | None = None
    date: str | None = None
    in_force_from: str | None = None
    in_force_to: str | None = None
    url: str | None = None
    item: str | None = None
    cites: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.end - self.start != len(self.text):
            raise ValueError(
                f"passage {self.id}: offsets span {self.end - self.start} characters, "
                f"the text has {len(self.text)}"
            )

    def as_json(self) -> dict[str, Any]:
        """The form fixed for ``python -m corpus passages --json``."""
        return {
            "id": self.id, "kind": self.kind, "ref": self.ref, "title": self.title,
            "section": list(self.section), "text": self.text, "source": self.source,
            "page": self.page, "start": self.start, "end": self.end, "date": self.date,
            "in_force_from": self.in_force_from, "in_force_to": self.in_force_to,
            "url": self.url, "item": self.item, "cites": list(self.cites),
        }  # fmt: skip

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Passage:
        """Inverse of :meth:`as_json`."""
        return cls(**{**row, "section": tuple(row["section"]), "cites": tuple(row["cites"])})
