"""From the runs of every page to one raw text: lines, paragraphs, page marks.

The result has the form of a plain text extracted from a page (one layout line a line, a blank line
between paragraphs), so that :mod:`corpus.text` repairs both in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from corpus.chunking import page_mark
from corpus.pdf.columns import Gutter, Line, Run, gutter_of, read_columns
from corpus.pdf.furniture import (
    call_of,
    edges,
    printed_numbers,
    running,
    take_notes,
    without_calls,
)

PARAGRAPH = 1.25  # of the usual leading: a larger step opens a paragraph
TELLING = 3  # line ends that show a document to mark its own hyphens
SIZE = 1.12  # ratio of sizes from which two lines cannot share a paragraph
SOFT = "\u00ad"  # at a line's end: a hyphen that the layout added
_PRINTED = {0x2010: "-", 0x2011: "-", 0xF0B7: "•", 0x00AD: None, 0x09: " "}
_ENDS = (".", "!", "?", ":", ";", "»", "…", "”")
_ITEM = re.compile(r"(?:[•–▪◦-]|\d{1,3}[.)°]|\(?[a-z]\)|[IVX]{1,5}\.)\s?\S")


@dataclass(frozen=True, slots=True)
class PageRuns:
    """Visible runs of one page and its height in points."""

    runs: tuple[Run, ...]
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The raw text with page marks, and printed number of each page where one is known."""

    raw: str
    printed: dict[int, int]
    characters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    line: Line
    page: int
    opens_block: bool
    left: float
    right: float


def lay_out(pages: Sequence[PageRuns], labels: Sequence[int] = ()) -> Layout:
    """Set the pages out as one text.

    Args:
        pages: Runs of each page, in order.
        labels: Printed numbers declared by the file itself, which win over those on the page.
    """
    body = _body_size(pages)
    found = [e for i, page in enumerate(pages) for e in edges(i, page.runs, page.height, body)]
    furniture = running(found, len(pages))
    printed = dict(enumerate(labels)) or printed_numbers(furniture, len(pages))
    drop = {(edge.page, run) for edge in furniture for run in edge.runs}
    flow: list[_Placed] = []
    notes: list[_Placed] = []
    kept = [[run for run in page.runs if (i, run) not in drop] for i, page in enumerate(pages)]
    gutters = _known_gutters(kept)
    for number, runs in enumerate(kept):
        _place(number, read_columns(runs, gutters), body, flow, notes)
    counts = [sum(len(run.text.strip()) for run in runs) for runs in kept]
    marks = {page: printed.get(page, page + 1) for page in range(len(pages))}
    return Layout(_write(flow, marks, notes), printed, tuple(counts))


def _known_gutters(pages: Sequence[Sequence[Run]]) -> tuple[Gutter, ...]:
    """Gutters that several pages share: a last page may have but a line or two a column."""
    found = [gutter for runs in pages if (gutter := gutter_of(runs)) is not None]
    return tuple(g for g in found if sum(1 for other in found if abs(other[1] - g[1]) < 4) >= 2)


def _body_size(pages: Sequence[PageRuns]) -> float:
    sizes = sorted((run.size, len(run.text)) for page in pages for run in page.runs)
    half, total = sum(count for _, count in sizes) / 2, 0
    for size, count in sizes:
        total += count
        if total >= half:
            return size
    return 0.0


def _place(
    page: int, blocks: list[list[Line]], body: float, flow: list[_Placed], notes: list[_Placed]
) -> None:
    feet: list[Line] = []
    cleaned = []
    for block in blocks:
        lines, foot = take_notes(block, body)
        cleaned.append(lines)
        feet += foot
    calls = frozenset(call for note in feet if (call := call_of(note)))
    for lines in cleaned:
        left = min((line.x0 for line in lines), default=0.0)
        right = max((line.x1 for line in lines), default=0.0)
        for i, line in enumerate(lines):
            kept = without_calls(line, calls) if calls else line
            flow.append(_Placed(kept, page, i == 0, left, right))
    for i, note in enumerate(feet):
        opens = i == 0 or call_of(note) is not None
        notes.append(_Placed(note, page, opens, note.x0, note.x1))


def _write(flow: list[_Placed], marks: dict[int, int], notes: list[_Placed]) -> str:
    """Lines with their paragraph breaks; footnotes last, under the marks of their pages."""
    usual = _usual_leading(flow)
    # Where the layout's own hyphens can be told, a plain one at a line's end belongs to its word.
    told = sum(1 for placed in flow if placed.line.text.endswith(SOFT)) >= TELLING
    written: list[str] = []
    last: _Placed | None = None
    waiting: int | None = None
    for placed in flow:
        text = placed.line.text
        if last is None or placed.page != last.page:
            waiting = marks[placed.page]
        if last is not None and _breaks(last, placed, usual):
            written.append("")
        elif written and (written[-1].endswith(SOFT) or (told and written[-1].endswith("-"))):
            head, _, text = text.partition(" ")
            written[-1] = written[-1].removesuffix(SOFT) + head
        elif waiting is not None and written and written[-1].endswith("-"):
            head, _, text = text.partition(" ")
            written.append(head)
        if waiting is not None and text:  # a word cut by the page's end stays on its first page
            written.append(page_mark(waiting))
            waiting = None
        written += [text] if text else []
        last = placed
    page = last.page if last is not None else -1
    for note in notes:
        written += [""] if note.opens_block else []
        written += [page_mark(marks[note.page])] if note.page != page else []
        written.append(note.line.text)
        page = note.page
    return "\n".join(written).replace(SOFT, "-")


def _usual_leading(flow: list[_Placed]) -> float:
    """Median of step / size over neighbouring lines of one block."""
    steps = [
        (a.line.y - b.line.y) / b.line.size
        for a, b in pairwise(flow)
        if not b.opens_block and a.line.size == b.line.size and b.line.size
    ]
    return median(steps) if steps else 1.2


def _breaks(before: _Placed, here: _Placed, usual: float) -> bool:
    """Whether a paragraph ends between two lines."""
    a, b = before.line, here.line
    if a.text.endswith(("-", SOFT)) and b.text[:1].islower():
        return False
    big, small = max(a.size, b.size), min(a.size, b.size)
    if small <= 0 or big / small > SIZE or _ITEM.match(b.text):
        return True
    full = a.x1 >= before.right - 2 * a.size
    if a.bold != b.bold and not full:
        return True
    if here.opens_block:
        exact = a.x1 >= before.right - 0.25 * a.size
        return not (b.text[:1].islower() or not a.text.endswith(_ENDS) or exact)
    short = a.x1 < before.left + 0.75 * (before.right - before.left)
    if short and a.text.endswith(_ENDS) and not b.text[:1].islower():
        return True
    indented = b.x0 - here.left > 0.8 * b.size and a.x0 - before.left < 0.4 * a.size
    return indented or (a.y - b.y) / big > PARAGRAPH * usual


def printable(text: str) -> str:
    """Characters that a citation may hold: hyphens made one, bullets named, the rest dropped.

    A hyphen that only a layout program writes (U+2010, U+00AD) stays marked at the end of a run.
    Private-use characters are glyph numbers of symbol fonts, and two of them carry page marks.
    """
    soft = SOFT if text.rstrip().endswith(("\u2010", SOFT)) else ""
    text = text.rstrip()[:-1] if soft else text
    text = text.translate(_PRINTED)
    return "".join(c for c in text if c >= " " and not "\ue000" <= c <= "\uf8ff") + soft


def cleaned(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Runs with printable text, without those left empty."""
    clean = (replace(run, text=printable(run.text)) for run in runs)
    return tuple(run for run in clean if run.text.strip())
