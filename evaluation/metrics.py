"""Ranking metrics: pure functions of one question's ranking and of what is relevant to it.

Ranks start at 1. ``rel(i)`` is the grade of the passage at rank *i* (0 when it is not relevant),
*R* the set of relevant passages of the whole index. Every function returns ``None`` where the
metric is not defined (nothing is relevant), so that such a question leaves the mean instead of
counting as a success or a failure; an empty ranking is defined, and worth 0.

The values equal those of ``ir-measures`` (``R@k``, ``RR``, ``nDCG@k``, ``Success@k``), which calls
trec_eval: a test compares them on 1,000 random runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import fsum, log2


def recall_at(ranked: Sequence[str], relevant: Collection[str], k: int) -> float | None:
    r"""Share of the relevant passages that the first ``k`` hold.

    .. math:: R@k = |R \cap \{ranked_1 … ranked_k\}| / |R|

    Source: Manning, Raghavan and Schütze, *Introduction to Information Retrieval*, 2008, § 8.3.
    """
    top = _top(ranked, k)
    return sum(p in relevant for p in top) / len(relevant) if relevant else None


def success_at(ranked: Sequence[str], relevant: Collection[str], k: int) -> float | None:
    """1 when at least one relevant passage is among the first ``k``, else 0 (also called hit@k).

    Source: trec_eval, measure ``success``.
    """
    top = _top(ranked, k)
    return float(any(p in relevant for p in top)) if relevant else None


def reciprocal_rank(
    ranked: Sequence[str], relevant: Collection[str], k: int | None = None
) -> float | None:
    r"""Inverse of the rank of the first relevant passage; 0 when none is ranked.

    .. math:: RR = 1 / \min\{i : ranked_i \in R\}

    Its mean over questions is the MRR. Source: Voorhees, TREC-8 question answering track, 1999.
    """
    if not relevant:
        return None
    top = _top(ranked, len(ranked) or 1 if k is None else k)
    return next((1 / i for i, p in enumerate(top, 1) if p in relevant), 0.0)


def ndcg_at(ranked: Sequence[str], grades: Mapping[str, float], k: int) -> float | None:
    r"""Discounted gain of the first ``k``, over that of the best possible ranking.

    .. math:: DCG@k = \sum_{i=1}^{k} rel(i) / \log_2(i + 1), \quad nDCG@k = DCG@k / IDCG@k

    The gain is the grade itself, as in trec_eval, and not :math:`2^{rel} - 1`; both agree on the
    binary grades used here. Source: Järvelin and Kekäläinen, ACM TOIS 20(4), 2002.
    """
    top = _top(ranked, k)
    ideal = _dcg(sorted((g for g in grades.values() if g > 0), reverse=True)[:k])
    return _dcg(grades.get(p, 0.0) for p in top) / ideal if ideal else None


def _dcg(gains: Iterable[float]) -> float:
    return fsum(g / log2(i + 1) for i, g in enumerate(gains, 1))


def _top(ranked: Sequence[str], k: int) -> Sequence[str]:
    if k < 1:
        raise ValueError(f"k is {k}: give at least 1")
    top = ranked[:k]
    if len(set(top)) != len(top):
        raise ValueError("a passage is ranked twice: rank each once")
    return top


def quantile(values: Sequence[float], q: float) -> float | None:
    """Linear-interpolation quantile (Hyndman and Fan's type 7), ``None`` of nothing.

    Args:
        values: Any order.
        q: In [0, 1]: 0.5 for the median, 0.95 for p95.
    """
    if not 0 <= q <= 1:
        raise ValueError(f"q is {q}: give a number between 0 and 1")
    if not values:
        return None
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def mean(values: Iterable[float | None]) -> float | None:
    """Mean of the defined values, ``None`` when there is none."""
    defined = [v for v in values if v is not None]
    return fsum(defined) / len(defined) if defined else None
