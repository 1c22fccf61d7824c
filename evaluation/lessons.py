"""Questions to learn from, each beside an index that has not learnt from it.

Two models are fitted on how questions and sentences compare: which sentence answers, and whether
any does. They see the development split of the gold set over the index as it is, and the editorial
questions over indexes that were taught by the others alone: a question compared with itself would
teach that resemblance is always perfect. A third of the lessons hides the editorial questions of
half of the passages, as if those had just been added.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.expansions import EditorialQuestion, editorial_questions
from corpus.library import load_library
from evaluation.ablation import Bench
from evaluation.gold import GOLD_DIR, GoldQuestion, read_gold
from index.asked import Asked
from index.asked_build import learn
from index.encoder import load_encoder
from index.open import Index, open_index
from index.reduction import Reduced

FOLDS = 4
EVERY = 3
"""Of the editorial questions, one in so many is asked: features cost 20 ms a question."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question, and what is right.

    Attributes:
        group: Of paraphrases; they stay together when a fit is cross-validated.
        evidence: Words that a sentence which answers holds, or that hold it; none to stay silent.
        openings: First words of the sentences that answer, for an editorial question.
        gold: Whether it is of the gold set.
    """

    text: str
    history: tuple[str, ...]
    group: str
    evidence: tuple[str, ...]
    openings: tuple[str, ...]
    gold: bool

    @property
    def answerable(self) -> bool:
        """Whether the documents answer."""
        return bool(self.evidence or self.openings)


@dataclass(frozen=True, slots=True)
class Course:
    """Lessons and the index over which they are asked.

    Attributes:
        weight: Of each lesson in a fit.
    """

    index: Index
    lessons: tuple[Lesson, ...]
    weight: float


def development() -> tuple[GoldQuestion, ...]:
    """The development questions of every gold file."""
    found: list[GoldQuestion] = []
    for path in sorted(GOLD_DIR.glob("*.jsonl")):
        found += [q for q in read_gold(path) if q.split == "development"]
    return tuple(found)


def courses(editorial: float) -> Iterator[Course]:
    """All lessons.

    Args:
        editorial: Weight of an editorial question, where one of the gold set counts 1.
    """
    index = open_index()
    gold = tuple(_of_gold(q) for q in development() if q.kind != "refused")
    yield Course(index, gold, 1.0)
    for parity in (0, 1):
        kept = [p.id for p in index.passages if zlib.crc32(p.id.encode()) % 2 == parity]
        asked = index.retriever.asked
        if asked is not None:
            yield Course(_with(index, asked.within(kept)), gold, 0.25)
    yield from _editorial(index, editorial)


def _editorial(index: Index, weight: float) -> Iterator[Course]:
    questions = editorial_questions()
    fold = [zlib.crc32(q.text.encode()) % FOLDS for q in questions]
    encoder = load_encoder("embedded")
    vectors = Reduced.of(encoder.encode_queries([q.text for q in questions]))
    for held_out in range(FOLDS):
        rows = [i for i, f in enumerate(fold) if f != held_out]
        taught = [questions[i] for i in rows]
        held = vectors.take(rows)
        known = learn(taught, held)
        asked = Asked(taught, _places(index), held, known.weights, known.postings)
        lessons = [_of_editor(q) for q, f in zip(questions, fold, strict=True) if f == held_out]
        kept = lessons[::EVERY]
        yield Course(_with(index, asked), tuple(kept), weight)


def _places(index: Index) -> dict[str, Sequence[tuple[str, int]]]:
    asked = index.retriever.asked
    return dict(asked.places) if asked is not None else {}


def _with(index: Index, asked: Asked) -> Index:
    bench = Bench.of(load_library(), load_encoder("embedded"), asked=False)
    return replace(index, retriever=bench.retriever(asked=asked, passages=index.passages))


def _of_gold(question: GoldQuestion) -> Lesson:
    return Lesson(question.question, question.history, question.group, question.evidence, (), True)


def _of_editor(question: EditorialQuestion) -> Lesson:
    return Lesson(question.text, (), question.text, (), question.answers, False)
