"""Whether the law that an answer cites is the law of the day it is asked for.

The retriever leaves out versions whose dates say that they do not apply. What remains to be said:
the guide quotes articles as they stood when it was printed.
"""

from __future__ import annotations

from collections.abc import Iterable

from corpus.references import french_date
from corpus.versions import Versions, compare
from qa import wording
from qa.answer import Citation


def remarks(citations: Iterable[Citation], versions: Versions, day: str) -> tuple[str, ...]:
    """What must be said beside the undated articles that are cited, each reference once.

    Args:
        citations: Of an answer.
        versions: Dated versions of the corpus.
        day: The day asked for, ISO 8601.
    """
    found: dict[str, None] = {}
    for citation in citations:
        passage = citation.hit.passage
        if passage.kind != "article" or passage.in_force_from is not None:
            continue
        standing = versions.standing(passage.ref, day)
        version = standing.version
        if version is None:
            continue
        if standing.state == "ended" and version.end:
            found.setdefault(wording.REPEALED.format(ref=passage.ref, day=french_date(version.end)))
        elif standing.state == "in_force" and _differs(citation.quote, version.text):
            found.setdefault(
                wording.REWORDED.format(ref=passage.ref, day=french_date(version.start))
            )
    return tuple(found)


def _differs(quote: str, wording_in_force: str) -> bool:
    """Whether some word of the quotation is not in the version in force, in its order."""
    return any(change.kind == "removed" for change in compare(quote, wording_in_force))
