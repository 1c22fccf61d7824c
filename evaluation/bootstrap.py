"""How sure is a figure, and is a difference more than chance? Seeded, so that it repeats exactly.

Paraphrases of one question succeed and fail together. The resampled unit is therefore the *group*
of the gold set, not the question: intervals are wider than the usual ones, and honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RESAMPLES = 10_000
SEED = 20_240_607
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the bounds between which it lies at :data:`LEVEL`; ``n`` questions counted."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def half(self) -> float:
        """Half of the width."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Paired:
    """Difference between two runs on the same questions.

    Attributes:
        difference: Mean of ``b - a``, with its interval.
        p: Two-sided p-value of the paired bootstrap, never below 1 / (resamples + 1).
        p_mcnemar: Exact two-sided McNemar p-value, for metrics that are 0 or 1 only.
        better: Questions on which b is above a.
        worse: Questions on which b is below a.
    """

    difference: Interval
    p: float
    p_mcnemar: float | None
    better: int
    worse: int


def ratio_interval(
    parts: Sequence[float],
    wholes: Sequence[float],
    groups: Sequence[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval | None:
    r"""Percentile interval of :math:`\sum parts / \sum wholes` by the cluster bootstrap.

    A mean is the ratio whose every whole is 1; abstention precision, whose denominator is random,
    needs the general form. Source: Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993,
    § 13.3; Field and Welsh, JRSS B 69(3), 2007, for the clusters.

    Args:
        parts: Numerator of each question.
        wholes: Denominator of each question.
        groups: Group of each question; by default each is its own.
        resamples: Number of resamplings.
        seed: Of the generator; the same seed gives the same bounds.

    Returns:
        ``None`` where the denominators are all 0.
    """
    part, whole = _by_group(parts, groups), _by_group(wholes, groups)
    if not whole.sum():
        return None
    n = int(np.count_nonzero(np.asarray(wholes)))
    counts = _resamples(len(part), resamples, seed)
    tops, bottoms = counts @ part, counts @ whole
    means = tops[bottoms > 0] / bottoms[bottoms > 0]
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(part.sum() / whole.sum()), float(low), float(high), n)


def mean_interval(
    values: Sequence[float | None],
    groups: Sequence[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval | None:
    """Interval of the mean of the defined values; ``None`` when there is none."""
    kept = [i for i, v in enumerate(values) if v is not None]
    labels = [groups[i] for i in kept] if groups is not None else None
    defined = [float(values[i] or 0.0) for i in kept]
    if not kept:
        return None
    return ratio_interval(defined, [1.0] * len(kept), labels, resamples, seed)


def paired(
    a: Sequence[float],
    b: Sequence[float],
    groups: Sequence[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Paired | None:
    """Compare two runs, question by question.

    The p-value is twice the smaller share of resampled differences on the wrong side of 0, ties
    counted on both. Source: Efron and Tibshirani, 1993, § 16; Sakai, SIGIR 2006, for its use in
    retrieval. ``None`` without questions.
    """
    if len(a) != len(b):
        raise ValueError(f"{len(a)} values against {len(b)}: compare the same questions")
    if not a:
        return None
    delta = [y - x for x, y in zip(a, b, strict=True)]
    part, whole = _by_group(delta, groups), _by_group([1.0] * len(delta), groups)
    counts = _resamples(len(part), resamples, seed)
    means = (counts @ part) / (counts @ whole)
    tail = min(int((means <= 1e-12).sum()), int((means >= -1e-12).sum()))
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    better, worse = sum(d > 0 for d in delta), sum(d < 0 for d in delta)
    binary = all(v in (0.0, 1.0) for v in (*a, *b))
    return Paired(
        difference=Interval(float(part.sum() / whole.sum()), float(low), float(high), len(delta)),
        p=min(1.0, 2 * (tail + 1) / (resamples + 1)),
        p_mcnemar=mcnemar(worse, better) if binary else None,
        better=better,
        worse=worse,
    )


def mcnemar(only_a: int, only_b: int) -> float:
    r"""Exact two-sided McNemar test on the discordant pairs.

    .. math:: p = \min(1, 2 \sum_{i=0}^{\min(b, c)} \binom{b + c}{i} 2^{-(b + c)})

    1 when there is no discordant pair. Source: McNemar, Psychometrika 12, 1947, in its exact form.

    Args:
        only_a: Questions that only the first run gets right.
        only_b: Questions that only the second run gets right.
    """
    n = only_a + only_b
    tail = sum(comb(n, i) for i in range(min(only_a, only_b) + 1))
    return min(1.0, 2 * tail / 2**n) if n else 1.0


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the order given: several metrics are looked at, not one.

    Source: Holm, Scandinavian Journal of Statistics 6, 1979.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, highest = [1.0] * len(p_values), 0.0
    for place, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[i]))
        adjusted[i] = highest
    return tuple(adjusted)


def _by_group(values: Sequence[float], groups: Sequence[str] | None) -> Array:
    """Sum of the values of each group, groups in order of first appearance."""
    array = np.asarray(values, dtype=np.float64)
    if groups is None:
        return array
    if len(groups) != len(array):
        raise ValueError(f"{len(groups)} groups for {len(array)} values: give as many")
    numbers = {name: i for i, name in enumerate(dict.fromkeys(groups))}
    places = np.fromiter((numbers[g] for g in groups), dtype=np.intp, count=len(groups))
    return np.bincount(places, weights=array, minlength=len(numbers)).astype(np.float64)


@lru_cache(maxsize=16)
def _resamples(n: int, resamples: int, seed: int) -> Array:
    """How often each of ``n`` groups is drawn, one row a resampling (``resamples`` × ``n``)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1 / n), size=resamples).astype(np.float64)
