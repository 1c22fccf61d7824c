"""Do two reviewers judge alike, beyond chance?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two reviewers share.

    Attributes:
        n: Items that both judged.
        observed: Share of them judged alike, ``None`` without items.
        kappa: Cohen's kappa, ``None`` where it is not defined.
        low: Lower end of its 95 % interval.
        high: Upper end.
    """

    n: int
    observed: float | None = None
    kappa: float | None = None
    low: float | None = None
    high: float | None = None


def cohen(first: Sequence[Hashable], second: Sequence[Hashable]) -> Agreement:
    r"""Cohen's kappa of two reviewers' labels, item by item.

    .. math:: \kappa = \frac{p_o - p_e}{1 - p_e}, \quad p_e = \sum_k p_{1k} \, p_{2k}

    with :math:`p_o` the share of items given the same label and :math:`p_{ik}` the share of
    reviewer i's labels that are k (Cohen 1960). The interval is :math:`\kappa \pm 1.96 \cdot SE`,
    :math:`SE = \sqrt{p_o (1 - p_o) / (n (1 - p_e)^2)}` (same source), cut to [-1, 1]; it is too
    narrow below some thirty items. Kappa is not defined where both give one and the same label to
    every item: chance alone would then agree.

    Raises:
        ValueError: The two sequences have different lengths.
    """
    n = len(first)
    if n != len(second):
        raise ValueError(f"{n} labels and {len(second)}: give both reviewers the same items")
    if not n:
        return Agreement(0)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    one, two = Counter(first), Counter(second)
    # Whole numbers until the last step: "always alike" must be found exactly.
    together = sum(one[label] * two[label] for label in one)
    if together == n * n:
        return Agreement(n, observed)
    expected = together / (n * n)
    kappa = (observed - expected) / (1 - expected)
    error = math.sqrt(observed * (1 - observed) / n) / (1 - expected)
    low, high = max(-1.0, kappa - Z_95 * error), min(1.0, kappa + Z_95 * error)
    return Agreement(n, observed, kappa, low, high)
