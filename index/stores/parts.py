"""A generation's files, read and turned into what the tables hold."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from corpus.passage import Passage
from index.dense import Dense
from index.errors import IndexDamaged
from index.lexical import Lexical

LEXEMES = "terms"
"""The field whose terms are a passage's lexemes: what it is about, headings and concepts too."""
_BATCH = 20_000
SMALL = (
    "spelling.json",
    "asked.jsonl",
    "asked-terms.json",
    "asked-terms.npy",
    "asked-written.json",
    "asked-written.npy",
    "asked-places.json",
    "asked.npy",
    "asked-basis.npy",
    "asked-learnt.npy",
)
"""Files that every reader holds whole: what is known of words, and the editorial questions."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A generation's files, read: what the tables are filled with."""

    lines: tuple[bytes, ...]
    passages: tuple[Passage, ...]
    documents: tuple[bytes, ...]
    lexical: Lexical
    dense: Dense
    small: bytes

    @classmethod
    def read(cls, files: Mapping[str, bytes]) -> Parts:
        """Read verified files.

        Raises:
            IndexDamaged: When they do not fit together.
        """
        try:
            lines = tuple(files["passages.jsonl"].splitlines())
            passages = tuple(Passage.from_json(json.loads(line)) for line in lines)
            dense = Dense.from_files(files, len(passages))
            documents = tuple(files["documents.jsonl"].splitlines())
            lexical = Lexical.from_files(files)
            return cls(lines, passages, documents, lexical, dense, pack(files))
        except (KeyError, ValueError, TypeError) as error:
            raise IndexDamaged(
                f"the generation does not fit together ({error}): run `python -m index build`"
            ) from error


def pack(files: Mapping[str, bytes]) -> bytes:
    """The `SMALL` files as one value."""
    arrays = {name: np.frombuffer(files[name], np.uint8) for name in SMALL}
    packed: bytes = save(arrays)
    return packed


def unpack(packed: bytes) -> dict[str, bytes]:
    """Inverse of `pack`.

    Raises:
        IndexDamaged: When the value is none.
    """
    try:
        return {name: array.tobytes() for name, array in load(packed).items()}
    except SafetensorError as error:
        raise IndexDamaged(f"the small files cannot be read ({error}): build again") from error


def digests(parts: Parts) -> dict[str, str]:
    """What `index.stores.care.verify_store` computes again from the tables."""
    vectors = sha256()
    for start in range(0, len(parts.dense.owners), _BATCH):
        rows = range(start, min(start + _BATCH, len(parts.dense.owners)))
        vectors.update(parts.dense.vectors(rows).tobytes())
    weights = sha256()
    for turned in forward(parts.lexical, len(parts.passages)):
        weights.update(turned.as_bytes())
    return {"vectors": vectors.hexdigest(), "weights": weights.hexdigest()}


def quoted(lexeme: str) -> str:
    """A lexeme as PostgreSQL reads it, whatever its characters."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def lexemes_of(parts: Parts) -> list[list[str]]:
    """The lexemes of each passage, sorted."""
    lexemes: list[list[str]] = [[] for _ in parts.passages]
    field = parts.lexical.fields[LEXEMES]
    for term in sorted(field.vocabulary):
        for row in field.rows(term).tolist():
            lexemes[row].append(term)
    return lexemes


def numbered_terms(lexical: Lexical) -> Iterator[tuple[str, str, int, int]]:
    """Field, term, number and frequency of every term; numbers are unique over all fields."""
    base = 0
    for name, field in lexical.fields.items():
        for term, column in field.vocabulary.items():
            yield name, term, base + column, len(field.rows(term))
        base += len(field.vocabulary)


@dataclass(frozen=True, slots=True)
class Forward:
    """The lexical matrices of one passage, turned round: what it holds instead of who holds it.

    Attributes:
        numbers: Of its terms, over all fields; int32.
        weights: BM25 weight of each; float32.
    """

    numbers: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]

    def as_bytes(self) -> bytes:
        """Both arrays, one after the other; both have items of four bytes."""
        return self.numbers.tobytes() + self.weights.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Forward:
        """Inverse of :meth:`as_bytes`."""
        half = len(data) // 2
        return cls(np.frombuffer(data[:half], np.int32), np.frombuffer(data[half:], np.float32))


def forward(lexical: Lexical, passages: int) -> Iterator[Forward]:
    """The terms of each passage, in order."""
    counts = [np.diff(field.indptr) for field in lexical.fields.values()]
    numbers = np.repeat(np.arange(sum(map(len, counts)), dtype=np.int32), np.concatenate(counts))
    rows = np.concatenate([field.indices for field in lexical.fields.values()])
    weights = np.concatenate([field.data for field in lexical.fields.values()])
    order = np.argsort(rows, kind="stable")
    bounds = np.searchsorted(rows[order], np.arange(passages + 1))
    for start, end in itertools.pairwise(bounds):
        own = order[start:end]
        yield Forward(numbers[own], weights[own])
