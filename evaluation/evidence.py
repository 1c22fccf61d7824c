"""Evidence: which passages hold what a question must be answered from.

A gold question names verbatim spans, not passage ids, so that one gold set judges any chunking. A
passage is relevant when it contains a span, after :func:`normalise` alone: no stemming, no case
folding, no fuzzy match. A span that a chunking cuts in two is held by no passage, and counts
against that chunking.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

Mode = Literal["any", "all"]

_SAME = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‑": "-", "­": ""})


def normalise(text: str) -> str:
    """NFC, one kind of apostrophe and of hyphen, and each run of white space one space."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(_SAME)).strip()


def holds(passage: str, spans: Iterable[str]) -> tuple[bool, ...]:
    """Whether a passage contains each span; an empty span is contained by nothing."""
    text = normalise(passage)
    wanted = [normalise(span) for span in spans]
    return tuple(bool(span) and span in text for span in wanted)


def evidence_recall(
    passages: Sequence[str], spans: Sequence[str], mode: Mode, k: int | None = None
) -> float | None:
    r"""Share of the evidence that the first ``k`` passages cover.

    With mode ``all``, :math:`|\{s : \exists i \le k, s \subseteq p_i\}| / |spans|`; with ``any``,
    where one span is enough to answer, 1 as soon as one is covered. ``None`` without spans.
    """
    if not spans:
        return None
    if k is not None and k < 1:
        raise ValueError(f"k is {k}: give at least 1")
    covered = [False] * len(spans)
    for passage in passages[:k]:
        covered = [a or b for a, b in zip(covered, holds(passage, spans), strict=True)]
    return float(any(covered)) if mode == "any" else sum(covered) / len(spans)


def overlap(quote: str, passage: str, span: str) -> bool:
    """Whether a quote and a span share at least one character of the passage that holds both.

    Either may be the longer: a quote may be one sentence of a span, or hold the span whole.
    """
    whole, part, wanted = normalise(passage), normalise(quote), normalise(span)
    if not part or not wanted:
        return False
    if part in wanted or wanted in part:
        return True
    at, target = whole.find(part), whole.find(wanted)
    return at >= 0 and target >= 0 and at < target + len(wanted) and target < at + len(part)
