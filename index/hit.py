"""The value of this stage: a passage found, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from corpus.passage import Passage


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query.

    Attributes:
        passage: The passage, as stored in the generation that answered.
        score: Fused score, higher is better; comparable within one query only.
        signals: Where it came from, by name: ``bm25``, ``dense``, ``reference``, ``heading``…
            each the candidate's own normalised value in [0, 1].
        matched: Words of the query (as written by the user) found in the passage.
        rank: 1 for the best.
    """

    passage: Passage
    score: float
    signals: Mapping[str, float] = field(default_factory=dict)
    matched: tuple[str, ...] = ()
    rank: int = 0
