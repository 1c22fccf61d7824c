"""Why a sentence is not shown: one typed value a fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "no_citation",  # it cites nothing
    "unknown_key",  # it cites a number that was not offered
    "quote",  # a quotation is not verbatim at its offsets
    "reference",  # an article, decision, chamber or inner number is not the cited passage's
    "date",
    "figure",  # an amount, a duration, a percentage or a count
    "support",  # its words are not those of what it cites
    "negation",  # denied here and affirmed there, or the reverse
    "modality",  # may, must, need not, it seems: not the same
    "contrary",  # a word stands where the source has another of its kind, or its contrary
    "role",  # the persons have changed places
    "condition",  # a condition, an exception or a restriction was lost or added
]


@dataclass(frozen=True, slots=True)
class Failure:
    """One fault of one sentence.

    Attributes:
        detail: The words at fault, as written in the sentence or its source.
    """

    code: Code
    detail: str
