"""A file received from a browser, judged again on the server: size, form, and nothing in its name.

The browser's own limits are a convenience for honest people. The name is only read for its last
letters; what is stored is named by its hash (see :mod:`corpus.staging`).
"""

from __future__ import annotations

from typing import Literal

from corpus.readers import SUFFIXES
from corpus.staging import MAX_BYTES

Fault = Literal["empty", "large", "suffix", "pdf", "xml", "text", "disguised"]
_PDF_WITHIN = 1024  # readers accept a PDF's header anywhere in its first kilobyte
_FOREIGN = (b"%PDF-", b"PK\x03\x04", b"\x7fELF", b"MZ", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff",
            b"\xd0\xcf\x11\xe0", b"{\\rtf")  # fmt: skip


def suffix_of(name: str) -> str:
    """Lower-case last suffix, with its dot; nothing else of a name is ever used."""
    dot, _, last = name.rpartition(".")
    return f".{last.lower()}" if dot or name.startswith(".") else ""


def fault_of(name: str, data: bytes) -> Fault | None:
    """Why this file is refused, or ``None``."""
    suffix = suffix_of(name)
    if suffix not in SUFFIXES:
        return "suffix"
    if not data:
        return "empty"
    if len(data) > MAX_BYTES:
        return "large"
    if suffix == ".pdf":
        return None if b"%PDF-" in data[:_PDF_WITHIN] else "pdf"
    if data.startswith(_FOREIGN):
        return "disguised"
    if suffix == ".xml":
        return None if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" else "xml"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "text"
    return "text" if "\0" in text else None
