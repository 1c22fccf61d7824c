"""Following citations: from the passages found to the texts that they cite."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.citations import CitationGraph
from index.hit import Hit

MOST = 5
"""Texts followed from one search: a passage of the guide may cite a dozen."""


def follow(
    graph: CitationGraph, hits: Sequence[Hit], day: str | None = None, most: int = MOST
) -> tuple[Hit, ...]:
    """The hits, then the texts that their passages cite and that are not among them.

    What is followed comes after all that was found, in the order of the hits that cite it, with
    the last one's score and the signal ``cited``: it was not compared with the question.

    Args:
        graph: Of the same index.
        hits: Best first.
        day: Only texts in force on that day (ISO 8601), where their dates are known.
        most: Passages added at most.
    """
    found = {hit.passage.id for hit in hits}
    cited = dict.fromkeys(
        passage
        for hit in hits
        for link in graph.cites(hit.passage, day)
        for passage in link.passages
        if passage.id not in found
    )
    last = min((hit.score for hit in hits), default=0.0)
    added = [
        Hit(passage, last, {"cited": 1.0}, rank=len(hits) + n)
        for n, passage in enumerate(list(cited)[:most], 1)
    ]
    return (*hits, *added)
