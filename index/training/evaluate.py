"""How good is an encoder, alone and beside BM25? Held-out pairs and a set of lay questions.

The lay questions (``dev-questions.jsonl``) were written by hand over the published guide, in other
words than its own, each with verbatim spans that prove an answer. They *choose* between encoders,
so figures on them are optimistic; the project's own evaluation measures on other questions.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.training.data import Pair
from index.training.errors import TrainingDataError
from index.training.lexical import Bm25

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
Relevant = Sequence[frozenset[int]]

QUESTIONS_FILE = Path(__file__).parent / "dev-questions.jsonl"
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
POOL = 6_000
_IGNORED = re.compile(r"[\s\u00a0\u202f-]")


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the queries; recall@k is the share with a right passage among the first k."""

    recall_1: float
    recall_5: float
    recall_10: float
    mrr: float

    def rounded(self) -> dict[str, float]:
        """Rounded to three decimals, as reported."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def figures(scores: NDArray[np.floating], relevant: Relevant) -> Figures:
    """Ranks by score, ties by row number, and averages.

    Args:
        scores: shape (queries, passages).
        relevant: the right passages of each query, as row numbers; none empty.
    """
    ranks = []
    for row, right in zip(scores, relevant, strict=True):
        order = np.argsort(-row, kind="stable")
        ranks.append(1 + min(int(np.flatnonzero(order == i)[0]) for i in right))
    rank = np.asarray(ranks)
    one, five, ten = (float((rank <= k).mean()) for k in (1, 5, 10))
    return Figures(one, five, ten, float((1.0 / rank).mean()))


def fuse(lexical: Vectors, dense: Vectors, share: float) -> Vectors:
    """Convex fusion per query: BM25 over its maximum, cosine scaled to [0, 1].

    Args:
        lexical: BM25 scores, shape (queries, passages).
        dense: cosines, of the same shape.
        share: of the dense part, between 0 (BM25 alone) and 1.
    """
    top = lexical.max(axis=1, keepdims=True)
    low, high = dense.min(axis=1, keepdims=True), dense.max(axis=1, keepdims=True)
    scaled = (dense - low) / np.maximum(high - low, 1e-9)
    return np.asarray((1 - share) * lexical / np.maximum(top, 1e-9) + share * scaled)


@dataclass(frozen=True, slots=True)
class TestSet:
    """Queries, passages, which passages answer which query, and BM25's scores."""

    __test__ = False  # not a pytest class, whatever its name begins with

    queries: tuple[str, ...]
    passages: tuple[str, ...]
    relevant: tuple[frozenset[int], ...]
    lexical: Vectors

    def report(self, encode_queries: Encode, encode_passages: Encode) -> dict[str, object]:
        """Figures of BM25 alone, the encoder alone, and each share of it in the fusion."""
        dense = encode_queries(self.queries) @ encode_passages(self.passages).T
        by_share = {
            f"hybrid {share:.1f}": figures(fuse(self.lexical, dense, share), self.relevant)
            for share in SHARES
            if share
        }
        table = {
            "bm25": figures(self.lexical, self.relevant),
            "dense": figures(dense, self.relevant),
        }
        return {name: row.rounded() for name, row in (table | by_share).items()}


def milliseconds_a_query(encode_queries: Encode, queries: Sequence[str]) -> float:
    """The median time of one query, in milliseconds of this process, queries one by one."""
    times = []
    for query in (*queries[:3], *queries):
        start = time.process_time()
        encode_queries([query])
        times.append(time.process_time() - start)
    return 1000 * float(np.median(times[3:]))


def _test_set(
    queries: Sequence[str], passages: Sequence[str], relevant: Sequence[frozenset[int]]
) -> TestSet:
    engine = Bm25(passages)
    lexical = np.stack([engine.scores(query) for query in queries])
    return TestSet(tuple(queries), tuple(passages), tuple(relevant), lexical)


def held_out_set(pairs: Sequence[Pair], limit: int = 1_000) -> TestSet:
    """Titles of held-out sections against all the held-out passages (at most `POOL`)."""
    passages = list(dict.fromkeys(pair.passage for pair in pairs))[:POOL]
    row = {passage: i for i, passage in enumerate(passages)}
    chosen: dict[str, set[int]] = {}
    for pair in pairs:
        if pair.kind != "ict" and pair.passage in row:
            chosen.setdefault(pair.query, set()).add(row[pair.passage])
    if not chosen:
        raise TrainingDataError("no held-out pair to evaluate on: give more pairs")
    step = max(1, len(chosen) // limit)
    queries = list(chosen)[::step][:limit]
    return _test_set(queries, passages, [frozenset(chosen[q]) for q in queries])


def guide_passages(text: str, words: int = 60) -> list[str]:
    """Cuts a document at blank lines into passages of at least `words` words."""
    passages: list[str] = []
    current: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        plain = re.sub(r"(?<=[a-zé])-\s*\n\s*(?=[a-zé])", "", block)
        current.extend(plain.split())
        if len(current) >= words:
            passages.append(" ".join(current))
            current = []
    return [*passages, " ".join(current)] if current else passages


def question_set(document: Path, questions: Path = QUESTIONS_FILE) -> TestSet:
    """The lay questions over the guide's text, a passage being right if it holds a proof.

    Raises:
        TrainingDataError: if the document does not hold a proof of some question.
    """
    passages = guide_passages(document.read_text(encoding="utf-8"))
    squeezed = [_IGNORED.sub("", passage) for passage in passages]
    queries, relevant = [], []
    for line in questions.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        spans = [_IGNORED.sub("", span) for span in row["evidence"]]
        right = frozenset(i for i, p in enumerate(squeezed) if any(s in p for s in spans))
        if not right:
            raise TrainingDataError(
                f"{document.name} holds no proof for {row['question']!r}: give the guide's text"
            )
        queries.append(row["question"])
        relevant.append(right)
    return _test_set(queries, passages, relevant)
