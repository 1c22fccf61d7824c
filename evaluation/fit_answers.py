"""Fits how answers are chosen: ``python -m evaluation.fit_answers`` (two minutes).

It learns from `evaluation.lessons`; what it prints is cross-validated on the development split. A
sentence is a positive example when it holds, or is held by, an evidence span of its question.
The sentences of a question are ranked as one list; the penalty is chosen by cross-validation over
groups of paraphrases.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.lessons import Course, Lesson, courses
from index.open import Index
from qa.features import FEATURES
from qa.pipeline import CANDIDATES
from qa.question import DATA, read
from qa.ranking import Candidate, Ranker

PENALTIES = (0.003, 0.01, 0.03)
STEPS, RATE = 300, 0.03
FOLDS = 5
EDITORIAL = 0.1


@dataclass(frozen=True)
class Example:
    """The candidates of one question: features ``(n, features)`` and labels ``(n,)``."""

    group: str
    features: Any
    labels: Any
    weight: float


def plain(text: str) -> str:
    """Text as evidence is compared: lower case, straight apostrophes, single spaces."""
    return " ".join(re.sub(r"[’']", "'", text.lower()).split())


def examples(course: Course, weights: Sequence[float] | None = None) -> Iterator[Example]:
    """Candidates and labels of the answerable questions of a course."""
    ranker = Ranker(course.index, weights)
    for lesson in course.lessons:
        if not lesson.answerable:
            continue
        candidates = candidates_of(lesson, ranker, course.index)
        spans = [plain(span) for span in lesson.evidence]
        labels = [
            float(
                any(_same(span, plain(c.unit.text)) for span in spans)
                or c.unit.text.startswith(lesson.openings or ("\0",))
            )
            for c in candidates
        ]
        if candidates:
            yield Example(
                lesson.group,
                np.array([c.features for c in candidates]),
                np.array(labels),
                course.weight,
            )


def candidates_of(lesson: Lesson, ranker: Ranker, index: Index) -> Sequence[Candidate]:
    """The sentences ranked for a lesson's question, as the engine ranks them."""
    question = read(lesson.text, lesson.history)
    reading = index.retriever.read(question.query)
    return ranker.rank(ranker.ask(question, reading), index.retriever.search(reading, CANDIDATES))


def _same(span: str, text: str) -> bool:
    return span in text or (len(text) > 30 and text in span)


def fit(data: Sequence[Example], penalty: float) -> Any:
    """Weights of the features, shape ``(features,)``, by the listwise loss.

    The cross-entropy between the positive sentences and the softmax of the scores (Cao et al.
    2007, "Learning to Rank"), with an L2 penalty on standardised features; Adam, all questions in
    each step, so that the result is the same every time.
    """
    data = [e for e in data if e.labels.any()]
    stacked = np.concatenate([e.features for e in data])
    mean, spread = stacked.mean(axis=0), stacked.std(axis=0) + 1e-6
    size = max(len(e.labels) for e in data)
    x = np.zeros((len(data), size, len(FEATURES)))
    there, right = np.zeros((len(data), size), np.bool_), np.zeros((len(data), size), np.bool_)
    for i, e in enumerate(data):
        x[i, : len(e.labels)] = (e.features - mean) / spread
        there[i, : len(e.labels)] = True
        right[i, : len(e.labels)] = e.labels > 0
    share = np.array([e.weight for e in data])
    share /= share.sum()
    w, first, second = (np.zeros(len(FEATURES)) for _ in range(3))
    for step in range(1, STEPS + 1):
        pull = _softmax(x @ w, there) - _softmax(x @ w, right)
        gradient = np.einsum("qs,qsf,q->f", pull, x, share, optimize=True) + penalty * w
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        w -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return w / spread


def _softmax(scores: Any, kept: Any) -> Any:
    """Softmax over the entries kept of each row, 0 elsewhere."""
    masked = np.where(kept, scores, -np.inf)
    raised = np.exp(masked - masked.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def success(data: Sequence[Example], w: Any, k: int) -> float:
    """Share of questions with a positive sentence among the ``k`` best."""
    hit = 0
    for e in data:
        scores = e.features @ w
        best = np.argsort(-scores, kind="stable")[:k]
        hit += bool(e.labels[best].any())
    return hit / len(data)


def cross_validated(data: Sequence[Example], penalty: float) -> dict[str, float]:
    """Success@1, @3 and @5 on the gold questions, out of fold; a group stays in one fold."""
    fold = [zlib.crc32(e.group.encode()) % FOLDS for e in data]
    totals, size = {1: 0.0, 3: 0.0, 5: 0.0}, 0
    for f in range(FOLDS):
        test = [e for e, g in zip(data, fold, strict=True) if g == f and e.weight == 1]
        if test:
            w = fit([e for e, g in zip(data, fold, strict=True) if g != f], penalty)
            size += len(test)
            for k in totals:
                totals[k] += success(test, w, k) * len(test)
    return {f"success@{k}": round(v / size, 4) for k, v in totals.items()}


def main() -> int:
    """Fit and write the weights; prints what cross-validation gives."""
    blank = [0.0] * len(FEATURES)
    data = [e for course in courses(EDITORIAL) for e in examples(course, blank)]
    table = {penalty: cross_validated(data, penalty) for penalty in PENALTIES}
    for penalty, row in table.items():
        print(penalty, row)
    best = max(PENALTIES, key=lambda p: table[p]["success@3"] + table[p]["success@1"])
    w = fit(data, best)
    document = {
        "provenance": "fitted by `python -m evaluation.fit_answers` on the development split",
        "questions": len(data),
        "penalty": best,
        "cross_validation": table[best],
        "weights": {name: round(float(v), 4) for name, v in zip(FEATURES, w, strict=False)},
    }
    path = DATA / "ranking.json"
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
