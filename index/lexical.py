"""Lexical retrieval: three BM25 fields over the same passages.

``words`` counts the stems of the text, accents and all: the plain BM25 that everything else is
compared with. ``terms`` counts what a passage is about: unaccented stems and concepts
(`index.concepts`), of its text and of the headings above it, in one field, so that a word and its
concept weigh on one scale. ``grams`` counts character n-grams, for typing errors that spelling
does not mend. Each is its own BM25: the lengths and frequencies of one say nothing of the others.

The weights are computed when an index is opened, from the counts that it keeps (`index.counts`); a
query then only adds columns of that matrix, which takes one `numpy.bincount`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.passage import Passage
from index import analysis
from index.analysis import Word
from index.concepts import trade
from index.counts import Counts

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spec:
    """A field and its BM25 parameters (Robertson and Zaragoza 2009, Lucene's variant)."""

    name: str
    k1: float
    b: float


FIELDS: tuple[Spec, ...] = (
    Spec("words", 1.2, 0.75),
    Spec("terms", 1.2, 0.75),
    Spec("grams", 1.2, 0.75),
)


def terms_of(words: Sequence[Word]) -> list[str]:
    """What words are about: their unaccented stems, and their concepts."""
    return [*analysis.folded_stems(words), *trade().of(words)]


def query_terms(field: str, words: Sequence[Word]) -> list[str]:
    """What ``field`` looks up for the words of a query."""
    if field == "words":
        return analysis.stems(words)
    return analysis.grams(words) if field == "grams" else terms_of(words)


def passage_terms(field: str, passage: Passage, words: Sequence[Word] | None = None) -> list[str]:
    """What ``field`` counts in a passage, whose ``words`` the caller may have found already."""
    found = query_terms(field, analysis.words(passage.text) if words is None else words)
    if field == "terms":
        heading = " \n ".join(dict.fromkeys((*passage.section, passage.title, passage.ref)))
        found += terms_of(analysis.words(heading))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The BM25 weights of one field: a sparse matrix by columns, one column for each term.

    Attributes:
        vocabulary: Column of each term.
        data: Weights, float32, column after column.
        indices: Row (passage) of each weight, ascending in a column.
        indptr: Start of each column in the two former; one more than there are columns.
        size: Number of passages.
    """

    vocabulary: Mapping[str, int]
    data: Floats
    indices: Rows
    indptr: Rows
    size: int

    @classmethod
    def build(cls, documents: Sequence[Sequence[str]], k1: float, b: float) -> Field:
        """Weigh the terms of each passage."""
        return cls.weigh(Counts.build(documents), k1, b)

    @classmethod
    def weigh(cls, counts: Counts, k1: float, b: float) -> Field:
        """The weights of counts; see :meth:`index.counts.Counts.weights`."""
        vocabulary = {term: column for column, term in enumerate(counts.terms)}
        weights = counts.weights(k1, b)
        return cls(vocabulary, weights, counts.indices, counts.indptr, counts.size)

    def rows(self, term: str) -> Rows:
        """The passages that hold a term, ascending."""
        column = self.vocabulary.get(term)
        if column is None:
            return self.indices[:0]
        return self.indices[self.indptr[column] : self.indptr[column + 1]]

    def idf(self, term: str) -> float:
        """Inverse document frequency, ``ln(1 + (N - n + 0.5) / (n + 0.5))``."""
        n = len(self.rows(term))
        return float(np.log1p((self.size - n + 0.5) / (n + 0.5)))

    def scores(self, terms: Iterable[str]) -> Floats:
        """BM25 of every passage, shape ``(size,)``; a term that is repeated counts again."""
        spans = [
            (self.indptr[column], self.indptr[column + 1])
            for term in terms
            if (column := self.vocabulary.get(term)) is not None
        ]
        if not spans:
            return np.zeros(self.size, np.float32)
        rows = np.concatenate([self.indices[a:b] for a, b in spans])
        weights = np.concatenate([self.data[a:b] for a, b in spans])
        return np.bincount(rows, weights, minlength=self.size).astype(np.float32)


class Lexical:
    """Every field over the same passages; immutable, so that threads may share it.

    Args:
        fields: By name.
        counts: What they were weighed from; empty when they cannot be stored again.
    """

    def __init__(
        self, fields: Mapping[str, Field], counts: Mapping[str, Counts] | None = None
    ) -> None:
        self.fields = dict(fields)
        self.counts = dict(counts or {})

    @classmethod
    def build(
        cls, passages: Sequence[Passage], former: Lexical | None = None, rows: Sequence[int] = ()
    ) -> Lexical:
        """Analyse and weigh the passages.

        Args:
            passages: All of them.
            former: An index that some were analysed for already, in the same way.
            rows: For each passage, its row in ``former``, or -1 when it has none there.
        """
        places = rows if former is not None else [-1] * len(passages)
        read = [
            None if row >= 0 else (passage, analysis.words(passage.text))
            for passage, row in zip(passages, places, strict=True)
        ]
        return cls._weighed({
            spec.name: Counts.build(
                [None if r is None else passage_terms(spec.name, *r) for r in read],
                None if former is None else former.counts[spec.name], places,
            )
            for spec in FIELDS
        })  # fmt: skip

    @classmethod
    def _weighed(cls, counts: Mapping[str, Counts]) -> Lexical:
        fields = {s.name: Field.weigh(counts[s.name], s.k1, s.b) for s in FIELDS}
        return cls(fields, counts)

    def scores(self, words: Sequence[Word], mask: Mask | None = None) -> dict[str, Floats]:
        """BM25 of every passage in every field; 0 where ``mask`` is false, before any ranking.

        Args:
            words: Of the query.
            mask: Passages allowed.
        """
        found = {
            name: field.scores(query_terms(name, words)) for name, field in self.fields.items()
        }
        return found if mask is None else {name: s * mask for name, s in found.items()}

    def to_files(self) -> dict[str, bytes]:
        """Name and bytes of each file."""
        files: dict[str, bytes] = {}
        for name, counts in self.counts.items():
            files |= counts.to_files(name)
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Lexical:
        """Inverse of `to_files`; the bytes must have been verified.

        Raises:
            KeyError: When a file is missing.
            ValueError: When the arrays do not fit together.
        """
        return cls._weighed({spec.name: Counts.from_files(spec.name, files) for spec in FIELDS})
