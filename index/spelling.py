"""Words that the index does not know, brought to words that it knows.

Accents that were not typed are put back first (``decede`` → ``décédé``); a word still unknown is
compared with known ones by symmetric deletion (Garbe's SymSpell): two words one edit apart share
a form from which at most one letter was removed. Deletions are made in the first letters only, so
that memory stays small; the candidates are then measured by Damerau and Levenshtein's distance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from index.analysis import common_words, fold, stem, stop_words

MIN_LENGTH = 5  # shorter words have too many neighbours
LONG = 9  # from this length on, two edits are allowed
PREFIX = 7


class Spelling:
    """Known words, and the way from an unknown one to them; immutable, shared by threads.

    Args:
        counts: Words of the corpus in lower case with their accents, and how often each is used.
        others: Words that need not be in the corpus and are worth finding (those of the
            concepts), without accents.
        common: Words of the language, which are right as they stand though the corpus has not
            got them ("un stade" is no "stage"); by default those of the data file.
    """

    def __init__(
        self,
        counts: Mapping[str, int],
        others: Iterable[str] = (),
        common: Sequence[str] | None = None,
    ) -> None:
        self._counts = {fold(form): n for form, n in counts.items()}
        for form in (*others, *stop_words()):
            self._counts.setdefault(form, 1)
        common = common_words() if common is None else common
        self._right = frozenset((*counts, *common))
        self._stems = frozenset(map(stem, self._right)) | frozenset(map(stem, self._counts))
        accented = {fold(form): form for form in common}
        for form in sorted(counts, key=lambda f: (counts[f], f)):
            accented[fold(form)] = form
        self._accented = accented

    @cached_property
    def _near(self) -> Mapping[str, list[str]]:
        near: dict[str, list[str]] = defaultdict(list)
        for form in self._counts:
            if len(form) >= MIN_LENGTH - 1:
                for key in _keys(form):
                    near[key].append(form)
        return near

    def restore(self, form: str) -> str:
        """The known word that ``form`` stands for, with its accents; ``form`` if there is none."""
        if form in self._right:
            return form
        folded = fold(form)
        if folded in self._accented:
            accented = self._accented[folded]
            return form if accented == folded else accented  # accents are added, never removed
        known = folded in self._counts or stem(form) in self._stems or stem(folded) in self._stems
        if known or len(folded) < MIN_LENGTH or folded.isdigit():
            return form
        return self._nearest(folded) or form

    def _nearest(self, folded: str) -> str | None:
        allowed = 2 if len(folded) >= LONG else 1
        ranked = [
            (distance, -self._counts[candidate], candidate)
            for candidate in {c for key in _keys(folded) for c in self._near.get(key, ())}
            if candidate[0] == folded[0]
            and (distance := edits(folded, candidate, allowed)) <= allowed
        ]
        if not ranked:
            return None
        best = min(ranked)[2]
        return self._accented.get(best, best)


def _keys(form: str) -> set[str]:
    head = form[:PREFIX]
    return {head, *(head[:i] + head[i + 1 :] for i in range(len(head)))}


def edits(left: str, right: str, limit: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours between two words.

    Optimal string alignment (Damerau 1964, each substring edited once); more than ``limit`` is
    reported as ``limit + 1``.
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
