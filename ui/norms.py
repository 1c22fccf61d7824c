"""The rank of a text among norms, and how a passage is named and dated for its readers."""

from __future__ import annotations

import re
from typing import Literal, get_args

from corpus.passage import Passage, Source
from corpus.references import french_date
from ui import wording

Rank = Literal["loi", "decret", "deontologie", "decision", "guide"]
RANKS: tuple[Rank, ...] = get_args(Rank)

_REGULATION = re.compile(r"art\.\s[RD]\.\s")
_DEONTOLOGY = re.compile(r"CSP, art\.\sR\.\s4321-(\d{1,3})$")


def rank(passage: Passage) -> Rank:
    """Rank of a passage's text. The code of deontology is CSP, art. R. 4321-51 to R. 4321-145."""
    if passage.kind != "article":
        return passage.kind
    code = _DEONTOLOGY.match(passage.ref)
    if code and 51 <= int(code[1]) <= 145:
        return "deontologie"
    return "decret" if _REGULATION.search(passage.ref) else "loi"


def label(passage: Passage) -> str:
    """Its reference, with the inner number of the article or the considérant."""
    return f"{passage.ref}, {passage.item}" if passage.item else passage.ref


def version(passage: Passage) -> str:
    """In force since when, or decided when, or as reproduced by the guide; then the page."""
    parts = []
    if passage.in_force_from and passage.in_force_to:
        parts.append(
            wording.IN_FORCE_UNTIL.format(
                start=french_date(passage.in_force_from), end=french_date(passage.in_force_to)
            )
        )
    elif passage.in_force_from:
        parts.append(wording.IN_FORCE.format(start=french_date(passage.in_force_from)))
    elif passage.date:
        form = wording.DECIDED if passage.kind == "decision" else wording.DATED
        parts.append(form.format(date=french_date(passage.date)))
    if passage.page is not None:
        parts.append(wording.PAGE.format(page=passage.page))
    return " · ".join(parts)


def origin(source: Source, passage: Passage) -> str:
    """Document, publisher, edition, and which version of the text it gives."""
    parts = [source.title]
    if source.publisher:
        parts.append(source.publisher)
    if source.version:
        parts.append(wording.VERSION.format(version=source.version))
    if source.date and source.kind == "guide":
        parts.append(wording.DATED.format(date=french_date(source.date)))
    known = version(passage)
    if passage.kind == "article" and not passage.in_force_from and source.kind == "guide":
        parts.append(wording.NO_VERSION)
    if known:
        parts.append(known)
    return " · ".join(parts)
