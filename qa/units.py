"""Units of sense: the sentences of a passage, and the sentences that each cannot do without.

A legal sentence rarely stands alone: an item needs the words that open its list, a sentence that
starts with “Elle” needs the one before, and a rule must not be shown without the exception that
follows it. Answers are composed of sentences closed under these links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.passage import Passage
from corpus.text import passage_sentences

# A sentence that opens so refers to the one before it; impersonal openings do not.
_REFERS_BACK = re.compile(
    r"(?:Toutefois|En revanche|Cependant|Dans le cas contraire|À défaut|A défaut|De même|En outre"
    r"|Il en va de même|Hors de ces limites|Nonobstant|Celui-ci|Celle-ci|Ceux-ci"
    r"|Elles?\b|Ils?\b(?! (?:convient|appartient|semble|y a|faut|est possible|doit être prévu))"
    r"|Ces?\b|Cet\b|Cette\b|Notons|Seule? un|Le signalement aux autorités compétentes effectué)"
)
# A sentence that opens so limits the one before it: the rule is never shown without it.
_LIMITS = re.compile(
    r"(?:Toutefois|En revanche|Cependant|Dans le cas contraire|À défaut|A défaut|Seule? un|Sauf)\b"
)
# What tempers a whole paragraph: it stands at its end, and limits what the paragraph concludes.
_TEMPERS = re.compile(r"\bau cas par cas\b")
_CONCLUDES = re.compile(r"Dès lors, il (?:semble|appartient|convient pour)\b")
_LABEL_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence of a passage.

    Attributes:
        index: Its place among the sentences of its passage.
        start: Offset in the cleaned document.
        end: Offset after its last character.
        label: Whether it is a heading or a bare label, which is never quoted alone.
        needs: Sentences of the same passage without which it cannot be understood.
        limits: Sentences of the same passage that limit it (exceptions).
        opens: Sentences of the list that it opens, when it ends with a colon.
    """

    passage: Passage
    index: int
    start: int
    end: int
    label: bool = False
    needs: tuple[int, ...] = ()
    limits: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    @property
    def key(self) -> tuple[str, int]:
        """What identifies it in an index."""
        return self.passage.id, self.index


def units_of(passage: Passage) -> tuple[Unit, ...]:
    """The sentences of a passage with their links, in order."""
    spans = passage_sentences(passage.text)
    texts = [passage.text[a:b] for a, b in spans]
    labels = [_is_label(text, passage) for text in texts]
    paragraphs = _paragraphs(passage.text, spans)
    lists = _lists(texts, labels, paragraphs)
    needs = [_needs(i, texts, labels, lists) for i in range(len(texts))]
    return tuple(
        Unit(
            passage, i, passage.start + a, passage.start + b, labels[i],
            needs=needs[i], limits=_limits(i, texts), opens=lists.get(i, ()),
        )
        for i, (a, b) in enumerate(spans)
    )  # fmt: skip


def opening_passage(passage: Passage, siblings: Sequence[Passage]) -> Passage | None:
    """The passage that opens the list of which this one is an item (226-14, 4° → its lead-in)."""
    if passage.kind != "article" or not passage.item or "°" not in passage.item:
        return None
    before = [
        p for p in siblings
        if p.ref == passage.ref and p.source == passage.source and p.item is None
        and p.end <= passage.start and p.text.rstrip().endswith(":")
    ]  # fmt: skip
    return before[-1] if before else None


def _is_label(text: str, passage: Passage) -> bool:
    title = passage.section[-1].rstrip(" :.") if passage.section else ""
    if text.rstrip(" :.") == title and not text.endswith("."):
        return True
    return len(text) <= _LABEL_LENGTH and text[-1] not in ".;:!?»"


def _paragraphs(text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """The number of the paragraph in which each sentence stands."""
    return [text.count("\n\n", 0, start) for start, _ in spans]


def _lists(
    texts: Sequence[str], labels: Sequence[bool], paragraphs: Sequence[int]
) -> dict[int, tuple[int, ...]]:
    """For each sentence that opens a list, the first sentence of each of its items.

    Items are the paragraphs that follow the opening one while they end with a semicolon, start
    in lower case, or start with a label (“Pénales : …”); the first that does not is the last.
    """
    found: dict[int, tuple[int, ...]] = {}
    for i, text in enumerate(texts):
        if labels[i] or not text.endswith(":"):
            continue
        items: list[int] = []
        for j in range(i + 1, len(texts)):
            if paragraphs[j] == paragraphs[j - 1]:
                continue
            if not _is_item(texts[j]):
                break
            items.append(j)
        if items:
            found[i] = tuple(items)
    return found


def _is_item(text: str) -> bool:
    return (
        text[:1].islower()
        or text.endswith(";")
        or re.match(r"[A-ZÉD][\w’ ]{2,24} : ", text) is not None
        or re.match(r"(?:\d{1,2}°|[-•–]) ", text) is not None
    )


def _needs(
    i: int, texts: Sequence[str], labels: Sequence[bool], lists: dict[int, tuple[int, ...]]
) -> tuple[int, ...]:
    opening = tuple(lead for lead, items in lists.items() if i in items)
    if opening:
        return opening
    if i > 0 and not labels[i - 1] and _REFERS_BACK.match(texts[i]):
        return (i - 1,)
    return ()


def concludes(text: str) -> bool:
    """Whether a sentence is what the guide itself concludes, at the end of a section."""
    return _CONCLUDES.match(text) is not None


def _limits(i: int, texts: Sequence[str]) -> tuple[int, ...]:
    following = i + 1
    if following < len(texts) and _LIMITS.match(texts[following]):
        return (following,)
    if concludes(texts[i]):
        return tuple(j for j in range(following, len(texts)) if _TEMPERS.search(texts[j]))[:1]
    return ()
