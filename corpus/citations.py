"""Who cites whom: from a passage to the articles and decisions it names, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.passage import Passage


@dataclass(frozen=True, slots=True)
class Link:
    """A reference that a passage makes.

    Attributes:
        ref: Canonical reference.
        passages: Where its text stands, in order; empty when the corpus cites it only.
    """

    ref: str
    passages: tuple[Passage, ...]


class CitationGraph:
    """Citations of a set of passages, both ways; immutable."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._texts: dict[str, list[Passage]] = defaultdict(list)
        self._citing: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            if passage.kind != "guide":
                self._texts[passage.ref].append(passage)
            for ref in passage.cites:
                self._citing[ref].append(passage)

    def cites(self, passage: Passage, day: str | None = None) -> tuple[Link, ...]:
        """What a passage cites, in its order.

        Args:
            passage: The passage.
            day: Only texts in force on that day (ISO 8601), where their dates are known.
        """
        return tuple(Link(ref, self.texts(ref, day)) for ref in dict.fromkeys(passage.cites))

    def texts(self, ref: str, day: str | None = None) -> tuple[Passage, ...]:
        """Passages that hold the text of an article or decision."""
        return tuple(p for p in self._texts.get(ref, ()) if day is None or _applies(p, day))

    def cited_by(self, passage: Passage) -> tuple[Passage, ...]:
        """Passages elsewhere that cite the article or decision that this one is part of."""
        return () if passage.kind == "guide" else self.citing(passage.ref)

    def citing(self, ref: str) -> tuple[Passage, ...]:
        """Passages that cite an article or decision, those of its own text left out."""
        return tuple(p for p in self._citing.get(ref, ()) if p.ref != ref)

    def only_cited(self) -> tuple[str, ...]:
        """References that the corpus cites without holding their text, in order of appearance."""
        return tuple(ref for ref in self._citing if ref not in self._texts)


def _applies(passage: Passage, day: str) -> bool:
    begun = passage.in_force_from is None or passage.in_force_from <= day
    return begun and (passage.in_force_to is None or day < passage.in_force_to)
