"""Abstention: was silence kept when, and only when, it was right?

Each function takes parallel sequences over questions: ``abstained`` (what was done) and ``should``
(what the gold wants). A ratio whose denominator is empty is ``None``: a system that never abstains
has no abstention precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import fsum


def precision(abstained: Sequence[bool], should: Sequence[bool]) -> float | None:
    """Right abstentions among all abstentions."""
    return _ratio(_right(abstained, should), sum(abstained))


def recall(abstained: Sequence[bool], should: Sequence[bool]) -> float | None:
    """Right abstentions among the questions that want one."""
    return _ratio(_right(abstained, should), sum(should))


def wrong_rate(abstained: Sequence[bool], should: Sequence[bool]) -> float | None:
    """Wrong abstentions among the questions that have an answer (false refusal rate)."""
    wrong = sum(a and not s for a, s in zip(abstained, should, strict=True))
    return _ratio(wrong, len(should) - sum(should))


def risk_coverage(
    confidence: Sequence[float], error: Sequence[float], total: int | None = None
) -> tuple[tuple[float, float], ...]:
    r"""Risk of answering only the most confident part, for every size of that part.

    With the answers in order of falling confidence, the point of the *i* first is

    .. math:: coverage_i = i / n, \quad risk_i = \frac{1}{i} \sum_{j \le i} error_j

    Answers of equal confidence cannot be told apart by a threshold: each takes the mean error of
    its tie, so that the curve does not depend on their order. Source: El-Yaniv and Wiener, JMLR
    11, 2010; Geifman and El-Yaniv, NeurIPS 2017.

    Args:
        confidence: Of each *answered* question.
        error: 1 for a wrong answer, 0 for a right one, of the same questions.
        total: Number *n* of questions, answered or not; by default the answered ones.
    """
    if len(confidence) != len(error):
        raise ValueError(f"{len(confidence)} confidences for {len(error)} errors: give as many")
    n = len(error) if total is None else total
    if n < len(error):
        raise ValueError(f"{n} questions in all for {len(error)} answers: give at least as many")
    pairs = sorted(zip(confidence, error, strict=True), key=lambda pair: -pair[0])
    flat: list[float] = []
    for _, tie in groupby(pairs, key=lambda pair: pair[0]):
        errors = [e for _, e in tie]
        flat += [fsum(errors) / len(errors)] * len(errors)
    points, seen = [], 0.0
    for i, e in enumerate(flat, 1):
        seen += e
        points.append((i / n, seen / i))
    return tuple(points)


def aurc(confidence: Sequence[float], error: Sequence[float]) -> float | None:
    r"""Area under the risk–coverage curve: the mean of its risks; 0 is perfect.

    .. math:: AURC = \frac{1}{m} \sum_{i=1}^{m} risk_i

    over the *m* answers; ``None`` when nothing is answered. Source: Geifman, Uziel and El-Yaniv,
    ICLR 2019.
    """
    points = risk_coverage(confidence, error)
    return fsum(risk for _, risk in points) / len(points) if points else None


def _right(abstained: Sequence[bool], should: Sequence[bool]) -> int:
    return sum(a and s for a, s in zip(abstained, should, strict=True))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
