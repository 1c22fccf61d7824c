"""What a page adds around its text: running heads and feet, page numbers, footnotes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.pdf.columns import Line, Run, line_of, rows_of

EDGE_ROWS = 3  # rows looked at from the top and from the bottom of a page
ZONE = 0.14  # share of the page's height where furniture may stand
SAME_PLACE = 8.0  # points
APART = 1.5  # ems between two titles of one row
_DIGITS = re.compile(r"\d{1,4}")
_BARE_NUMBER = re.compile(
    r"\W{0,3}(?:page\s?)?(\d{1,4})(?:\s?(?:/|sur|de)\s?\d{1,4})?\W{0,3}", re.IGNORECASE
)
_NOTE = re.compile(r"(\d{1,2}|\*)\s?[_.):]?\s{0,2}\S")
_CALL = re.compile(r"\d{1,2}")
SMALL = 0.9  # of the body's size: what a footnote's is at most
CALL = 0.8


@dataclass(frozen=True, slots=True)
class Edge:
    """A piece of a row near the top or bottom of a page; ``row`` tells which pieces go together."""

    page: int
    key: str
    y: float
    runs: tuple[Run, ...]
    numbers: tuple[int, ...]
    bare: bool
    row: int
    apart: bool


def edges(page: int, runs: Sequence[Run], height: float, body: float) -> list[Edge]:
    """Candidate rows of one page; ``body`` is the size of the document's text."""
    rows = rows_of(runs)
    found = []
    apart = page > 0 and _small_and_apart(rows, body)
    for number, row in enumerate([*rows[:EDGE_ROWS], *rows[EDGE_ROWS:][-EDGE_ROWS:]]):
        y = row[0].y
        if height * ZONE <= y <= height * (1 - ZONE):
            continue
        for piece in _pieces(row):
            text = line_of(piece).text
            numbers = tuple(int(n) for n in _DIGITS.findall(text))
            key = _DIGITS.sub("#", text.casefold())
            bare = bool(_BARE_NUMBER.fullmatch(text))
            head = apart and number == 0
            found.append(Edge(page, key, y, tuple(piece), numbers, bare, number, head))
    return found


def _small_and_apart(rows: list[list[Run]], body: float) -> bool:
    """Whether a page opens with small text far above the rest: a title that two pages share."""
    if len(rows) < 2:
        return False
    small = all(run.size <= SMALL * body for run in rows[0])
    return small and rows[0][0].y - rows[1][0].y >= 2 * body


def _pieces(row: list[Run]) -> list[list[Run]]:
    """A row cut at its wide gaps: a left, a middle and a right running title."""
    pieces = [[row[0]]]
    for run in row[1:]:
        if run.x0 - max(r.x1 for r in pieces[-1]) > APART * run.size:
            pieces.append([])
        pieces[-1].append(run)
    return pieces


def running(found: Sequence[Edge], pages: int) -> list[Edge]:
    """The candidates that are furniture: repeated at one place, or numbers that follow the pages.

    A document of one page repeats nothing: there only a bare page number is furniture.
    """
    groups: dict[str, list[Edge]] = defaultdict(list)
    for edge in found:
        groups[edge.key].append(edge)
    least = max(2, min(3, pages), round(0.3 * pages)) if pages > 2 else 2
    rows: set[tuple[int, int]] = set()
    for group in groups.values():
        for edge in group:
            near = {e.page for e in group if abs(e.y - edge.y) <= SAME_PLACE}
            follows = _follows(edge, group)
            repeated = len(near) >= least and follows
            numbered = edge.bare and (follows or (pages == 1 and edge.numbers[0] == 1))
            if repeated or numbered or edge.apart:
                rows.add((edge.page, edge.row))
    # A chapter's title beside the repeated one stands on few pages, and is furniture with it.
    return [edge for edge in found if (edge.page, edge.row) in rows]


def _follows(edge: Edge, group: Sequence[Edge]) -> bool:
    """Whether one of its numbers, or none at all, changes as the pages do."""
    if not edge.numbers:
        return True
    others = [e for e in group if e.page != edge.page and len(e.numbers) == len(edge.numbers)]
    for other in others:
        for mine, theirs in zip(edge.numbers, other.numbers, strict=True):
            if mine - theirs == edge.page - other.page:
                return True
    return bool(others) and all(other.numbers == edge.numbers for other in others)


def printed_numbers(kept: Sequence[Edge], pages: int) -> dict[int, int]:
    """Page index (from 0) → printed number, where furniture shows numbers in step with pages."""
    shifts: Counter[int] = Counter()
    for edge in kept:
        shifts.update({number - edge.page for number in edge.numbers})
    if not shifts:
        return {}
    shift, seen = shifts.most_common(1)[0]
    if seen < max(min(2, pages), pages // 2) or shift < 0:
        return {}
    return {page: page + shift for page in range(pages)}


def take_notes(lines: list[Line], body: float) -> tuple[list[Line], list[Line]]:
    """Split the lines of a page's last block into text and footnotes (small, at the foot)."""
    cut = len(lines)
    while cut > 0 and lines[cut - 1].size <= SMALL * body:
        cut -= 1
    while cut < len(lines) and not _NOTE.match(lines[cut].text):
        cut += 1
    return lines[:cut], lines[cut:]


def without_calls(line: Line, calls: frozenset[str]) -> Line:
    """A line without the calls of this page's footnotes (small raised numbers)."""
    kept = [replace(run, text="") if _is_call(run, line, calls) else run for run in line.runs]
    return line_of(kept) if any(run.text for run in kept) else line


def _is_call(run: Run, line: Line, calls: frozenset[str]) -> bool:
    raised = run.size <= CALL * line.size and run.y > line.y
    text = run.text.strip()
    return raised and text in calls and bool(_CALL.fullmatch(text))


def call_of(note: Line) -> str | None:
    """The number that a footnote opens with."""
    match = _NOTE.match(note.text)
    return match.group(1) if match else None
