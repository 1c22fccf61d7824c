"""Exact look-up: the passages of a legal reference, and those that cite it.

A reference is looked up, never guessed: whoever asks for article 226-14, 4° gets that item first,
whatever the words around it. For a text that is cited in the documents without being quoted, the
passages that cite it come first instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.passage import Passage
from corpus.references import Reference, find_references, names_same, number_key

Floats = npt.NDArray[np.float32]

ITEM, QUOTED, CITING = 3.0, 2.0, 1.0
"""Tiers, each above any fused score (which is at most 1) plus the tier below."""

FIRST = 2
"""Passages of a long article that take the tier of an article asked for, the best by their fused
scores; its others only get `NEAR`, so that the ten items of L. 1110-4 do not fill the page when a
question asks for one thing about it. Both chosen on the development split."""
NEAR = 0.3

_ARTICLE = ", art. "  # in the canonical form of every article, and of no decision


@dataclass(frozen=True, slots=True)
class Found:
    """One reference of a question, looked up.

    Attributes:
        item: Rows of the very item asked for.
        quoted: Rows of its article or decision, the item's included.
        citing: Rows that cite it, when it is quoted nowhere.
    """

    item: tuple[int, ...]
    quoted: tuple[int, ...]
    citing: tuple[int, ...]


class Citations:
    """Where each reference is quoted and cited; immutable."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._items = [_item(passage.item) for passage in passages]
        self._quoted: dict[str, list[int]] = defaultdict(list)
        self._citing: dict[str, list[int]] = defaultdict(list)
        for row, passage in enumerate(passages):
            if passage.kind != "guide":
                self._quoted[passage.ref].append(row)
            for cited in dict.fromkeys(passage.cites):
                self._citing[cited].append(row)
        self._dated: dict[str, list[str]] = defaultdict(list)
        self._numbered: dict[str, list[str]] = defaultdict(list)
        refs = dict.fromkeys((*self._quoted, *self._citing))
        for ref in (ref for ref in refs if _ARTICLE not in ref):
            for known in find_references(ref)[:1]:
                if known.kind == "decision" and known.date:
                    self._dated[known.date].append(ref)
                if known.kind == "decision" and (number := number_key(known.number)):
                    self._numbered[number].append(ref)

    def find(self, asked: Iterable[Reference], allowed: npt.NDArray[np.bool_]) -> tuple[Found, ...]:
        """Look up the references of a question; those unknown to the corpus are left out.

        Args:
            asked: Of the question.
            allowed: Passages that may be found, shape ``(passages,)``.
        """
        found = []
        for reference in asked:
            for ref in self._named(reference):
                quoted = tuple(row for row in self._quoted.get(ref, ()) if allowed[row])
                citing = tuple(row for row in self._citing.get(ref, ()) if allowed[row])
                wanted = _item(reference.item)
                item = tuple(row for row in quoted if wanted and self._items[row] == wanted)
                if quoted or citing:
                    found.append(Found(item, quoted, () if quoted else citing))
        return tuple(found)

    def _named(self, asked: Reference) -> tuple[str, ...]:
        """The canonical references of the corpus that a question's reference designates."""
        if asked.kind != "decision":
            return (asked.canonical,)
        by_number = self._numbered.get(number_key(asked.number) or "", [])
        candidates = by_number or self._dated.get(asked.date or "", [])
        return tuple(ref for ref in candidates if names_same(asked, ref))


def lift(found: Iterable[Found], scores: Floats) -> Floats:
    """What looked-up references add to the fused scores, shape ``(passages,)``."""
    added = np.zeros_like(scores)
    for one in found:
        by_score = sorted(one.quoted, key=lambda row: (-scores[row], row))
        for tier, rows in (
            (NEAR, by_score[FIRST:]),
            (QUOTED, by_score[:FIRST]),
            (ITEM, one.item),
            (CITING, one.citing),
        ):
            for row in rows:
                added[row] = max(added[row], np.float32(tier))
    return added


def _item(written: str | None) -> str:
    return (written or "").replace(" ", "").replace("\u00a0", "").lower()
