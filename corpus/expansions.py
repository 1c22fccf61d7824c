"""The editorial questions of a document: what people ask, in their words, that a sentence answers.

Written by reading the documents, as the analytical index of a law book is (``corpus/expansions``).
They help to find a sentence asked for in other words; they are never quoted and never shown as
text of a source. Each entry is tied to the words of its sentence, so it follows them into any
other document that holds the same words (the article in force, a PDF edition of the guide).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus.passage import Passage

FOLDER = Path(__file__).parent / "expansions"


@dataclass(frozen=True, slots=True)
class Expansion:
    """Questions that one sentence answers.

    Attributes:
        passage: Id of the passage in which the sentence stands.
        start: Offset, in the cleaned document, of the words that identify the sentence.
        asked: The questions.
    """

    passage: str
    start: int
    asked: tuple[str, ...]


def expansions_of(passages: Iterable[Passage]) -> Iterator[Expansion]:
    """The editorial questions of passages; nothing for a text that no entry knows."""
    for passage in passages:
        for anchor, asked in _entries():
            at = passage.text.find(anchor)
            if at >= 0:
                yield Expansion(passage.id, passage.start + at, asked)


@cache
def unanswered() -> tuple[str, ...]:
    """Questions near the subject, or far from it, that the guide does not answer.

    They teach when to say so, and are compared with what is asked; a document added since that
    does answer one of them outweighs it by its own passages.
    """
    lines = (FOLDER / "not-in-guide.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line)["asked"] for line in lines)


@cache
def _entries() -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if "anchor" in row:
                found[row["anchor"]] = (*found.get(row["anchor"], ()), *row["asked"])
    return tuple(found.items())
