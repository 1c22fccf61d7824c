"""Table of contents of a document, from the headings above its passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.passage import Passage


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, its depth from 0, its anchor in the page, and the passage that it comes before."""

    text: str
    level: int
    anchor: str
    first: Passage


def outline(passages: Sequence[Passage]) -> list[Heading]:
    """The headings, in reading order; one is repeated only when another part came between."""
    found: list[Heading] = []
    above: tuple[str, ...] = ()
    for passage in passages:
        kept = _common(above, passage.section)
        for level in range(kept, len(passage.section)):
            anchor = f"partie-{len(found) + 1}"
            found.append(Heading(passage.section[level], level, anchor, passage))
        # A decision set inside an article does not close it.
        inside = passage.kind == "decision" and kept == len(passage.section)
        above = above if inside else passage.section
    return found


def parts(passages: Sequence[Passage]) -> list[tuple[str, tuple[Passage, ...]]]:
    """The passages under each outermost heading, in order."""
    found: list[tuple[str, list[Passage]]] = []
    for passage in passages:
        title = passage.section[0] if passage.section else passage.title
        if not found or found[-1][0] != title:
            found.append((title, []))
        found[-1][1].append(passage)
    return [(title, tuple(own)) for title, own in found]


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    n = 0
    while n < min(len(one), len(other)) and one[n] == other[n]:
        n += 1
    return n
