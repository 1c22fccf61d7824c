"""PDF documents: read in a limited child process, laid out in reading order, and judged.

:func:`read_pdf` is the whole of it for the rest of the corpus. Everything that looks at the file
runs in the child (:mod:`corpus.pdf.child`): pypdf parses it, :mod:`corpus.pdf.content` follows
what the page shows, :mod:`corpus.pdf.columns`, :mod:`corpus.pdf.furniture` and
:mod:`corpus.pdf.layout` set it in reading order, :mod:`corpus.pdf.quality` judges it. The parent
(:mod:`corpus.pdf.sandbox`) starts, limits and checks the child, and sees plain values only.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from corpus.pdf.quality import Flag
from corpus.pdf.sandbox import WALL_SECONDS, interrogate

READER = 1  # raised whenever the same file would be read otherwise: kept readings are then unused


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page: its index from 1, its printed number where one is known, its characters."""

    index: int
    printed: int | None
    characters: int


@dataclass(frozen=True, slots=True)
class PdfText:
    """A PDF's visible text.

    Attributes:
        raw: One layout line a line, blank lines between paragraphs, pages announced by
            :func:`corpus.chunking.page_mark`, footnotes last.
        declared: Pages that the file says it has.
        flags: What must be looked at before approval; empty for a sound document.
        offline: Whether the child was cut from the network.
    """

    raw: str
    pages: tuple[PdfPage, ...]
    declared: int
    flags: tuple[Flag, ...]
    offline: bool


def read_pdf(data: bytes, name: str, seconds: float = WALL_SECONDS) -> PdfText:
    """Read a PDF's visible text in reading order.

    Hidden text is never part of ``raw``: it is flagged.

    Args:
        data: The file.
        name: What messages call it.
        seconds: Wall time after which the child is killed.

    Raises:
        SourceRefused: Not a PDF, encrypted, damaged, too costly, or without visible text.
    """
    said = interrogate(data, name, seconds)
    return PdfText(
        raw=said["raw"],
        pages=tuple(PdfPage(*page) for page in said["pages"]),
        declared=said["declared"],
        flags=tuple(Flag(*flag) for flag in said["flags"]),
        offline=said["offline"],
    )


def keep(text: PdfText, data: bytes) -> bytes:
    """A reading in a form to be kept beside its file, so that the file is not read each time."""
    row = {"reader": READER, "sha256": hashlib.sha256(data).hexdigest(), "text": asdict(text)}
    return json.dumps(row, ensure_ascii=False).encode()


def kept(stored: bytes, data: bytes) -> PdfText | None:
    """The reading kept for these very bytes by this very reader; None for any other."""
    try:
        row: dict[str, Any] = json.loads(stored)
        if row["reader"] != READER or row["sha256"] != hashlib.sha256(data).hexdigest():
            return None
        text = row["text"]
        return PdfText(
            raw=str(text["raw"]),
            pages=tuple(PdfPage(**page) for page in text["pages"]),
            declared=int(text["declared"]),
            flags=tuple(Flag(**flag) for flag in text["flags"]),
            offline=bool(text["offline"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
