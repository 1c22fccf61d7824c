"""The training data: French retrieval pairs and French-English parallel sentences.

Two gzip files of JSON lines are read from the folder given on the command line:

* ``pairs-fr.jsonl.gz``: ``[query, passage, kind]``;
* ``parallel-fr-en.jsonl.gz``: ``[kind, French, English]``.

Pairs are held out by *blocks of neighbouring lines*, not by line: neighbours come from the same
act and share whole sentences, so a split by line would put near copies on both sides.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.training.errors import TrainingDataError

PAIRS_FILE = "pairs-fr.jsonl.gz"
PARALLEL_FILE = "parallel-fr-en.jsonl.gz"

BLOCK = 50  # lines that are held out together; a Canadian act has some 10 to 300
MAX_REPEATS = 8  # a title used more often ("Définitions", "Exceptions") points at no passage
MIN_QUERY_CHARS = 8
MAX_PARALLEL_WORDS = 60  # 9 in 10 sentences are shorter; the teacher reads 96 tokens


def random_of(seed: int) -> random.Random:
    """The generator behind every choice of a training; repeatable, and no secret hangs on it."""
    return random.Random(seed)  # noqa: S311 - a seeded training, not cryptography


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and the passage that answers it."""

    query: str
    passage: str
    kind: str


@dataclass(frozen=True, slots=True)
class Parallel:
    """A French sentence and its English translation."""

    french: str
    english: str
    kind: str


@dataclass(frozen=True, slots=True)
class Split:
    """Pairs to learn from, and pairs never seen in training."""

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]


def _require(path: Path) -> None:
    if not path.is_file():
        raise TrainingDataError(f"{path} is missing: give the folder that holds it with --data")


def _rows(path: Path) -> Iterator[list[str]]:
    _require(path)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise TrainingDataError(
                    f"{path.name}, line {number} is not JSON: restore the file"
                ) from error
            if not (
                isinstance(row, list) and len(row) == 3 and all(isinstance(x, str) for x in row)
            ):
                raise TrainingDataError(
                    f"{path.name}, line {number} is not three strings: restore the file"
                )
            yield row


def load_pairs(folder: Path) -> tuple[Pair, ...]:
    """Reads the pairs in file order, raising `TrainingDataError` for a missing or damaged file."""
    return tuple(Pair(q, p, k) for q, p, k in _rows(folder / PAIRS_FILE))


def load_parallel(folder: Path) -> tuple[Parallel, ...]:
    """Reads the parallel sentences, without repeats and without those over the length limit."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for kind, french, english in _rows(folder / PARALLEL_FILE):
        key = (french, english)
        if key in seen or max(len(french.split()), len(english.split())) > MAX_PARALLEL_WORDS:
            continue
        seen.add(key)
        kept.append(Parallel(french, english, kind))
    return tuple(kept)


def split_pairs(pairs: Sequence[Pair], seed: int, share: float = 0.02) -> Split:
    """Holds out a share of blocks, and drops vague queries from both sides.

    A held-out passage that also occurs in a training block is dropped from the training side.

    Args:
        pairs: in file order.
        seed: of the choice of blocks.
        share: of the blocks that are held out, between 0 and 1.
    """
    blocks = list(range(0, len(pairs), BLOCK))
    chosen = set(random_of(seed).sample(blocks, max(1, round(share * len(blocks)))))
    repeats = Counter(pair.query for pair in pairs)
    clear = [
        (start // BLOCK * BLOCK in chosen, pair)
        for start, pair in enumerate(pairs)
        if len(pair.query) >= MIN_QUERY_CHARS and repeats[pair.query] <= MAX_REPEATS
    ]
    held_out = tuple(pair for out, pair in clear if out)
    unseen = {pair.passage for pair in held_out}
    train = tuple(pair for out, pair in clear if not out and pair.passage not in unseen)
    return Split(train, held_out)


def fingerprint(*parts: object) -> str:
    """sha256 over the parts' JSON, as the key of a stage: equal inputs, equal key."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(json.dumps(part, ensure_ascii=False, sort_keys=True).encode())
        digest.update(b"\x00")
    return digest.hexdigest()


def file_fingerprint(path: Path) -> str:
    """sha256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def data_fingerprint(folder: Path) -> str:
    """sha256 over both files, raising `TrainingDataError` if one is missing."""
    for name in (PAIRS_FILE, PARALLEL_FILE):
        _require(folder / name)
    return fingerprint([file_fingerprint(folder / name) for name in (PAIRS_FILE, PARALLEL_FILE)])
