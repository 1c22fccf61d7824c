"""Exact look-up: the passages of a legal reference, and those that cite it.

A reference is looked up, never guessed: whoever asks for article 226-14, 4° gets that item first,
whatever the words around it. For a text that is cited in the documents without being quoted, the
passages that cite it come first instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from corpus.passage import Passage
from corpus.references import Reference, find_references, names_same

Floats = npt.NDArray[np.float32]

ITEM, QUOTED, CITING = 3.0, 2.0, 1.0
"""Tiers, each above any fused score (which is at most 1) plus the tier below."""


class Citations:
    """Where each reference is quoted and cited; immutable."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._size = len(passages)
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
        for ref in dict.fromkeys((*self._quoted, *self._citing)):
            for known in find_references(ref)[:1]:
                if known.kind == "decision" and known.date:
                    self._dated[known.date].append(ref)
                if known.kind == "decision" and known.number:
                    self._numbered[known.number].append(ref)

    def tiers(self, asked: Iterable[Reference]) -> Floats:
        """The tier of every passage for the references of a question, shape ``(passages,)``.

        `ITEM` for the very item asked for, `QUOTED` for the rest of its article or decision,
        `CITING` for passages that cite a reference which is quoted nowhere, else 0.
        """
        tiers = np.zeros(self._size, np.float32)
        for reference in asked:
            for ref in self._named(reference):
                quoted = self._quoted.get(ref, [])
                for row in quoted:
                    exact = reference.item and self._items[row] == _item(reference.item)
                    tiers[row] = max(tiers[row], ITEM if exact else QUOTED)
                if not quoted:
                    for row in self._citing.get(ref, []):
                        tiers[row] = max(tiers[row], CITING)
        return tiers

    def _named(self, asked: Reference) -> tuple[str, ...]:
        """The canonical references of the corpus that a question's reference designates."""
        if asked.kind != "decision":
            return (asked.canonical,)
        by_number = self._numbered.get(asked.number or "", [])
        candidates = by_number or self._dated.get(asked.date or "", [])
        return tuple(ref for ref in candidates if names_same(asked, ref))


def _item(written: str | None) -> str:
    return (written or "").replace(" ", "").replace("\u00a0", "").lower()
