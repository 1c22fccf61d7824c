"""Documents and passages, as a generation keeps them: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.passage import Document, Page, Passage, Source

PASSAGES, DOCUMENTS = "passages.jsonl", "documents.jsonl"


def to_files(documents: Sequence[Document], passages: Sequence[Passage]) -> dict[str, bytes]:
    """Name and bytes of both files."""
    return {
        PASSAGES: lines_of(passage.as_json() for passage in passages),
        DOCUMENTS: lines_of(map(_row, documents)),
    }


def passages_of(files: Mapping[str, bytes]) -> tuple[Passage, ...]:
    """The passages, in their order.

    Raises:
        KeyError, ValueError, TypeError: When the bytes are not what `to_files` made.
    """
    return tuple(map(Passage.from_json, rows_of(files[PASSAGES])))


def documents_of(files: Mapping[str, bytes], passages: Iterable[Passage]) -> tuple[Document, ...]:
    """The documents, with their own among all passages; a source's ``path`` is a file's name only.

    Raises:
        KeyError, ValueError, TypeError: When the bytes are not what `to_files` made.
    """
    own: dict[str, list[Passage]] = {}
    for passage in passages:
        own.setdefault(passage.source, []).append(passage)
    documents = []
    for row in rows_of(files[DOCUMENTS]):
        source = Source(**{**row["source"], "path": Path(row["source"]["path"])})
        pages = tuple(Page(*page) for page in row["pages"])
        held = tuple(own.get(source.id, ()))
        documents.append(Document(source, row["text"], held, pages, tuple(row["warnings"])))
    return tuple(documents)


def _row(document: Document) -> dict[str, Any]:
    source = asdict(document.source)
    source["path"] = document.source.path.name  # the folder is this machine's own business
    return {
        "source": source,
        "text": document.text,
        "pages": [[page.start, page.number, page.index] for page in document.pages],
        "warnings": list(document.warnings),
    }


def lines_of(rows: Iterable[Any]) -> bytes:
    """Values as JSON lines."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    return "".join(f"{encode(row)}\n" for row in rows).encode()


def rows_of(lines: bytes) -> list[Any]:
    """The values of JSON lines, read in one go: a quarter of the time of one after another."""
    rows: list[Any] = json.loads(b"[" + b",".join(lines.splitlines()) + b"]")
    return rows
