"""Search among the editorial questions: what was asked is nearer to a question than any answer is.

A question and the sentence that answers it often share no word. Two questions for the same answer
do, or mean nearly the same: each sentence is therefore also found through the questions that
``corpus.expansions`` ties to it, by their words (cosine of rarity-weighted terms, stems and
concepts alike) and by their meaning (cosine of the encoder).
"""

from __future__ import annotations

import copy
import io
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.expansions import Expansion
from index.analysis import Word, coarse, words
from index.concepts import trade
from index.encoder import Encoder

Floats = npt.NDArray[np.float32]
_CONCEPT_WEIGHT = 0.7  # a concept says less than the word itself


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near the editorial questions of each sentence are to one question.

    Attributes:
        words: By sentence (passage id, offset), the best cosine of terms, in [0, 1].
        meaning: By sentence, the best cosine of vectors, in [-1, 1].
    """

    words: dict[tuple[str, int], float]
    meaning: dict[tuple[str, int], float]


class Asked:
    """The editorial questions of an index; immutable, safe to share between threads.

    Args:
        expansions: Questions by sentence.
        vectors: Of the questions, in order: shape ``(questions, dimension)``, unit rows.
    """

    def __init__(self, expansions: Sequence[Expansion], vectors: Floats) -> None:
        rows = [((e.passage, e.start), text) for e in expansions for text in e.asked]
        if len(rows) != len(vectors):
            raise ValueError(f"{len(vectors)} vectors for {len(rows)} editorial questions")
        self.expansions = tuple(expansions)
        self.keys = tuple(dict.fromkeys(key for key, _ in rows))
        place = {key: i for i, key in enumerate(self.keys)}
        self.owners = np.array([place[key] for key, _ in rows], np.int64)
        self.texts = tuple(text for _, text in rows)
        self._vectors = vectors
        self._index_terms([_editorial_terms(text) for text in self.texts])

    @classmethod
    def build(cls, expansions: Iterable[Expansion], encoder: Encoder) -> Asked:
        """Embed the questions."""
        found = tuple(expansions)
        texts = [text for expansion in found for text in expansion.asked]
        return cls(found, encoder.encode_queries(texts))

    def to_files(self) -> dict[str, bytes]:
        """Name and bytes of each file; vectors in half precision, 1e-3 of a cosine."""
        vectors = io.BytesIO()
        np.save(vectors, self._vectors.astype(np.float16), allow_pickle=False)
        rows = ([e.passage, e.start, list(e.asked)] for e in self.expansions)
        lines = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
        return {"asked.jsonl": lines, "asked.npy": vectors.getvalue()}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Asked:
        """Inverse of `to_files`; the bytes must have been verified against their manifest.

        Raises:
            KeyError: When a file is missing.
            ValueError: When vectors and questions do not fit together.
        """
        rows = [json.loads(line) for line in files["asked.jsonl"].splitlines()]
        vectors = np.load(io.BytesIO(files["asked.npy"]), allow_pickle=False)
        found = tuple(Expansion(passage, start, tuple(asked)) for passage, start, asked in rows)
        return cls(found, vectors.astype(np.float32))

    def _index_terms(self, rows: Sequence[frozenset[str]]) -> None:
        held: dict[str, list[int]] = defaultdict(list)
        for i, terms in enumerate(rows):
            for term in terms:
                held[term].append(i)
        self._idf = {
            term: math.log(1 + len(rows) / len(where)) * weight(term)
            for term, where in held.items()
        }
        self._postings = {term: np.array(where, np.int64) for term, where in held.items()}
        self._unknown = math.log(1 + len(rows)) if rows else 1.0
        norms = np.zeros(len(rows), np.float32)
        for term, where in self._postings.items():
            norms[where] += self._idf[term] ** 2
        self._norms = np.sqrt(np.maximum(norms, 1e-9))

    def __len__(self) -> int:
        return len(self.owners)

    def holds(self, term: str) -> bool:
        """Whether any question holds a term."""
        return term in self._idf

    def likeness(
        self, found: Sequence[Word], vector: Floats, without: int | None = None
    ) -> Likeness:
        """Compare a question with every editorial question.

        Args:
            found: Its words, as meant.
            vector: Its unit vector, shape ``(dimension,)``.
            without: A question left out: itself, when the editorial questions train a model.
        """
        if not len(self):
            return Likeness({}, {})
        cosine, meaning = self.compare(found, vector)
        if without is not None:
            cosine[without], meaning[without] = 0.0, -1.0
        return Likeness(self._best(cosine), self._best(meaning))

    def compare(self, found: Sequence[Word], vector: Floats) -> tuple[Floats, Floats]:
        """Cosines of terms and of vectors with every editorial question, in their order.

        Args:
            found: The words of a question, as meant.
            vector: Its unit vector, shape ``(dimension,)``.
        """
        overlap = np.zeros(len(self), np.float32)
        norm = 0.0
        for term in terms_of(found):
            idf = self._idf.get(term)
            norm += (self._unknown * weight(term) if idf is None else idf) ** 2
            if idf is not None:
                overlap[self._postings[term]] += idf * idf
        cosine = overlap / (self._norms * math.sqrt(norm or 1.0))
        meaning: Floats = self._vectors @ vector
        return cosine.astype(np.float32), meaning

    def nearest(self, found: Sequence[Word], vector: Floats, k: int) -> tuple[str, ...]:
        """Ids of passages that own one of the ``k`` nearest questions, by words or by meaning.

        Args:
            found: The words of a question, as meant.
            vector: Its unit vector.
            k: Questions taken on each side.
        """
        rows = [
            row
            for values in self.compare(found, vector)
            for row in np.argsort(-values)[:k].tolist()
        ]
        return tuple(dict.fromkeys(self.keys[self.owners[row]][0] for row in rows))

    def rekeyed(self, keys: Sequence[tuple[str, int]]) -> Asked:
        """The same questions, their sentences named anew, in the order of ``keys``."""
        other = copy.copy(self)
        other.keys = tuple(keys)
        return other

    def _best(self, values: npt.NDArray[Any]) -> dict[tuple[str, int], float]:
        best = np.full(len(self.keys), -1.0, np.float32)
        np.maximum.at(best, self.owners, values)
        return dict(zip(self.keys, best.tolist(), strict=True))


def terms_of(found: Sequence[Word]) -> frozenset[str]:
    """The terms of a text: unaccented stems, and concepts (``=name``)."""
    return frozenset(coarse(w) for w in found if not w.empty) | frozenset(trade().of(found))


@lru_cache(maxsize=16_384)
def _editorial_terms(text: str) -> frozenset[str]:
    """Of an editorial question: each is indexed by retrieval and by ranking.

    Never called with what a user typed, which no cache may hold.
    """
    return terms_of(words(text))


def weight(term: str) -> float:
    """Weight of a term before its rarity."""
    return _CONCEPT_WEIGHT if term.startswith("=") else 1.0
