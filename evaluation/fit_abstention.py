"""Fits when to say nothing, on the development split: ``python -m evaluation.fit_abstention``.

Logistic regression over the signals of ``qa.abstention``, from `evaluation.lessons`: development
questions and editorial ones, answered or not; never a test question. The threshold is where, out of
fold, half of the wrong silences that are allowed are spent on the development questions.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.lessons import courses
from qa.abstention import SIGNALS, by_rule, signals
from qa.pipeline import CANDIDATES
from qa.question import DATA, read
from qa.ranking import Ranker

WRONG_SILENCE = 0.025
"""Half of the 5 % that are allowed. A wrong yes is worse than silence, so silences are spent; but
development questions were read while the engine was made, and on others both shares are worse."""
PENALTY = 0.3
FOLDS = 5
EDITORIAL = 0.2  # weight of an editorial question
NEAR_COVERAGE = 0.35


@dataclass(frozen=True)
class Row:
    """Signals of a question, whether the documents answer it, and how much it counts."""

    values: tuple[float, ...]
    answerable: bool
    fold: int
    weight: float

    @property
    def gold(self) -> bool:
        """Whether it is a gold question over the index as it is."""
        return self.weight == 1


def rows() -> Iterator[Row]:
    """Signals of the questions on which no rule decides."""
    for course in courses(EDITORIAL):
        ranker = Ranker(course.index)
        for lesson in course.lessons:
            question = read(lesson.text, lesson.history)
            if question.forbidden or not question.asked or not question.french:
                continue
            reading = course.index.retriever.read(question.query)
            prepared = ranker.ask(question, reading)
            ranked = ranker.rank(prepared, course.index.retriever.search(reading, CANDIDATES))
            if by_rule(prepared, ranked, ranker) is None:
                fold = zlib.crc32(lesson.group.encode()) % FOLDS
                values = signals(prepared, ranked, ranker)
                yield Row(values, lesson.answerable, fold, course.weight)


def fit(data: list[Row]) -> Any:
    """Weights and intercept (last) of a balanced logistic regression, by Newton's method."""
    x = np.array([[*r.values, 1.0] for r in data])
    y = np.array([float(r.answerable) for r in data])
    own = np.array([r.weight for r in data])
    share = np.where(y > 0, 0.5 / (own * y).mean(), 0.5 / (own * (1 - y)).mean()) * own
    w = np.zeros(x.shape[1])
    ridge = np.full(x.shape[1], PENALTY)
    ridge[-1] = 1e-6
    for _ in range(60):
        p = 1 / (1 + np.exp(-(x @ w)))
        hessian = (x * (share * p * (1 - p))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(hessian, x.T @ (share * (p - y)) + ridge * w)
        w -= step
        if np.abs(step).max() < 1e-9:
            break
    return w


def out_of_fold(data: list[Row]) -> Any:
    """Probability of each row from a model that did not see its group."""
    p = np.zeros(len(data))
    for f in range(FOLDS):
        w = fit([r for r in data if r.fold != f])
        for i, r in enumerate(data):
            if r.fold == f:
                p[i] = 1 / (1 + np.exp(-(np.array([*r.values, 1.0]) @ w)))
    return p


def best_threshold(data: list[Row], p: Any) -> tuple[float, float, float]:
    """Threshold, wrong silences and right silences on the development questions, out of fold."""
    yes = np.array([v for v, r in zip(p, data, strict=True) if r.gold and r.answerable])
    no = np.array([v for v, r in zip(p, data, strict=True) if r.gold and not r.answerable])
    threshold = float(np.quantile(yes, WRONG_SILENCE))
    return threshold, float((yes < threshold).mean()), float((no < threshold).mean())


def main() -> int:
    """Fit, print what cross-validation gives, and write the model."""
    data = list(rows())
    p = out_of_fold(data)
    threshold, wrong, right = best_threshold(data, p)
    print(f"{len(data)} questions, threshold {threshold:.3f}: wrong {wrong:.3f}, right {right:.3f}")
    for share in (0.02, 0.05, 0.08, 0.1, 0.15):
        yes = np.array([v for v, r in zip(p, data, strict=True) if r.gold and r.answerable])
        no = np.array([v for v, r in zip(p, data, strict=True) if r.gold and not r.answerable])
        print(f"  wrong {share:.2f} → right {(no < np.quantile(yes, share)).mean():.3f}")
    w = fit(data)
    document = {
        "provenance": "fitted by `python -m evaluation.fit_abstention` on the development split",
        "questions": len(data),
        "cross_validation": {"wrong": round(wrong, 4), "right": round(right, 4)},
        "threshold": round(threshold, 4),
        "near_coverage": NEAR_COVERAGE,
        "intercept": round(float(w[-1]), 4),
        "weights": {name: round(float(v), 4) for name, v in zip(SIGNALS, w, strict=False)},
    }
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    (DATA / "abstention.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
