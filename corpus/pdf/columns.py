"""Reading order of a page: from runs of text to lines, column by column.

A gutter is a vertical strip that stays free of text over several lines while both sides carry
prose. The page is cut into bands at the lines that cross the gutter (titles, full-width text);
in a band the left side is read before the right one, and each side is cut again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

GUTTER = 0.9  # ems; word gaps of justified text stay below, column gaps are above
LINES = 3  # lines needed on each side of a gutter: fewer are a header block or a table row
MEAN_CHARACTERS = 8  # a line, on each side: list numbers and table cells are no columns
HEADING, TITLE = 1.15, 1.3  # sizes relative to the text's
BALANCED = 4  # sizes of the text by which two columns that end together may differ
STEP = 2.4  # sizes of the text between two lines that a heading stands between
ROOM = 2.2  # sizes of a title that a column must leave free to let it through
SUPERSCRIPT = 0.55  # em; baselines nearer than this share a line


@dataclass(frozen=True, slots=True)
class Run:
    """Visible text at one place of a page. Points, y upwards."""

    text: str
    x0: float
    y: float
    x1: float
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one column."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    runs: tuple[Run, ...] = ()


Gutter = tuple[float, float]  # left and right edge


def read_columns(runs: Sequence[Run], known: Sequence[Gutter] = ()) -> list[list[Line]]:
    """Blocks of lines in reading order; each block is one column or one full-width stretch.

    Args:
        runs: Visible runs of a page, or of a part of it.
        known: Gutters of this document: there, one line on each side is enough.
    """
    if not runs:
        return []
    rows = rows_of(runs)
    band = _best_band(rows, known)
    if band is None:
        return [[line_of(row) for row in rows]]
    first, last, strip = band
    known, gutter = (*known, strip), sum(strip) / 2
    last = first + _end_of_columns(rows[first:last], gutter)
    side = [run for row in rows[first:last] for run in row]
    return [
        *read_columns([run for row in rows[:first] for run in row], known),
        *read_columns([run for run in side if run.x1 <= gutter], known),
        *read_columns([run for run in side if run.x1 > gutter], known),
        *read_columns([run for row in rows[last:] for run in row], known),
    ]


def gutter_of(runs: Sequence[Run]) -> Gutter | None:
    """The page's main gutter, None for a page of one column."""
    band = _best_band(rows_of(runs), ()) if runs else None
    return band[2] if band else None


def rows_of(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs that share a baseline, top to bottom, each row left to right."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: (-r.y, r.x0)):
        row = rows[-1] if rows else None
        if row and row[0].y - run.y <= SUPERSCRIPT * max(run.size, row[0].size):
            row.append(run)
        else:
            rows.append([run])
    return [sorted(row, key=lambda r: r.x0) for row in rows]


def line_of(row: Sequence[Run]) -> Line:
    """One line from the runs of a row; text drawn twice (a common way to embolden) is read once."""
    kept: list[Run] = []
    text = ""
    for run in row:
        before = kept[-1] if kept else None
        if before is not None:
            if run.text.strip() == before.text.strip() and _one_place(run, before):
                continue
            gap = run.x0 - before.x1
            spaced = text.endswith(" ") or run.text.startswith(" ")
            text += " " if gap > 0.15 * min(run.size, before.size) and not spaced else ""
        text += run.text
        kept.append(run)
    weight = sorted(kept, key=lambda r: len(r.text))
    return Line(
        " ".join(text.split()), kept[0].x0, max(r.x1 for r in kept), weight[-1].y, weight[-1].size,
        all(r.bold for r in kept), tuple(kept),
    )  # fmt: skip


def _one_place(a: Run, b: Run) -> bool:
    reach = 0.1 * a.size
    return abs(a.x0 - b.x0) < reach and abs(a.y - b.y) < reach and abs(a.size - b.size) < reach


def _best_band(rows: list[list[Run]], known: Sequence[Gutter]) -> tuple[int, int, Gutter] | None:
    """Rows ``[first, last)`` that a gutter runs through; the tallest wins."""
    em = median(run.size for row in rows for run in row)
    best: tuple[int, int, Gutter] | None = None
    tried: set[tuple[int, int]] = set()
    for start in range(len(rows)):
        for low, high in _gaps(rows[start], GUTTER * em):
            key = (round(low), round(high))
            if key in tried and best is not None and best[0] <= start < best[1]:
                continue
            tried.add(key)
            band = _extend(rows, start, low, high, GUTTER * em)
            # Ragged lines widen a gutter on its left: the right edge is what pages share.
            least = 1 if any(abs(band[2][1] - edge) < em / 2 for _, edge in known) else LINES
            taller = best is None or band[1] - band[0] > best[1] - best[0]
            if taller and _is_prose(rows, band, least):
                best = band
    return best


def _extend(
    rows: list[list[Run]], start: int, low: float, high: float, least: float
) -> tuple[int, int, Gutter]:
    """Grow a gutter upwards and downwards while no text crosses it."""
    first, last = start, start + 1
    while last < len(rows):
        free = _narrow(rows[last], low, high, least)
        if free is None:
            break
        low, high = free
        last += 1
    while first > 0:
        free = _narrow(rows[first - 1], low, high, least)
        if free is None:
            break
        low, high = free
        first -= 1
    return first, last, (low, high)


def _narrow(row: list[Run], low: float, high: float, least: float) -> tuple[float, float] | None:
    """The widest part of ``low…high`` that the row leaves free, if wide enough."""
    free = [(low, high)]
    for run in row:
        free = [
            part
            for a, b in free
            for part in ((a, min(b, run.x0)), (max(a, run.x1), b))
            if part[1] - part[0] >= least
        ]
    return max(free, key=lambda part: part[1] - part[0], default=None)


def _gaps(row: list[Run], least: float) -> list[tuple[float, float]]:
    """Wide gaps inside a row."""
    gaps = []
    edge = row[0].x1
    for run in row[1:]:
        if run.x0 - edge >= least:
            gaps.append((edge, run.x0))
        edge = max(edge, run.x1)
    return gaps


def _is_prose(rows: list[list[Run]], band: tuple[int, int, Gutter], least: int) -> bool:
    """Whether both sides of a gutter hold lines of text, beside each other."""
    first, last, strip = band
    gutter = sum(strip) / 2
    sides = (
        [line for row in rows[first:last] if (line := [r for r in row if r.x1 <= gutter])],
        [line for row in rows[first:last] if (line := [r for r in row if r.x1 > gutter])],
    )
    for side in sides:
        characters = sum(len(run.text) for line in side for run in line)
        if len(side) < least or characters < MEAN_CHARACTERS * len(side):
            return False
    tops = [side[0][0].y for side in sides]
    feet = [side[-1][0].y for side in sides]
    return min(tops) > max(feet)


def _end_of_columns(rows: list[list[Run]], gutter: float) -> int:
    """Where the columns end: before the first title that spans them without crossing the gutter.

    Such a title is larger than the text, alone at its height, and both columns start anew below
    it on one baseline, or the right one leaves it wide room, or has ended.
    """
    sizes = sorted(run.size for row in rows for run in row for _ in run.text)
    body = sizes[len(sizes) // 2]
    for i in range(1, len(rows)):
        left = [run for run in rows[i - 1] if run.x1 <= gutter]
        goes_on = bool(left) and _is_title(left, body, gutter)  # a second line of a heading
        if goes_on or not _is_title(rows[i], body, gutter):
            continue
        below = rows[i:]
        while below and _is_title(below[0], body, gutter):
            below = below[1:]
        if _spans(rows[:i], rows[i][0], below, body, gutter):
            return i
    return len(rows)


def _spans(
    above: list[list[Run]], title: Run, below: list[list[Run]], body: float, gutter: float
) -> bool:
    """Whether a title stands across both columns rather than in the left one."""
    right_above = min((run.y for row in above for run in row if run.x1 > gutter), default=1e9)
    left_above = min((run.y for row in above for run in row if run.x1 <= gutter), default=1e9)
    left = next((run for row in below for run in row if run.x1 <= gutter), None)
    right = next((run for row in below for run in row if run.x1 > gutter), None)
    if right_above - title.y < title.size:
        return False
    if right is None:  # columns above a title that ends them are balanced
        return abs(right_above - left_above) <= BALANCED * body
    wide = right_above - right.y >= ROOM * title.size >= ROOM * TITLE * body
    level = left is not None and abs(left.y - right.y) < 0.25 * body
    return right_above - right.y >= STEP * body and (wide or level)


def _is_title(row: list[Run], body: float, gutter: float) -> bool:
    return all(run.size >= HEADING * body and run.x1 <= gutter for run in row)
