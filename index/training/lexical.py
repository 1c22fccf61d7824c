"""BM25 for training: it mines hard negatives and stands beside the encoder in the evaluation.

It is kept apart from the product's lexical index on purpose: a change there must not change what
a given seed trains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

_WORD = re.compile(r"[a-z0-9]{2,}")
_STOP = frozenset(
    """au aux avec ce ces cet cette dans de des du elle elles en est et eux il ils je la le les
    leur leurs lui ma mais me mes moi mon ne nos notre nous on ou par pas pour que qui sa se ses
    si son sont sur ta te tes toi ton tu un une vos votre vous qu c d j l m n s t y a ai as etre
    ete avoir quel quelle quels quelles comment est-ce quoi ca cela plus sans dont ou""".split()
)
K1, B = 1.2, 0.75


class Bm25:
    """BM25 over French stems, accents folded."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("french")
        self._engine = bm25s.BM25(k1=K1, b=B)
        self._engine.index([self.words(text) or [" "] for text in texts], show_progress=False)

    def words(self, text: str) -> list[str]:
        """Stems of the words that are not stop words."""
        folded = unicodedata.normalize("NFD", text.lower().replace("œ", "oe"))
        plain = "".join(c for c in folded if not unicodedata.combining(c))
        found = [word for word in _WORD.findall(plain) if word not in _STOP]
        return list(self._stemmer.stemWords(found))

    def scores(self, query: str) -> NDArray[np.float32]:
        """Scores of every text, shape (number of texts,)."""
        words = [w for w in dict.fromkeys(self.words(query)) if w in self._engine.vocab_dict]
        if not words:
            return np.zeros(self._engine.scores["num_docs"], dtype=np.float32)
        return np.asarray(self._engine.get_scores(words), dtype=np.float32)


def mine_negatives(
    queries: Sequence[str],
    positives: Sequence[int],
    passages: Sequence[str],
    skip: int = 3,
    depth: int = 30,
    ceiling: float = 0.9,
) -> NDArray[np.int64]:
    """Finds for each query one passage that BM25 ranks high and that is not its answer.

    Legal texts repeat themselves, so the very best candidates are often right too: the first
    `skip` are left out, and so is any that scores above `ceiling` times the answer's own score.

    Returns:
        Row numbers into `passages`, shape (number of queries,); -1 where none qualifies.
    """
    engine = Bm25(passages)
    found = np.full(len(queries), -1, dtype=np.int64)
    for row, (query, positive) in enumerate(zip(queries, positives, strict=True)):
        scores = engine.scores(query)
        limit = ceiling * float(scores[positive])
        best = np.argpartition(-scores, min(depth, len(scores) - 1))[:depth]
        best = best[np.argsort(-scores[best], kind="stable")][skip:]
        usable = [int(i) for i in best if 0 < scores[i] <= limit and i != positive]
        if usable:
            found[row] = usable[0]
    return found
