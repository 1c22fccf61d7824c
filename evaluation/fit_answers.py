"""Fits how answers are chosen, on the development split: ``python -m evaluation.fit_answers``.

A sentence is a positive example when it holds, or is held by, an evidence span of its question.
Logistic regression with an L2 penalty, by Newton's method; questions weigh the same whatever
their number of sentences. The penalty is chosen by cross-validation over groups of paraphrases.
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

from evaluation.gold import GOLD_DIR, GoldQuestion, read_gold
from index.open import Index, open_index
from qa.pipeline import CANDIDATES
from qa.question import DATA, read
from qa.ranking import FEATURES, Candidate, Ranker

PENALTIES = (0.3, 1.0, 3.0, 10.0)
FOLDS = 5
EDITORIAL_STEP = 3  # one editorial question in three is enough, and keeps a fit under a minute
EDITORIAL_WEIGHT = 0.3


@dataclass(frozen=True)
class Example:
    """The candidates of one question: features ``(n, features)`` and labels ``(n,)``."""

    group: str
    features: Any
    labels: Any
    keys: tuple[tuple[str, int], ...]
    weight: float = 1.0


def plain(text: str) -> str:
    """Text as evidence is compared: lower case, straight apostrophes, single spaces."""
    return " ".join(re.sub(r"[’']", "'", text.lower()).split())


def development() -> tuple[GoldQuestion, ...]:
    """The development questions of every gold file."""
    found: list[GoldQuestion] = []
    for path in sorted(GOLD_DIR.glob("*.jsonl")):
        found += [q for q in read_gold(path) if q.split == "development"]
    return tuple(found)


def examples(gold: Sequence[GoldQuestion], ranker: Ranker, index: Index) -> Iterator[Example]:
    """Candidates and labels of the answerable questions."""
    for one in gold:
        if not one.answerable:
            continue
        candidates = _candidates(one.question, one.history, ranker, index)
        spans = [plain(span) for span in one.evidence]
        labels = [float(any(_same(span, plain(c.unit.text)) for span in spans)) for c in candidates]
        if candidates:
            yield _example(one.group, candidates, labels)


def editorial(ranker: Ranker, index: Index) -> Iterator[Example]:
    """A sample of the editorial questions, each ranked as if it had not been written."""
    asked = ranker.editorial
    for i in range(0, len(asked), EDITORIAL_STEP):
        passage, start = asked.keys[asked.owners[i]]
        candidates = _candidates(asked.texts[i], (), ranker, index, i)
        labels = [float(c.unit.passage.id == passage and c.unit.start == start) for c in candidates]
        if any(labels):
            yield _example(passage, candidates, labels, EDITORIAL_WEIGHT)


def _candidates(
    text: str, history: Sequence[str], ranker: Ranker, index: Index, without: int | None = None
) -> Sequence[Candidate]:
    question = read(text, history)
    hits = index.retriever.search(question.query, CANDIDATES)
    return ranker.rank(ranker.ask(question, index.retriever.read(question.query), without), hits)


def _example(
    group: str, candidates: Sequence[Candidate], labels: Sequence[float], weight: float = 1.0
) -> Example:
    return Example(
        group,
        np.array([c.features for c in candidates]),
        np.array(labels),
        tuple(c.unit.key for c in candidates),
        weight,
    )


def _same(span: str, text: str) -> bool:
    return span in text or (len(text) > 30 and text in span)


def fit(data: Sequence[Example], penalty: float) -> Any:
    """Weights and intercept, the intercept last; shape ``(features + 1,)``."""
    x = np.concatenate([e.features for e in data])
    x = np.hstack([x, np.ones((len(x), 1))])
    y = np.concatenate([e.labels for e in data])
    balance = np.concatenate(
        [np.full(len(e.labels), 20.0 * e.weight / len(e.labels)) for e in data]
    )
    w = np.zeros(x.shape[1])
    ridge = np.full(x.shape[1], penalty)
    ridge[-1] = 1e-6
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ w)))
        gradient = x.T @ (balance * (p - y)) + ridge * w
        hessian = (x * (balance * p * (1 - p))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return w


def success(data: Sequence[Example], w: Any, k: int) -> float:
    """Share of questions with a positive sentence among the ``k`` best."""
    hit = 0
    for e in data:
        scores = e.features @ w[:-1]
        best = np.argsort(-scores, kind="stable")[:k]
        hit += bool(e.labels[best].any())
    return hit / len(data)


def cross_validated(
    data: Sequence[Example], more: Sequence[Example], penalty: float
) -> dict[str, float]:
    """Out-of-fold success@1, @3 and @5; a group of paraphrases stays in one fold."""
    fold = [zlib.crc32(e.group.encode()) % FOLDS for e in data]
    totals = {1: 0.0, 3: 0.0, 5: 0.0}
    for f in range(FOLDS):
        test = [e for e, g in zip(data, fold, strict=True) if g == f]
        if test:
            seen = [e for e, g in zip(data, fold, strict=True) if g != f]
            w = fit([*seen, *more], penalty)
            for k in totals:
                totals[k] += success(test, w, k) * len(test)
    return {f"success@{k}": round(v / len(data), 4) for k, v in totals.items()}


def main() -> int:
    """Fit and write the weights; prints what cross-validation gives."""
    index = open_index()
    ranker = Ranker(index, weights=[0.0] * (len(FEATURES) + 1))
    data = list(examples(development(), ranker, index))
    more = list(editorial(ranker, index))
    table = {penalty: cross_validated(data, more, penalty) for penalty in PENALTIES}
    for penalty, row in table.items():
        print(penalty, row)
    best = max(PENALTIES, key=lambda p: table[p]["success@3"] + table[p]["success@1"])
    w = fit([*data, *more], best)
    document = {
        "provenance": "fitted by `python -m evaluation.fit_answers` on the development split",
        "questions": len(data),
        "editorial_questions": len(more),
        "penalty": best,
        "cross_validation": table[best],
        "intercept": round(float(w[-1]), 4),
        "weights": {name: round(float(v), 4) for name, v in zip(FEATURES, w, strict=False)},
    }
    path = DATA / "ranking.json"
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
