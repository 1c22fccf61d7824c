"""The fields by which questions are compared, word for word: what they mean, and as written.

Two fields, each with a cosine of its own. *Terms* are unaccented stems and concepts without stop
words: what a question is about. *Written words* are all of its words, unaccented: among them those
by which it asks (*combien*, *si*, *sans*), and a form that the stem loses (*décédé*, *décéder*).
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from corpus.spellings import as_in_law
from index.analysis import Word, coarse, words
from index.concepts import trade

Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Postings = Mapping[str, Rows]
Analyse = Callable[[Sequence[Word]], frozenset[str]]
_CONCEPT_WEIGHT = 0.7  # a concept says less than the word itself


def terms_of(found: Sequence[Word]) -> frozenset[str]:
    """The terms of a text: unaccented stems, and concepts (``=name``)."""
    return frozenset(coarse(w) for w in found if not w.empty) | frozenset(trade().of(found))


def written_of(found: Sequence[Word]) -> frozenset[str]:
    """All words of a text, without their accents."""
    return frozenset(word.folded for word in found)


@lru_cache(maxsize=32_768)
def editorial_words(text: str) -> tuple[Word, ...]:
    """Of an editorial question: each is read by every field.

    Never called with what a user typed, which no cache may hold.
    """
    return words(as_in_law(text))


def _weight(term: str) -> float:
    """Weight of a term before its rarity."""
    return _CONCEPT_WEIGHT if term.startswith("=") else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Editorial questions by one kind of term.

    Attributes:
        analyse: What counts as a term.
        size: Questions.
        postings: The questions that hold each term, ascending.
        idf: Rarity of each term.
        norms: Of each question's weighted terms, shape ``(questions,)``.
        unknown: Rarity of a term that no question holds.
    """

    analyse: Analyse
    size: int
    postings: Postings
    idf: Mapping[str, float]
    norms: Floats
    unknown: float

    @classmethod
    def of(cls, analyse: Analyse, texts: Sequence[str]) -> Field:
        """Analyse questions."""
        held: dict[str, list[int]] = defaultdict(list)
        for i, text in enumerate(texts):
            for term in sorted(analyse(editorial_words(text))):
                held[term].append(i)
        postings = {term: np.array(rows, np.int32) for term, rows in held.items()}
        return cls.weighted(analyse, len(texts), postings)

    @classmethod
    def weighted(cls, analyse: Analyse, size: int, postings: Postings) -> Field:
        """Weigh terms by their rarity."""
        idf = {t: math.log(1 + size / len(rows)) * _weight(t) for t, rows in postings.items()}
        norms = np.zeros(size, np.float32)
        for term, rows in postings.items():
            norms[rows] += idf[term] ** 2
        norms = np.sqrt(np.maximum(norms, 1e-9))
        return cls(analyse, size, postings, idf, norms, math.log(1 + size) if size else 1.0)

    def cosines(self, found: Sequence[Word]) -> Floats:
        """With every editorial question, in their order, shape ``(questions,)``."""
        overlap = np.zeros(self.size, np.float32)
        norm = 0.0
        for term in self.analyse(found):
            idf = self.idf.get(term)
            if idf is None and term.isdigit():
                continue  # an age, an hour: it tells the case and asks nothing
            norm += (self.unknown * _weight(term) if idf is None else idf) ** 2
            if idf is not None:
                overlap[self.postings[term]] += idf * idf
        cosine: Floats = (overlap / (self.norms * math.sqrt(norm or 1.0))).astype(np.float32)
        return cosine


def packed(postings: Postings) -> tuple[bytes, npt.NDArray[np.int32]]:
    """Postings as the names of their terms, in JSON, and one array: their lengths, their rows."""
    lengths = np.array([len(rows) for rows in postings.values()], np.int32)
    names = json.dumps(list(postings), ensure_ascii=False).encode()
    return names, np.concatenate([lengths, *postings.values()])


def unpacked(names: bytes, rows: npt.NDArray[np.int32]) -> dict[str, Rows]:
    """Inverse of `packed`.

    Raises:
        ValueError: When the two do not fit together.
    """
    terms = json.loads(names)
    parts = np.split(rows[len(terms) :], np.cumsum(rows[: len(terms)])[:-1])
    return dict(zip(terms, parts, strict=bool(terms)))


FIELDS: Mapping[str, Analyse] = {"terms": terms_of, "written": written_of}


def fields_of(texts: Iterable[str]) -> dict[str, Field]:
    """Both fields of some questions, by name."""
    asked = tuple(texts)
    return {name: Field.of(analyse, asked) for name, analyse in FIELDS.items()}
