"""Dense retrieval: exact inner products with faiss, for passages and for their sentences.

Each passage has one row for the whole (headings in front) and one for each of its sentences. Its
score mixes its own cosine with the best of its sentences': a long passage is found by the one
sentence that answers, and a sentence by the context that it lacks.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from corpus.passage import Passage
from corpus.text import passage_sentences

Floats = npt.NDArray[np.float32]

DEPTH = 4096
"""Rows that faiss ranks for a query. In larger indexes a passage with no row among them scores as
the last of them: an upper bound, and the same for every such passage."""

SENTENCE_SHARE = 0.5
MIN_SENTENCE = 20  # characters; a shorter one ("Focus.") means nothing by itself

# faiss believes the sizes that its bytes announce. The bytes were hashed before; these limits are a
# second fence. They are global to faiss, hence the lock.
_LOOP_LIMIT = 10_000_000
_limits = threading.Lock()


@dataclass(frozen=True, slots=True)
class Texts:
    """What is embedded: one text a row, and the passage that each row belongs to."""

    texts: tuple[str, ...]
    owners: tuple[int, ...]


def texts_of(passages: Sequence[Passage]) -> Texts:
    """The rows of passages: first one for each passage, then their sentences, in order."""
    texts = [embedded_text(passage) for passage in passages]
    owners = list(range(len(passages)))
    for owner, passage in enumerate(passages):
        spans = passage_sentences(passage.text)
        if len(spans) < 2:
            continue
        for start, end in spans:
            if end - start >= MIN_SENTENCE:
                texts.append(passage.text[start:end])
                owners.append(owner)
    return Texts(tuple(texts), tuple(owners))


def embedded_text(passage: Passage) -> str:
    """A passage with its headings in front, for the encoder only: what is quoted never changes."""
    return "\n".join((*dict.fromkeys((*passage.section, passage.title)), passage.text))


class Dense:
    """An exact faiss index over rows, scored by passage; immutable, shared by threads."""

    def __init__(self, index: Any, owners: npt.NDArray[np.int32], passages: int) -> None:
        if index.ntotal != len(owners):
            raise ValueError(f"{index.ntotal} vectors for {len(owners)} rows")
        if len(owners) and not 0 <= owners.min() <= owners.max() < passages:
            raise ValueError(f"a row belongs to none of the {passages} passages")
        self._index = index
        self.owners = owners
        self.size = passages
        self._has_sentences = np.unique(owners[passages:])

    @classmethod
    def build(cls, vectors: Floats, owners: Sequence[int], passages: int) -> Dense:
        """Index unit vectors.

        Args:
            vectors: Shape (rows, dimension), unit rows.
            owners: Passage of each row.
            passages: Number of passages.
        """
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index, np.asarray(owners, np.int32), passages)

    @property
    def dimension(self) -> int:
        """Of the vectors."""
        return int(self._index.d)

    def scores(self, query: Floats, mask: npt.NDArray[np.bool_] | None = None) -> Floats:
        """Cosine of every passage with a query, shape ``(passages,)``, in [-1, 1].

        ``SENTENCE_SHARE`` of it is the best sentence's, the rest the whole passage's; a passage
        of one sentence has its own only.

        Args:
            query: Unit vector, shape ``(dimension,)``.
            mask: Passages allowed; the others score -1 and take no place among the ranked rows.
        """
        found = np.full(self.size, -1.0, np.float32)
        params = None
        rows = len(self.owners)
        if mask is not None:
            allowed = np.flatnonzero(mask[self.owners]).astype(np.int64)
            rows = len(allowed)
            selector = faiss.IDSelectorBatch(allowed)  # must outlive the search
            params = faiss.SearchParameters()
            params.sel = selector
        depth = min(DEPTH, rows)
        if depth == 0:
            return found
        values, ids = self._index.search(query[None, :].astype(np.float32), depth, params=params)
        return self._by_passage(values[0], ids[0], rows, mask)

    def _by_passage(
        self,
        values: Floats,
        ids: npt.NDArray[np.int64],
        rows: int,
        mask: npt.NDArray[np.bool_] | None,
    ) -> Floats:
        # Rows that were not ranked score at most as the last one ranked.
        floor = values[-1] if len(values) < rows else np.float32(-1.0)
        whole = np.full(self.size, floor, np.float32)
        best = np.full(self.size, -np.inf, np.float32)
        passage = ids < self.size
        whole[ids[passage]] = values[passage]
        np.maximum.at(best, self.owners[ids[~passage]], values[~passage])
        if len(values) < rows:
            best[self._has_sentences] = np.maximum(best[self._has_sentences], floor)
        mixed = np.where(
            np.isinf(best), whole, (1 - SENTENCE_SHARE) * whole + SENTENCE_SHARE * best
        )
        if mask is not None:
            mixed[~mask] = -1.0
        return np.clip(mixed, -1.0, 1.0).astype(np.float32)

    def vectors(self, rows: Sequence[int]) -> Floats:
        """The stored vectors of rows, shape ``(len(rows), dimension)``."""
        return np.stack([self._index.reconstruct(int(row)) for row in rows])

    def to_files(self) -> dict[str, bytes]:
        """Name and bytes of each file."""
        owners = io.BytesIO()
        np.save(owners, self.owners, allow_pickle=False)
        return {
            "dense.faiss": faiss.serialize_index(self._index).tobytes(),
            "dense-owners.npy": owners.getvalue(),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], passages: int) -> Dense:
        """Inverse of `to_files`; the bytes must have been verified against their manifest.

        Raises:
            KeyError: When a file is missing.
            ValueError: When the bytes are no flat inner-product index, or do not fit the passages.
        """
        index = deserialise(files["dense.faiss"])
        owners = np.load(io.BytesIO(files["dense-owners.npy"]), allow_pickle=False)
        if not isinstance(index, faiss.IndexFlatIP):
            raise ValueError(f"dense.faiss holds a {type(index).__name__}, not an IndexFlatIP")
        return cls(index, owners, passages)


def deserialise(data: bytes) -> Any:
    """A faiss index out of verified bytes.

    Raises:
        ValueError: When they are none.
    """
    with _limits:
        faiss.set_deserialization_vector_byte_limit(len(data))
        faiss.set_deserialization_loop_limit(_LOOP_LIMIT)
        try:
            return faiss.deserialize_index(np.frombuffer(data, np.uint8))
        except (RuntimeError, MemoryError) as error:
            raise ValueError("dense.faiss is not a faiss index") from error
