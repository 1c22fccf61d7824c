"""What documents are called: names fit to be shown, titles that they give themselves, ids."""

from __future__ import annotations

import re
from typing import Any

from corpus.chunking import slug
from corpus.passage import Document

LONGEST_NAME = 120
_UNSAFE = re.compile(r"[^\w .,’'()°–-]")


def safe_name(name: str) -> str:
    """A file name fit to be shown: its last part, without controls or odd characters."""
    last = re.split(r"[/\\]", name)[-1]
    clean = " ".join(_UNSAFE.sub(" ", last).split())
    stem, dot, suffix = clean.rpartition(".")
    return f"{stem[:LONGEST_NAME] or 'document'}.{suffix}" if dot else "document"


def title_of(document: Document, name: str) -> str:
    """What a document calls itself: a decision and an article do; a guide has its file's name."""
    if document.source.kind == "decision":
        return document.passages[0].title if document.passages else name
    return document.source.title if document.source.version else name


def id_of(document: Document) -> str:
    """A readable id: the reference of a decision, that of an article with its version."""
    source = document.source
    if source.kind == "article" and source.version:
        return slug(f"{document.passages[0].ref} {source.date}".replace("art. ", ""))
    if source.kind == "decision":
        return slug(document.passages[0].ref)
    return slug(source.title) or source.id


def free_id(wanted: str, rows: list[dict[str, Any]]) -> str:
    """``wanted``, or with a number when it was ever used: an id never changes its meaning."""
    taken, number, name = {row["id"] for row in rows}, 1, wanted or "document"
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
