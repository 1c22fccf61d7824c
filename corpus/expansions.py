"""The editorial questions of a document: what people ask, in their words, that a sentence answers.

Written by reading the documents, as the analytical index of a law book is (``corpus/expansions``,
one file a hand and subject). They help to find a sentence asked for in other words; they are never
quoted and never shown as text of a source. Each is tied to the first words of the sentences that
answer it, so it follows them into any other document that holds the same sentences (the article in
force, a PDF edition of the guide). Beside them stand questions on the same subjects that the guide
does not answer, and requests that nothing may answer: they teach when to be silent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from corpus.passage import Passage
from corpus.text import passage_sentences

FOLDER = Path(__file__).parent / "expansions"
_OPENING = 12
UNANSWERED, REFUSED = "not-in-guide.jsonl", "refused.jsonl"

Place = tuple[str, int]
"""A sentence: the id of its passage, and its offset in the cleaned document."""


@dataclass(frozen=True, slots=True)
class EditorialQuestion:
    """A question, and what answers it.

    Attributes:
        text: As somebody would ask it.
        answers: First words of each sentence that answers it alone; none when none does.
        refused: Whether it asks for what must not be given, whatever the documents say.
    """

    text: str
    answers: tuple[str, ...] = ()
    refused: bool = False


@cache
def editorial_questions() -> tuple[EditorialQuestion, ...]:
    """All of them, each text once, in a fixed order."""
    answers: dict[str, dict[str, None]] = {}
    for path in sorted(FOLDER.glob("*.jsonl")):
        if path.name not in (UNANSWERED, REFUSED):
            for row in _rows(path):
                for text in row["asked"]:
                    answers.setdefault(text, {})[row["anchor"]] = None
    return (
        *(EditorialQuestion(text, tuple(anchors)) for text, anchors in answers.items()),
        *(EditorialQuestion(row["asked"]) for row in _rows(FOLDER / UNANSWERED)),
        *(EditorialQuestion(row["asked"], refused=True) for row in _rows(FOLDER / REFUSED)),
    )


def places_of(
    questions: Iterable[EditorialQuestion], passages: Iterable[Passage]
) -> Mapping[str, tuple[Place, ...]]:
    """Where the sentences that answer questions stand; nothing for a sentence that is not there."""
    found: dict[str, list[Place]] = {a: [] for question in questions for a in question.answers}
    opening: dict[str, list[str]] = {}  # so that each sentence is compared with few anchors
    for anchor in found:
        opening.setdefault(anchor[:_OPENING], []).append(anchor)
    for passage in passages:
        for start, _ in passage_sentences(passage.text):
            for anchor in opening.get(passage.text[start : start + _OPENING], ()):
                if passage.text.startswith(anchor, start):
                    found[anchor].append((passage.id, passage.start + start))
    return {anchor: tuple(places) for anchor, places in found.items()}


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
