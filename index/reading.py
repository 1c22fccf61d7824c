"""A query, read: what retrieval and the ranking of sentences both start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.asked import Asked
from index.encoder import Encoder
from index.likeness import Compared
from index.query import Query
from index.spelling import Spelling

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A query, read once for all that compare it: retrieval, then the ranking of sentences.

    Attributes:
        query: Its words and references.
        vector: Its unit vector, shape ``(dimension,)``.
        compared: With the editorial questions, if the index has any.
    """

    query: Query
    vector: Floats
    compared: Compared | None

    @classmethod
    def of(cls, text: str, spelling: Spelling, encoder: Encoder, asked: Asked | None) -> Reading:
        """Read a query."""
        query = Query.read(text, spelling)
        vector = encoder.encode_queries([query.meant])[0]
        return cls(query, vector, asked.compare(query.words, vector) if asked else None)
