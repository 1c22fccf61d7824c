"""Alignment of a sentence's content words with those of the sentences that it cites.

Longest common subsequence, one source sentence at a time, best first. A word may be aligned with
another of its class or with its contrary, so that an exchange is seen as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.claims import Claim, Content
from qa.lexicon import lexicon

_MATCH, _NEIGHBOUR, _EXCHANGE = 4, 1, 2
_ROUNDS = 4  # source sentences that one sentence may join


@dataclass(frozen=True, slots=True)
class Pair:
    """Two words aligned.

    Attributes:
        i: Content word of the sentence.
        s: Source sentence.
        j: Content word of the source sentence.
        exact: Whether they are the same word; otherwise one stands for the other.
    """

    i: int
    s: int
    j: int
    exact: bool


def is_same(one: Content, other: Content) -> bool:
    """Whether a word is another, or is implied by it."""
    return one.key == other.key or (one.key, other.key) in lexicon().implied


def _exchanged(one: Content, other: Content) -> bool:
    """Whether two words are of one class, or contraries: one for the other is another claim."""
    if one.group and one.group == other.group:
        return True
    return frozenset((one.key, other.key)) in lexicon().antonyms


def align(claim: Claim, sources: Sequence[Claim]) -> list[Pair]:
    """Pairs of words, best source sentence first, each word of the sentence used once."""
    free = set(range(len(claim.contents)))
    taken: set[int] = set()
    pairs: list[Pair] = []
    for _ in range(_ROUNDS):
        found = [
            (_alignment(claim.contents, source.contents, free), s)
            for s, source in enumerate(sources)
            if s not in taken
        ]
        best = max(found, key=lambda item: item[0][0], default=((0, []), -1))
        (score, steps), s = best
        if score < 2 * _MATCH:
            break
        taken.add(s)
        pairs += [Pair(i, s, j, exact) for i, j, exact in steps]
        free -= {i for i, _, exact in steps if exact}
    return pairs


def _alignment(
    a: Sequence[Content], b: Sequence[Content], free: set[int]
) -> tuple[int, list[tuple[int, int, bool]]]:
    """Best common subsequence of two word lists; only words of ``a`` in ``free`` may match."""
    rows, cols = len(a), len(b)
    best = [[0] * (cols + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        row, below = best[i], best[i + 1]
        for j in range(cols - 1, -1, -1):
            value = max(below[j], row[j + 1])
            if i in free:
                gain = _gain(a, b, i, j)
                if gain and below[j + 1] + gain > value:
                    value = below[j + 1] + gain
            row[j] = value
    steps: list[tuple[int, int, bool]] = []
    i = j = 0
    while i < rows and j < cols:
        gain = _gain(a, b, i, j) if i in free else 0
        if gain and best[i][j] == best[i + 1][j + 1] + gain:
            steps.append((i, j, is_same(a[i], b[j])))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return best[0][0], steps


def _gain(a: Sequence[Content], b: Sequence[Content], i: int, j: int) -> int:
    if is_same(a[i], b[j]):
        before = i > 0 and j > 0 and a[i - 1].key == b[j - 1].key
        after = i + 1 < len(a) and j + 1 < len(b) and a[i + 1].key == b[j + 1].key
        return _MATCH + _NEIGHBOUR * (before + after)
    return _EXCHANGE if _exchanged(a[i], b[j]) else 0
