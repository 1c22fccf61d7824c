"""How near a question is to the editorial questions, sentence by sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.expansions import Place

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One question beside all editorial questions, by column, the special ones last.

    Each of shape ``(columns + Special,)`` (`index.learnt`).

    Attributes:
        words: The best cosine of terms.
        meaning: The best cosine of vectors.
        learnt: The learnt score.
    """

    words: Floats
    meaning: Floats
    learnt: Floats


@dataclass(frozen=True, slots=True)
class Silence:
    """How much a question resembles those that the documents do not answer.

    Attributes:
        words: The best cosine of terms with one of them.
        meaning: The best cosine of vectors.
        unanswered: Learnt score of “not answered”.
        refused: Learnt score of “must not be given”.
        absent: The best learnt score of a sentence that no passage of the index holds.
        answered: Learnt score of “answered by some sentence”.
    """

    words: float = 0.0
    meaning: float = 0.0
    unanswered: float = 0.0
    refused: float = 0.0
    absent: float = 0.0
    answered: float = 0.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near the editorial questions of each sentence are to one question.

    Attributes:
        words: By sentence, the best cosine of terms, in [0, 1].
        meaning: By sentence, the best cosine of vectors, in [-1, 1].
        learnt: By sentence, how far it answers, near 0 when it does not, near 1 when it does.
        kin: By sentence, how far those answer that answer the same editorial questions.
    """

    words: Mapping[Place, float]
    meaning: Mapping[Place, float]
    learnt: Mapping[Place, float]
    kin: Mapping[Place, float]
    silence: Silence = Silence()
