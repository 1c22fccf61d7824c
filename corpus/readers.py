"""Which parser reads which document."""

from __future__ import annotations

from pathlib import Path

from corpus.errors import SourceRefused
from corpus.guide import read_guide
from corpus.passage import Document, Kind, Source

SUFFIXES = frozenset({".pdf", ".txt", ".md", ".xml"})


def read_document(source: Source, data: bytes) -> Document:
    """Read one document from its bytes, which the caller has already checked.

    Raises:
        SourceRefused: It cannot be read, or must not be indexed.
    """
    return read_guide(source, decode(data, source.path.name))


def guess_kind(path: Path, data: bytes) -> Kind:
    """Kind of a document that no manifest describes, from its content."""
    return "article" if path.suffix.lower() == ".xml" else "guide"


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
