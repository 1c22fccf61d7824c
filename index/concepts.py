"""The trade's words and people's words for the same thing, as data (``data/concepts.toml``).

Each concept is a set of words and phrases. A passage and a question that hold any of them hold
the concept, and meet in the lexical field of that name: "les flics" finds "l'officier de police
judiciaire" without a vector. Inverse document frequency does the weighing: a concept that every
passage holds (the physiotherapist) counts for nothing, a rare one for much.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from index.analysis import DATA, Word, folded_stems, words

_Phrases = dict[str, list[tuple[tuple[str, ...], str]]]  # by first stem


class Concepts:
    """Finds concepts in texts.

    A phrase is compared by its unaccented stems, stop words left out on both sides ("officier de
    la police judiciaire"). One that would shrink to a single word is compared whole, as it
    stands: "en finir" must not be found in every "fin".

    Args:
        phrases: For each concept, the words and phrases that hold it.
    """

    def __init__(self, phrases: Mapping[str, Sequence[str]]) -> None:
        self._content: _Phrases = defaultdict(list)
        self._whole: _Phrases = defaultdict(list)
        self.vocabulary: frozenset[str] = frozenset(
            word.folded
            for said in phrases.values()
            for phrase in said
            for word in words(phrase)
            if not word.empty
        )
        for concept, said in phrases.items():
            for phrase in said:
                self._add(concept, words(phrase))

    def _add(self, concept: str, phrase: Sequence[Word]) -> None:
        content = tuple(folded_stems(phrase))
        if len(content) == len(phrase) or len(content) > 1:
            self._content[content[0]].append((content, concept))
        elif len(phrase) > 1:
            whole = tuple(word.folded for word in phrase)
            self._whole[whole[0]].append((whole, concept))

    def of(self, found: Sequence[Word]) -> list[str]:
        """The concepts held by the words of a text, as ``=name``, with repeats."""
        content = _matches(self._content, folded_stems(found))
        whole = _matches(self._whole, [word.folded for word in found])
        return [f"={concept}" for concept in (*content, *whole)]


def _matches(phrases: _Phrases, stems: Sequence[str]) -> list[str]:
    """Concepts of every phrase that stands in ``stems``, at most once for each position."""
    found: list[str] = []
    for i, first in enumerate(stems):
        held = {
            concept
            for phrase, concept in phrases.get(first, ())
            if tuple(stems[i : i + len(phrase)]) == phrase
        }
        found += sorted(held)
    return found


@cache
def trade() -> Concepts:
    """The concepts of the trade and of spoken French, from the data file."""
    return Concepts(tomllib.loads((DATA / "concepts.toml").read_text(encoding="utf-8")))


def fingerprint() -> str:
    """Hash of the data files that the lexical fields depend on, for the index's manifest."""
    digest = hashlib.sha256()
    for name in ("concepts.toml", "french-words.txt", "stopwords.txt", "verbs.txt"):
        digest.update((DATA / name).read_bytes())
    return digest.hexdigest()
