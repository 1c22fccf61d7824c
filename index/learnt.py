"""Which sentence answers a question, learnt from the editorial questions.

Kernel ridge regression (Saunders, Gammerman and Vovk 1998): every editorial question is a row,
every sentence that answers one a column, and three more columns say “answered by some sentence”,
“not answered by the documents” and “must not be given”. The first is no sum of the others: what is
asked in a long story resembles many answered questions a little and none of them much. The kernel
of two questions is a power of the mean of three cosines: of their terms, of their words as written,
and of their vectors. The power lets pairs of words count, not only words. What is learnt is one
table of weights, questions × columns; a new question's score for each column is its kernel with all
questions times the table. The nearest question alone is a worse guide than all of them together: on
the development split, right at the first place .64 against .88.

The table depends on the questions and on the encoder alone, never on what a library holds. That of
the embedded encoder is shipped (``python -m index teach`` makes it anew); for any other encoder it
is computed at the first build and kept in the index's cache.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from corpus.expansions import EditorialQuestion
from index.asked_fields import FIELDS, Postings, packed, unpacked
from index.concepts import fingerprint
from index.reduction import KEPT

Floats = npt.NDArray[np.float32]

RIDGE = 0.3
POWER = 1.5
SHARES = (0.35, 0.45, 0.2)
"""Ridge, power, and the shares of terms, written words and meaning in the mean. Chosen by
cross-validation over the editorial questions themselves, near duplicates in one fold: among 0.1 to
1, 1.35 to 2 and some ten mixtures; a flat optimum. Below a power of 1.35 the kernel is no longer
positive definite."""
KIN = 5.0
"""Questions by which `kin_of` is shrunk: few are tied to some sentences."""


class Special(IntEnum):
    """The columns after those of the sentences, counted from the end."""

    ANSWERED = -3
    UNANSWERED = -2
    REFUSED = -1


SHIPPED = Path(__file__).parent / "models" / "questions.safetensors"


def kernel(terms: Floats, written: Floats, meaning: Floats) -> Floats:
    """Of cosines of terms, of words as written and of vectors, element by element."""
    parts = zip(SHARES, (terms, written, meaning), strict=True)
    mean = sum((np.float32(share) * cosine for share, cosine in parts), np.float32(0))
    return np.asarray(np.maximum(mean, 0) ** np.float32(POWER), dtype=np.float32)


def columns_of(questions: Sequence[EditorialQuestion]) -> tuple[str, ...]:
    """The sentences that answer questions, by their first words, in the order of the columns."""
    return tuple(dict.fromkeys(anchor for q in questions for anchor in q.answers))


def targets_of(questions: Sequence[EditorialQuestion]) -> Floats:
    """1 where a column answers a question, shape ``(questions, columns + Special)``."""
    place = {anchor: i for i, anchor in enumerate(columns_of(questions))}
    targets = np.zeros((len(questions), len(place) + len(Special)), np.float32)
    for row, question in enumerate(questions):
        if question.answers:
            targets[row, [*(place[anchor] for anchor in question.answers), Special.ANSWERED]] = 1
        else:
            targets[row, Special.REFUSED if question.refused else Special.UNANSWERED] = 1
    return targets


def kin_of(targets: Floats) -> Floats:
    """How often what one sentence answers another answers too, shape ``(columns, columns)``.

    Whoever writes an editorial question ties it to the sentences that come to mind: of several
    that say the same, now one, now another. What one is thought to answer speaks for its kin.
    Rows are shrunk towards none as if each sentence answered `KIN` questions more.
    """
    held = targets[:, : -len(Special)]
    together = held.T @ held
    often = together.diagonal().copy()
    np.fill_diagonal(together, 0)
    return np.asarray(together / (often + KIN)[:, None], np.float32)


def fit(gram: Floats, targets: Floats) -> Floats:
    """The weights: the solution of ``(gram + RIDGE · I) weights = targets``, by Cholesky.

    A power of cosines need not be positive definite; under the shipped encoder it is, with the
    ridge. Where it is not, the ridge is doubled until it is.

    Args:
        gram: Kernel of every two questions; its diagonal is overwritten.
        targets: As `targets_of` gives them.

    Returns:
        Shape ``(questions, columns + Special)``.
    """
    import torch  # seconds to import, and searching needs none of it

    kernel_of_all, ridge = torch.from_numpy(gram), RIDGE
    diagonal = kernel_of_all.diagonal().clone()
    while True:
        kernel_of_all.diagonal().copy_(diagonal + ridge)
        # Not SciPy's: its OpenBLAS ends the process from some 26,000 rows on (1.17, two threads).
        factor, failed = torch.linalg.cholesky_ex(kernel_of_all)
        if not failed:
            weights = torch.cholesky_solve(torch.from_numpy(targets), factor)
            return np.asarray(weights.numpy(), np.float32)
        ridge *= 2


def identity(questions: Sequence[EditorialQuestion], encoder: str) -> str:
    """Of all that the weights depend on; ``encoder`` is the encoder's fingerprint."""
    rows = [[q.text, q.answers, q.refused] for q in questions]
    told = json.dumps(
        [encoder, fingerprint(), KEPT, RIDGE, POWER, SHARES, len(Special), rows], ensure_ascii=False
    )
    return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is kept of the editorial questions.

    Attributes:
        weights: Learnt: shape ``(questions, columns + Special)``.
        postings: Of each field, the questions that hold each term; to analyse them takes seconds.
    """

    weights: Floats
    postings: Mapping[str, Postings]


def stored(path: Path, wanted: str) -> Lessons | None:
    """What is kept in a file, if it is whole and what is wanted."""
    try:
        with safe_open(str(path), framework="numpy") as file:
            told = file.metadata() or {}
            kept = {name: file.get_tensor(name) for name in ("weights", *FIELDS)}
        names = {name: told[name] for name in FIELDS}
    except (OSError, SafetensorError, KeyError):
        return None  # absent or damaged: computed anew
    if told.get("identity") != wanted or told.get("sha256") != _checksum(kept, names):
        return None
    postings = {name: unpacked(names[name].encode(), kept[name]) for name in FIELDS}
    return Lessons(kept["weights"].astype(np.float32), postings)


def store(path: Path, wanted: str, lessons: Lessons) -> None:
    """Keep lessons in a file, the weights in half precision (1e-3 of a score)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # safetensors writes memory as it lies
    kept: dict[str, npt.NDArray[Any]] = {
        "weights": np.ascontiguousarray(lessons.weights, np.float16)
    }
    names = {}
    for field, postings in lessons.postings.items():
        terms, kept[field] = packed(postings)
        names[field] = terms.decode()
    told = {"identity": wanted, "sha256": _checksum(kept, names), **names}
    aside = path.with_suffix(".part")
    save_file(kept, aside, told)
    aside.replace(path)


def _checksum(kept: Mapping[str, npt.NDArray[Any]], names: Mapping[str, str]) -> str:
    told = hashlib.sha256("".join(names[field] for field in FIELDS).encode())
    for name in sorted(kept):
        told.update(f"{name}{kept[name].shape}".encode() + kept[name].tobytes())
    return told.hexdigest()
