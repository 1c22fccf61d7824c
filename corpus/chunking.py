"""From blocks under their headings to a document and its passages.

A passage is a run of neighbouring blocks with one kind, one reference and one section; it never
crosses any of these, and long runs are cut between blocks, never inside one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.passage import Document, Kind, Page, Passage, Source
from corpus.references import find_references

# Characters. About 150 words: large enough for a rule with its exception, small enough to show
# on a phone; sections shorter than the first stay whole (docs/retrieval.md has the comparison).
WHOLE = 1300
LONGEST = 800
_ITEM_LONGEST = 500
_PAGE = re.compile("\ue001(\\d{1,6})\ue001 ?")


def page_mark(number: int) -> str:
    """What a reader of pages puts before the first word of a page; it never reaches a passage."""
    return f"\ue001{number}\ue001"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item or heading, verbatim, and where it stands.

    Attributes:
        keep: For a heading: it may be quoted, so it belongs to the passage below it.
        item: Inner number of an article or of a decision's considérant.
    """

    text: str
    section: tuple[str, ...]
    kind: Kind = "guide"
    ref: str = ""
    title: str = ""
    heading: bool = False
    keep: bool = False
    item: str | None = None
    date: str = ""


def assemble(source: Source, blocks: Iterable[Block], warnings: Sequence[str] = ()) -> Document:
    """Lay the blocks out as one cleaned text and cut it into passages."""
    placed, text, pages = _lay_out(list(blocks))
    passages: list[Passage] = []
    names: Counter[str] = Counter()
    for run in _runs(placed):
        for piece in _pieces(run):
            passages.append(_passage(source, text, piece, pages, names))
    return Document(source, text, tuple(passages), tuple(pages), tuple(warnings))


_Placed = tuple[int, int, Block]


def _lay_out(blocks: list[Block]) -> tuple[list[_Placed], str, list[Page]]:
    placed: list[_Placed] = []
    pages: list[Page] = []
    parts: list[str] = []
    at = 0
    for block in blocks:
        clean, marks = _take_marks(block.text)
        pages += [Page(at + offset, number) for offset, number in marks]
        if not clean:
            continue
        placed.append((at, at + len(clean), block))
        parts.append(clean)
        at += len(clean) + 2
    return placed, "\n\n".join(parts), pages


def _take_marks(text: str) -> tuple[str, list[tuple[int, int]]]:
    marks: list[tuple[int, int]] = []
    clean = ""
    at = 0
    for match in _PAGE.finditer(text):
        clean += text[at : match.start()]
        marks.append((len(clean), int(match.group(1))))
        at = match.end()
    return (clean + text[at:]).rstrip(), marks


def _runs(placed: list[_Placed]) -> list[list[_Placed]]:
    runs: list[list[_Placed]] = []
    key: tuple[object, ...] | None = None
    opening: list[_Placed] = []
    for entry in placed:
        block = entry[2]
        if block.heading:
            opening = [entry] if block.keep else []
            key = None
            continue
        here = (block.kind, block.ref, block.section, block.item if block.item else None)
        if here != key or block.kind == "decision":
            runs.append([entry] if block.kind == "decision" else [*opening, entry])
        else:
            runs[-1].append(entry)
        key, opening = here, []
    return runs


def _pieces(run: list[_Placed]) -> list[list[_Placed]]:
    """Cut a long run between blocks; a list stays whole, with the lead-in that opens it."""
    whole, longest = (_ITEM_LONGEST, _ITEM_LONGEST) if run[0][2].item else (WHOLE, LONGEST)
    if run[-1][1] - run[0][0] <= whole:
        return [run]
    pieces: list[list[_Placed]] = [[]]
    for entry in run:
        piece = pieces[-1]
        if piece and entry[1] - piece[0][0] > longest and not _goes_on(piece[-1][2]):
            pieces.append([])
        elif piece and entry[1] - piece[0][0] > longest:
            cut = len(piece)
            while cut > 0 and _goes_on(piece[cut - 1][2]):
                cut -= 1
            if cut > 0:
                pieces[-1], carried = piece[:cut], piece[cut:]
                pieces.append(carried)
        pieces[-1].append(entry)
    return pieces


def _goes_on(block: Block) -> bool:
    """Whether the next block completes this one: a heading, a lead-in, an item of a list."""
    return block.heading or block.text.rstrip().endswith((":", ";"))


def _passage(
    source: Source, text: str, piece: list[_Placed], pages: list[Page], names: Counter[str]
) -> Passage:
    start, end, block = piece[0][0], piece[-1][1], piece[-1][2]
    name = _name(block)
    names[name] += 1
    body = text[start:end]
    return Passage(
        id=f"{source.id}/{name}/{names[name]}",
        kind=block.kind,
        ref=block.ref,
        title=block.title,
        section=block.section,
        text=body,
        source=source.id,
        start=start,
        end=end,
        page=_page_at(pages, start),
        date=block.date or None,
        item=block.item,
        cites=_cites(body, block.ref),
        in_force_from=source.in_force_from,
        in_force_to=source.in_force_to,
        url=source.url,
    )


def _page_at(pages: list[Page], offset: int) -> int | None:
    return next((p.number for p in reversed(pages) if p.start <= offset), None)


def _cites(body: str, own: str) -> tuple[str, ...]:
    found = (reference.canonical for reference in find_references(body))
    return tuple(dict.fromkeys(ref for ref in found if ref != own))


def _name(block: Block) -> str:
    """Readable part of an id: ``grands-principes-du-secret-professionnel``, ``cp-226-14-4``."""
    if block.kind == "guide":
        return slug(block.section[-1] if block.section else block.title)
    label = block.ref.replace("art. ", "")
    return slug(f"{label} {block.item or ''}")


def slug(text: str, longest: int = 48) -> str:
    """ASCII lower-case words joined by hyphens, cut between words."""
    folded = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("’", "-")).encode(
        "ascii", "ignore"
    )
    words = re.findall(r"[a-z0-9]{1,40}", folded.decode().lower())
    while len("-".join(words)) > longest:
        words.pop()
    return "-".join(words)
