"""Search among the editorial questions: what was asked is nearer to a question than any answer is.

A question and the sentence that answers it often share no word. Two questions for the same answer
do, or mean nearly the same: each sentence is therefore also found through the questions that
``corpus.expansions`` ties to it, by their words (cosine of rarity-weighted terms, stems and
concepts alike), by their meaning (cosine of the encoder), and by what is learnt from all of them
together, their words as written counted too (`index.learnt`). `index.asked_build` makes one.
"""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.expansions import EditorialQuestion, Place
from index import learnt
from index.analysis import Word
from index.asked_fields import FIELDS, Field, Postings, fields_of, packed, unpacked
from index.learnt import Special
from index.likeness import Compared, Likeness, Silence
from index.reduction import Reduced
from index.stored import lines_of, rows_of

Floats = npt.NDArray[np.float32]


class Asked:
    """The editorial questions of an index; immutable, safe to share between threads.

    Args:
        questions: Answered and unanswered.
        places: Of each column's sentence: where it stands in the passages, perhaps nowhere.
        vectors: Of the questions.
        weights: Learnt: shape ``(questions, columns + Special)``.
        postings: Of each field, the questions that hold each term; analysed when not given.
    """

    def __init__(
        self,
        questions: Sequence[EditorialQuestion],
        places: Mapping[str, Sequence[Place]],
        vectors: Reduced,
        weights: Floats,
        postings: Mapping[str, Postings] | None = None,
    ) -> None:
        self.questions = tuple(questions)
        self.columns = learnt.columns_of(self.questions)
        shape = (len(self.questions), len(self.columns) + len(Special))
        if len(vectors) != shape[0] or weights.shape != shape:
            raise ValueError(
                f"vectors {vectors.rows.shape} and weights {weights.shape} for {shape}"
            )
        self.places = {a: tuple((p, s) for p, s in places.get(a, ())) for a in self.columns}
        spots = dict.fromkeys((at, c) for c, a in enumerate(self.columns) for at in self.places[a])
        self.keys = tuple(at for at, _ in spots)
        self._column = np.array([column for _, column in spots], np.int64)
        self._away = np.setdiff1d(np.arange(len(self.columns)), self._column)
        self._vectors, self._weights = vectors, weights
        # In the order of the columns: the best of each is then one pass over its questions.
        targets = learnt.targets_of(self.questions)
        self._cols, self._rows = np.nonzero(targets.T)
        self._starts = np.flatnonzero(np.diff(self._cols, prepend=-1))
        self._kin = learnt.kin_of(targets)
        if postings is None:
            self._fields = fields_of(q.text for q in self.questions)
        else:
            size = len(self.questions)
            self._fields = {n: Field.weighted(a, size, postings[n]) for n, a in FIELDS.items()}
        answered = np.array([bool(q.answers) for q in self.questions])
        held = self._fields["terms"].postings
        self._answered = frozenset(term for term, rows in held.items() if answered[rows].any())

    @classmethod
    def nothing(cls, dimension: int) -> Asked:
        """No question at all, for an encoder of so many dimensions."""
        vectors = Reduced.of(np.zeros((0, dimension), np.float32))
        return cls((), {}, vectors, np.zeros((0, len(Special)), np.float32))

    def to_files(self) -> dict[str, bytes]:
        """Name and bytes of each file; vectors and weights in half precision."""
        rows = [[q.text, q.answers, q.refused] for q in self.questions]
        return {
            "asked.jsonl": lines_of(rows),
            **self._packed(),
            "asked-places.json": json.dumps(self.places, ensure_ascii=False).encode(),
            "asked.npy": _saved(self._vectors.rows.astype(np.float16)),
            "asked-basis.npy": _saved(self._vectors.basis),
            "asked-learnt.npy": _saved(self._weights.astype(np.float16)),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Asked:
        """Inverse of `to_files`; the bytes must have been verified against their manifest.

        Raises:
            KeyError: When a file is missing.
            ValueError: When they do not fit together.
        """
        asked = rows_of(files["asked.jsonl"])
        questions = [EditorialQuestion(text, tuple(a), refused) for text, a, refused in asked]
        places = json.loads(files["asked-places.json"])
        rows, weights = (
            _loaded(files[name]).astype(np.float32) for name in ("asked.npy", "asked-learnt.npy")
        )
        vectors = Reduced(_loaded(files["asked-basis.npy"]), rows)
        postings = {
            name: unpacked(files[f"asked-{name}.json"], _loaded(files[f"asked-{name}.npy"]))
            for name in FIELDS
        }
        return cls(questions, places, vectors, weights, postings)

    def _packed(self) -> dict[str, bytes]:
        """The postings of each field, as two files."""
        files: dict[str, bytes] = {}
        for name, field in self._fields.items():
            names, rows = packed(field.postings)
            files |= {f"asked-{name}.json": names, f"asked-{name}.npy": _saved(rows)}
        return files

    def __len__(self) -> int:
        return len(self.questions)

    def holds(self, term: str) -> bool:
        """Whether any question that is answered holds a term."""
        return term in self._answered

    def within(self, passages: Collection[str]) -> Asked:
        """The same, as if no other passage had editorial questions, like one just added."""
        other = copy.copy(self)
        kept = [i for i, (passage, _) in enumerate(self.keys) if passage in passages]
        other.keys = tuple(self.keys[i] for i in kept)
        other._column = self._column[kept]
        return other

    def without(self, passages: Collection[str]) -> Asked:
        """The same, as if these passages were not in the index."""
        other = self.within({passage for passage, _ in self.keys if passage not in passages})
        other._away = np.setdiff1d(np.arange(len(self.columns)), other._column)
        return other

    def compare(self, found: Sequence[Word], vector: Floats) -> Compared:
        """Compare a question with every editorial question.

        Args:
            found: Its words, as meant.
            vector: Its unit vector, shape ``(dimension,)``.
        """
        meaning = self._vectors.cosines(vector)
        said, written = (self._fields[name].cosines(found) for name in FIELDS)
        taught: Floats = learnt.kernel(said, written, meaning) @ self._weights
        return Compared(self._best(said), self._best(meaning), taught)

    def likeness(self, compared: Compared) -> Likeness:
        """What a comparison says of each sentence, and of silence."""
        said, meant, taught = compared.words, compared.meaning, compared.learnt
        silent = [Special.UNANSWERED, Special.REFUSED]
        silence = Silence(
            words=float(said[silent].max()),
            meaning=float(meant[silent].max()),
            unanswered=float(taught[Special.UNANSWERED]),
            refused=float(taught[Special.REFUSED]),
            absent=float(taught[self._away].max(initial=0.0)),
            answered=float(taught[Special.ANSWERED]),
        )
        kin = np.maximum(taught[: len(self.columns)], 0) @ self._kin
        return Likeness(
            self._named(said), self._named(meant), self._named(taught), self._named(kin), silence
        )

    def _named(self, values: Floats) -> dict[Place, float]:
        """Values of columns, by sentence."""
        return dict(zip(self.keys, values[self._column].tolist(), strict=True))

    def by_key(self, compared: Compared) -> tuple[Floats, Floats, Floats]:
        """Best cosine of terms, of vectors, and learnt score, of each of `keys`."""
        column = self._column
        return compared.words[column], compared.meaning[column], compared.learnt[column]

    def nearest(self, compared: Compared, k: int) -> tuple[str, ...]:
        """Ids of passages that own one of the ``k`` nearest sentences, by words, meaning or both.

        Args:
            compared: Of a question.
            k: Sentences taken on each side.
        """
        rows = [
            row
            for values in self.by_key(compared)
            for row in np.argsort(-values, kind="stable")[:k].tolist()
        ]
        return tuple(dict.fromkeys(self.keys[row][0] for row in rows))

    def _best(self, values: Floats) -> Floats:
        best = np.full(len(self.columns) + len(Special), -1.0, np.float32)
        if len(self._rows):
            best[self._cols[self._starts]] = np.maximum.reduceat(values[self._rows], self._starts)
        return best


def _loaded(file: bytes) -> npt.NDArray[Any]:
    read: npt.NDArray[Any] = np.load(io.BytesIO(file), allow_pickle=False)
    return read


def _saved(values: npt.NDArray[Any]) -> bytes:
    written = io.BytesIO()
    # The order in memory would be stored too, and equal values have equal bytes.
    np.save(written, np.ascontiguousarray(values), allow_pickle=False)
    return written.getvalue()
