"""The terms by which questions are compared: unaccented stems and concepts, in one field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from corpus.expansions import EditorialQuestion
from corpus.spellings import as_in_law
from index.analysis import Word, coarse, words
from index.concepts import trade

Rows = npt.NDArray[np.int32]
_CONCEPT_WEIGHT = 0.7  # a concept says less than the word itself


def terms_of(found: Sequence[Word]) -> frozenset[str]:
    """The terms of a text: unaccented stems, and concepts (``=name``)."""
    return frozenset(coarse(w) for w in found if not w.empty) | frozenset(trade().of(found))


@lru_cache(maxsize=16_384)
def editorial_terms(text: str) -> frozenset[str]:
    """Of an editorial question: each is indexed by retrieval and by ranking.

    Never called with what a user typed, which no cache may hold.
    """
    return terms_of(words(as_in_law(text)))


def weight(term: str) -> float:
    """Weight of a term before its rarity."""
    return _CONCEPT_WEIGHT if term.startswith("=") else 1.0


def postings_of(questions: Sequence[EditorialQuestion]) -> dict[str, Rows]:
    """The questions that hold each term, ascending."""
    held: dict[str, list[int]] = defaultdict(list)
    for i, question in enumerate(questions):
        for term in sorted(editorial_terms(question.text)):
            held[term].append(i)
    return {term: np.array(rows, np.int32) for term, rows in held.items()}
