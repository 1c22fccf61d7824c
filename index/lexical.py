"""Lexical retrieval: three BM25 fields over the same passages.

``words`` counts the stems of the text, accents and all: the plain BM25 that everything else is
compared with. ``terms`` counts what a passage is about: unaccented stems and concepts
(`index.concepts`), of its text and of the headings above it, in one field, so that a word and its
concept weigh on one scale. ``grams`` counts character n-grams, for typing errors that spelling
does not mend. Each is its own BM25: the lengths and frequencies of one say nothing of the others.

bm25s computes the weights when the index is built; a query then only adds columns of that matrix,
which takes one `numpy.bincount` and no import of bm25s (and of scipy with it) at start-up.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.passage import Passage
from index import analysis
from index.analysis import Word
from index.concepts import trade

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

PARTS = ("data", "indices", "indptr")


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
    def build(cls, documents: Sequence[list[str]], k1: float, b: float) -> Field:
        """Weigh the terms of each passage with bm25s (Lucene's BM25, exact).

        Args:
            documents: The terms of each passage.
            k1: Saturation of a term's repetition.
            b: Share of the correction for length.
        """
        if not any(documents):
            none = np.zeros(0, np.float32)
            return cls({}, none, none.astype(np.int32), np.zeros(1, np.int32), len(documents))
        import bm25s

        vocabulary = {t: i for i, t in enumerate(sorted({t for d in documents for t in d}))}
        ids = [[vocabulary[term] for term in document] for document in documents]
        model = bm25s.BM25(k1=k1, b=b, method="lucene")
        model.index((ids, vocabulary), create_empty_token=False, show_progress=False)
        parts = (model.scores[name] for name in ("data", "indices", "indptr"))
        data, indices, indptr = parts
        return cls(
            vocabulary,
            np.ascontiguousarray(data, np.float32),
            np.ascontiguousarray(indices, np.int32),
            np.ascontiguousarray(indptr, np.int32),
            len(documents),
        )

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
    """Every field over the same passages; immutable, so that threads may share it."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = dict(fields)

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> Lexical:
        """Analyse and weigh the passages."""
        read = [(passage, analysis.words(passage.text)) for passage in passages]
        return cls({
            spec.name: Field.build(
                [passage_terms(spec.name, passage, words) for passage, words in read],
                spec.k1, spec.b,
            )
            for spec in FIELDS
        })  # fmt: skip

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
        """Name and bytes of each file: npy arrays without pickle, and JSON vocabularies."""
        files: dict[str, bytes] = {}
        for name, field in self.fields.items():
            files[f"lexical-{name}-terms.json"] = json.dumps(
                {"size": field.size, "terms": list(field.vocabulary)}, ensure_ascii=False
            ).encode()
            for part in PARTS:
                files[f"lexical-{name}-{part}.npy"] = _npy(getattr(field, part))
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Lexical:
        """Inverse of `to_files`; the bytes must have been verified.

        Raises:
            KeyError: When a file is missing.
            ValueError: When the arrays do not fit together.
        """
        fields = {}
        for spec in FIELDS:
            head: dict[str, Any] = json.loads(files[f"lexical-{spec.name}-terms.json"])
            data, indices, indptr = (
                np.load(io.BytesIO(files[f"lexical-{spec.name}-{part}.npy"]), allow_pickle=False)
                for part in PARTS
            )
            terms = head["terms"]
            if len(indptr) != len(terms) + 1 or not len(data) == len(indices) == indptr[-1]:
                raise ValueError(f"the arrays of the field {spec.name} do not fit together")
            vocabulary = {term: column for column, term in enumerate(terms)}
            fields[spec.name] = Field(vocabulary, data, indices, indptr, head["size"])
        return cls(fields)


def _npy(array: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
