"""Fusion: one score out of several, by a convex combination whose weights are data.

For each query a lexical score is divided by its maximum over the allowed passages and a cosine is
scaled from its minimum to its maximum; the weights add up to one. A weak signal then does little
harm, which rank fusion cannot promise (Bruch, Gai and Ingber 2023, "An Analysis of Fusion
Functions for Hybrid Retrieval", find convex combination ahead of reciprocal ranks as well).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

from index.analysis import DATA

Floats = npt.NDArray[np.float32]

WEIGHTS_FILE = DATA / "weights.json"
OTHER = "*"


def by_maximum(scores: Floats) -> Floats:
    """Scores that are 0 for no match, divided by the best: in [0, 1], all 0 without a match."""
    best = float(scores.max(initial=0.0))
    return scores / np.float32(best) if best > 0 else np.zeros_like(scores)


def by_range(scores: Floats, allowed: npt.NDArray[np.bool_]) -> Floats:
    """Cosines scaled to [0, 1] over the allowed passages; the others, and a constant, become 0."""
    scaled = np.zeros_like(scores)
    if allowed.any():
        low, high = float(scores[allowed].min()), float(scores[allowed].max())
        if high > low:
            scaled[allowed] = (scores[allowed] - low) / np.float32(high - low)
    return scaled


def fuse(signals: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """The weighted sum of normalised signals; a signal without a weight counts for nothing."""
    total = np.zeros_like(next(iter(signals.values())))
    for name, values in signals.items():
        total += np.float32(weights.get(name, 0.0)) * values
    return total


@cache
def weights_for(encoder: str) -> Mapping[str, float]:
    """The weights fitted with an encoder, by its name; those of ``*`` for an unknown one.

    They come from ``data/weights.json``, which tells how they were fitted; they are scaled to add
    up to one.
    """
    table = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))["encoders"]
    weights: dict[str, float] = table.get(encoder, table[OTHER])
    total = sum(weights.values())
    return {name: value / total for name, value in weights.items()}
