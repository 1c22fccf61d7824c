"""Which parser reads which document."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from corpus.decisions import is_decision, read_decision
from corpus.errors import SourceRefused
from corpus.guide import read_guide
from corpus.law import is_legi, read_article
from corpus.passage import Document, Kind, Source
from corpus.pdf import PdfText, keep, kept, read_pdf
from corpus.pdf.quality import Flag, text_flags
from corpus.pdf.sandbox import refused
from corpus.text import normalise
from corpus.wording import DECISIONS

SUFFIXES = frozenset({".pdf", ".txt", ".md", ".xml"})
# Said to the reader, but nothing that anybody has to confirm.
_HARMLESS = frozenset({"numbering"})
_NAME_WARNING = DECISIONS["name"].split("{", 1)[0]
# Private-use characters carry page marks inside the corpus: a file may not bring its own.
_PRIVATE = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class Inspection:
    """A document, and what somebody must confirm before it is approved (French, one line each)."""

    document: Document
    reservations: tuple[str, ...]


def read_document(source: Source, data: bytes) -> Document:
    """Read one document from its bytes, which the caller has already checked.

    Raises:
        SourceRefused: It cannot be read, or must not be indexed.
    """
    return inspect(source, data).document


def inspect(source: Source, data: bytes) -> Inspection:
    """Read one document, and say what must be confirmed about it.

    Raises:
        SourceRefused: It cannot be read, or must not be indexed.
    """
    name = source.path.name
    if source.path.suffix.lower() == ".xml":
        return Inspection(read_article(source, data), ())
    flags: tuple[Flag, ...]
    places: dict[int, int] = {}
    if source.path.suffix.lower() == ".pdf":
        pdf = _pdf_text(source.path, data)
        raw, flags = pdf.raw, pdf.flags
        places = {page.printed: page.index for page in pdf.pages if page.printed}
    else:
        raw = decode(data, name)
        flags = text_flags(raw)
        raw = _PRIVATE.sub("", raw)
    # A text of articles is read as the guide is: its reader knows their headings.
    reader = read_decision if source.kind == "decision" else read_guide
    document = reader(source, raw)
    names = tuple(w for w in document.warnings if w.startswith(_NAME_WARNING))
    doubts = tuple(flag.text for flag in flags if flag.code not in _HARMLESS)
    warnings = (*(flag.text for flag in flags), *document.warnings)
    pages = tuple(replace(page, index=places.get(page.number)) for page in document.pages)
    return Inspection(replace(document, warnings=warnings, pages=pages), (*doubts, *names))


def reading_beside(path: Path) -> Path:
    """Where the reading of a PDF of the library is kept."""
    return path.with_name(f"{path.name}.text.json")


def reading_of(data: bytes, name: str) -> bytes:
    """The reading of a PDF, to be kept beside it.

    Raises:
        SourceRefused: It cannot be read.
    """
    return keep(_pdf(data, name), data)


def _pdf_text(path: Path, data: bytes) -> PdfText:
    """The reading kept at approval, which is the text that was shown; else a new one."""
    beside = reading_beside(path)
    found = kept(beside.read_bytes(), data) if beside.is_file() else None
    return found if found is not None else _pdf(data, path.name)


def _pdf(data: bytes, name: str) -> PdfText:
    try:
        return _read_once(data)
    except SourceRefused as error:
        raise refused(name, error.code) from error


@lru_cache(maxsize=8)
def _read_once(data: bytes) -> PdfText:
    """A document is read to guess its kind, to be shown, approved and kept: one child is enough."""
    return read_pdf(data, "")


def guess_kind(path: Path, data: bytes) -> Kind:
    """Kind of a document that no manifest describes, from its content.

    A document that cannot be read is a guide: reading it then says what is wrong.
    """
    suffix = path.suffix.lower()
    if suffix == ".xml" or is_legi(data):
        return "article"
    try:
        raw = _pdf(data, path.name).raw if suffix == ".pdf" else decode(data, path.name)
    except SourceRefused:
        return "guide"
    return "decision" if is_decision(normalise(raw)) else "guide"


def decode(data: bytes, name: str) -> str:
    """Bytes of a text file as text.

    Raises:
        SourceRefused: They are not UTF-8, or hold NUL characters.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceRefused(f"{name} is not UTF-8: save it so and add it again") from error
    if "\0" in text:
        raise SourceRefused(f"{name} holds NUL characters, so it is not text: add the original")
    return text
