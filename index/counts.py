"""How often each passage holds each term: what a lexical field is weighed from.

Counts are what a generation keeps, and not the weights that BM25 makes of them: one more passage
changes every weight (the number of passages, their mean length) and no count of any other. So the
next generation takes over the counts of the passages that it holds already, and analyses the rest.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Tallies = npt.NDArray[np.uint16]
PARTS = ("counts", "indices", "indptr")
_MOST = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """A sparse matrix by columns, one column for each term, in the terms' order.

    Attributes:
        terms: Sorted, each once.
        counts: How often, column after column.
        indices: Row (passage) of each count, ascending in a column.
        indptr: Start of each column in the two former; one more than there are terms.
        size: Number of passages.
    """

    terms: tuple[str, ...]
    counts: Tallies
    indices: Ints
    indptr: Ints
    size: int

    @classmethod
    def build(
        cls,
        documents: Sequence[Sequence[str] | None],
        former: Counts | None = None,
        rows: Sequence[int] = (),
    ) -> Counts:
        """Count the terms of each passage; equal to counting them all anew.

        Args:
            documents: The terms of each passage; ``None`` for one that is taken over.
            former: Where from.
            rows: For each passage, its row in ``former``; only that of a ``None`` is read.
        """
        new = [(row, Counter(terms)) for row, terms in enumerate(documents) if terms is not None]
        same = [row for row, terms in enumerate(documents) if terms is None]
        old = _taken(former, [rows[row] for row in same], same)
        terms = tuple(sorted(old.terms.union(*(counter for _, counter in new))))
        column = {term: i for i, term in enumerate(terms)}
        cells = [(column[t], row, n) for row, counter in new for t, n in counter.items()]
        added = np.array(cells, np.int64).reshape(-1, 3)
        moved = np.array([column.get(t, -1) for t in old.columns], np.int64)
        columns = np.concatenate([moved[old.cells[:, 0]], added[:, 0]])
        held = np.concatenate([old.cells[:, 1], added[:, 1]])
        tallies = np.minimum(np.concatenate([old.cells[:, 2], added[:, 2]]), _MOST)
        order = np.argsort(columns * max(1, len(documents)) + held, kind="stable")
        ends = np.cumsum(np.bincount(columns, minlength=len(terms)))
        return cls(
            terms,
            tallies[order].astype(np.uint16),
            held[order].astype(np.int32),
            np.concatenate([[0], ends]).astype(np.int32),
            len(documents),
        )

    def weights(self, k1: float, b: float) -> npt.NDArray[np.float32]:
        """BM25 of each count, in Lucene's variant (as bm25s, method ``lucene``, computes it).

        ``ln(1 + (N - n + 0.5) / (n + 0.5)) · tf / (tf + k1 (1 - b + b · length / mean length))``

        Args:
            k1: Saturation of a term's repetition.
            b: Share of the correction for length.
        """
        if not len(self.counts):
            return np.zeros(0, np.float32)
        lengths = np.bincount(self.indices, self.counts, minlength=self.size)
        held = np.diff(self.indptr)
        idf = np.log1p((self.size - held + 0.5) / (held + 0.5))
        norms = k1 * (1 - b + b * lengths / lengths.mean())
        tf = self.counts.astype(np.float64)
        found: npt.NDArray[np.float64] = np.repeat(idf, held) * tf / (tf + norms[self.indices])
        return found.astype(np.float32)

    def to_files(self, name: str) -> dict[str, bytes]:
        """Name and bytes of each file: npy arrays without pickle, and the terms as JSON."""
        head = {"size": self.size, "terms": self.terms}
        files = {f"lexical-{name}-terms.json": json.dumps(head, ensure_ascii=False).encode()}
        return files | {f"lexical-{name}-{p}.npy": _npy(getattr(self, p)) for p in PARTS}

    @classmethod
    def from_files(cls, name: str, files: Mapping[str, bytes]) -> Counts:
        """Inverse of `to_files`; the bytes must have been verified.

        Raises:
            KeyError: When a file is missing.
            ValueError: When the arrays do not fit together.
        """
        head: dict[str, Any] = json.loads(files[f"lexical-{name}-terms.json"])
        counts, indices, indptr = (
            np.load(io.BytesIO(files[f"lexical-{name}-{part}.npy"]), allow_pickle=False)
            for part in PARTS
        )
        terms = tuple(head["terms"])
        if len(indptr) != len(terms) + 1 or not len(counts) == len(indices) == indptr[-1]:
            raise ValueError(f"the arrays of the field {name} do not fit together")
        return cls(terms, counts, indices, indptr, head["size"])


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is taken over.

    Attributes:
        columns: Every term of the former counts, by column.
        terms: Those among them that are still held.
        cells: Former column, new row and count of each cell; shape ``(cells, 3)``.
    """

    columns: tuple[str, ...]
    terms: frozenset[str]
    cells: npt.NDArray[np.int64]


def _taken(former: Counts | None, rows: Sequence[int], new: Sequence[int]) -> _Taken:
    if former is None or not len(rows):
        return _Taken((), frozenset(), np.zeros((0, 3), np.int64))
    moved = np.full(former.size, -1, np.int64)
    moved[np.asarray(rows, np.int64)] = new
    columns = np.repeat(np.arange(len(former.terms), dtype=np.int64), np.diff(former.indptr))
    row = moved[former.indices]
    kept = row >= 0
    cells = np.stack([columns[kept], row[kept], former.counts[kept].astype(np.int64)], axis=1)
    return _Taken(former.terms, frozenset(former.terms[c] for c in np.unique(cells[:, 0])), cells)


def _npy(array: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
