"""Which sentence answers a question, learnt from the editorial questions.

Kernel ridge regression (Saunders, Gammerman and Vovk 1998): every editorial question is a row,
every sentence that answers one a column, and three more columns say “answered by some sentence”,
“not answered by the documents” and “must not be given”. The first is no sum of the others: what is
asked in a long story resembles many answered questions a little and none of them much. The kernel
of two questions is the mean of the cosines of their terms and of their vectors, squared: pairs of
words count, not only words. What is learnt is one table of weights, questions × columns; a new
question's score for each column is its kernel with all questions times the table. The nearest
question alone is a worse guide than all of them together: on the development split, right at the
first place .64 against .88.

The table depends on the questions and on the encoder alone, never on what a library holds. That of
the embedded encoder is shipped (``python -m index teach`` makes it anew); for any other encoder it
is computed at the first build and kept in the index's cache.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from corpus.expansions import EditorialQuestion
from index.asked_terms import Rows
from index.concepts import fingerprint

Floats = npt.NDArray[np.float32]

RIDGE = 1.0
POWER = 2
"""Both chosen on the development split, among 0.1 to 3 and 1 to 3; a flat optimum."""
SPECIAL = 3
"""Columns after those of the sentences: answered, not answered, must not be given."""

SHIPPED = Path(__file__).parent / "models" / "questions.safetensors"


def kernel(words: Floats, meaning: Floats) -> Floats:
    """Of cosines of terms and of vectors, element by element."""
    mean = np.maximum((words + meaning) / np.float32(2), 0)
    return np.asarray(mean**POWER, dtype=np.float32)


def columns_of(questions: Sequence[EditorialQuestion]) -> tuple[str, ...]:
    """The sentences that answer questions, by their first words, in the order of the columns."""
    return tuple(dict.fromkeys(anchor for q in questions for anchor in q.answers))


def targets_of(questions: Sequence[EditorialQuestion]) -> Floats:
    """1 where a column answers a question, shape ``(questions, columns + SPECIAL)``."""
    place = {anchor: i for i, anchor in enumerate(columns_of(questions))}
    targets = np.zeros((len(questions), len(place) + SPECIAL), np.float32)
    for row, question in enumerate(questions):
        if question.answers:
            targets[row, [*(place[anchor] for anchor in question.answers), len(place)]] = 1
        else:
            targets[row, len(place) + 1 + question.refused] = 1
    return targets


def fit(gram: Floats, targets: Floats) -> Floats:
    """The weights: the solution of ``(gram + RIDGE · I) weights = targets``, by Cholesky.

    Args:
        gram: Kernel of every two questions; overwritten.
        targets: As `targets_of` gives them.

    Returns:
        Shape ``(questions, columns + SPECIAL)``.
    """
    from scipy.linalg import cho_factor, cho_solve  # not needed by whoever only searches

    gram[np.diag_indices_from(gram)] += np.float32(RIDGE)
    factor = cho_factor(gram, overwrite_a=True, check_finite=False)
    return np.asarray(cho_solve(factor, targets, check_finite=False), np.float32)


def identity(questions: Sequence[EditorialQuestion], encoder: str) -> str:
    """Of all that the weights depend on; ``encoder`` is the encoder's fingerprint."""
    rows = [[q.text, q.answers, q.refused] for q in questions]
    told = json.dumps([encoder, fingerprint(), RIDGE, POWER, SPECIAL, rows], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is kept of the editorial questions.

    Attributes:
        weights: Learnt: shape ``(questions, columns + SPECIAL)``.
        postings: The questions that hold each term, ascending; to analyse them takes seconds.
    """

    weights: Floats
    postings: Mapping[str, Rows]


def stored(path: Path, wanted: str) -> Lessons | None:
    """What is kept in a file, if it is whole and what is wanted."""
    try:
        with safe_open(str(path), framework="numpy") as file:
            told = file.metadata() or {}
            kept = {name: file.get_tensor(name) for name in ("weights", "lengths", "rows")}
        terms = json.loads(told["terms"])
    except (OSError, SafetensorError, KeyError, ValueError):
        return None  # absent or damaged: computed anew
    if told.get("identity") != wanted or told.get("sha256") != _checksum(kept, told["terms"]):
        return None
    rows = np.split(kept["rows"], np.cumsum(kept["lengths"])[:-1])
    postings = dict(zip(terms, rows, strict=bool(terms)))
    return Lessons(kept["weights"].astype(np.float32), postings)


def store(path: Path, wanted: str, lessons: Lessons) -> None:
    """Keep lessons in a file, the weights in half precision (1e-3 of a score)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept: dict[str, npt.NDArray[Any]] = {
        # safetensors writes memory as it lies
        "weights": np.ascontiguousarray(lessons.weights, np.float16),
        "lengths": np.array([len(rows) for rows in lessons.postings.values()], np.int32),
        "rows": np.concatenate([np.zeros(0, np.int32), *lessons.postings.values()]),
    }
    terms = json.dumps(list(lessons.postings), ensure_ascii=False)
    told = {"identity": wanted, "terms": terms, "sha256": _checksum(kept, terms)}
    aside = path.with_suffix(".part")
    save_file(kept, aside, told)
    aside.replace(path)


def _checksum(kept: Mapping[str, npt.NDArray[Any]], terms: str) -> str:
    told = hashlib.sha256(terms.encode())
    for name in sorted(kept):
        told.update(f"{name}{kept[name].shape}".encode() + kept[name].tobytes())
    return told.hexdigest()
