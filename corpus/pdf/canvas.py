"""The runs of text of a page, each with its place and why a reader would not see it.

Used inside the child process only. A citation needs what a reader *sees*: text that is white on
white, tiny, outside the page, clipped away, never painted, in a hidden layer or under an opaque
box keeps its reason and never enters a document as ordinary text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from corpus.pdf.state import (
    WHITE,
    Box,
    Colour,
    Matrix,
    State,
    box_of,
    corners,
    holds,
    overlap,
    point,
    same,
)

MAX_OPERATORS = 3_000_000
MAX_CHARACTERS = 5_000_000
MAX_FORMS = 2_000
MAX_SHAPES = 4_000
TINY = 2.5  # points; a footnote call is about 5
UNPAINTED = (3, 7)  # text rendering modes that put no ink (ISO 32000-1, table 106)


class Incomplete(Exception):
    """A budget was spent: what was read is not the whole page."""


@dataclass(slots=True)
class Run:
    """Text shown at one place. Points, page space, y upwards; ``hidden`` empty when seen."""

    text: str
    x0: float
    y: float
    x1: float
    size: float
    bold: bool
    turned: bool
    hidden: str
    box: Box


@dataclass(slots=True)
class Shape:
    """A filled area; ``after`` counts the runs shown before it; ``exact``: an upright rectangle."""

    box: Box
    colour: Colour
    after: int
    exact: bool


@dataclass(slots=True)
class Budget:
    """What one document may cost; shared by its pages."""

    operators: int = MAX_OPERATORS
    characters: int = MAX_CHARACTERS
    forms: int = MAX_FORMS

    def spend(self, name: str, amount: int = 1) -> None:
        """Take from one of the budgets.

        Raises:
            Incomplete: When it is spent.
        """
        left = getattr(self, name) - amount
        setattr(self, name, left)
        if left < 0:
            raise Incomplete(name)


@dataclass(slots=True)
class Canvas:
    """What one page shows; ``view`` is the visible box (crop box)."""

    view: Box
    budget: Budget
    runs: list[Run] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    images: int = 0

    def fault(self, what: str) -> None:
        """Note a damaged object: the page is then flagged."""
        if len(self.faults) < 20:
            self.faults.append(what)

    def show(self, text: str, x0: float, x1: float, s: State, tm: Matrix, layer: bool) -> None:
        """Add a run from pen position ``x0`` to ``x1`` of text space."""
        self.budget.spend("characters", len(text))
        if not text.strip():
            if text and self.runs and not self.runs[-1].text.endswith(" "):
                self.runs[-1].text += " "
            return
        ax, ay = point(tm, x0, s.rise)
        bx, by = point(tm, x1, s.rise)
        size = abs(s.size) * min(_length(tm[0], tm[1]) * abs(s.scale), _length(tm[2], tm[3]))
        box = box_of(tm, [(x0, s.rise), (x1, s.rise), (x0, s.rise + 0.6 * s.size)])
        name = s.font.name.lower() if s.font is not None else ""
        bold = any(mark in name for mark in ("bold", "black", "heavy"))
        turned = abs(by - ay) > abs(bx - ax) or bx < ax
        hidden = "layer" if layer else self._hidden(box, size, s)
        self.runs.append(Run(text, ax, ay, bx, size, bold, turned, hidden, box))

    def paint(self, box: Box, colour: Colour, exact: bool) -> None:
        """Add a filled area."""
        if len(self.shapes) < MAX_SHAPES:
            self.shapes.append(Shape(box, colour, len(self.runs), exact))

    def picture(self, s: State, opaque: bool = True) -> None:
        """Add an image: it covers the unit square, in colours that only a renderer knows."""
        self.images += 1
        upright = not (s.ctm[1] or s.ctm[2]) and s.alpha >= 0.9
        box = overlap(box_of(s.ctm, corners(0, 0, 1, 1)), s.clip)
        self.paint(box, None, opaque and upright)

    def cover(self) -> None:
        """Mark runs under an opaque rectangle or image painted later: a false redaction."""
        solid = [shape for shape in self.shapes if shape.exact]
        for number, run in enumerate(self.runs if solid else ()):
            x, y = (run.box[0] + run.box[2]) / 2, (run.box[1] + run.box[3]) / 2
            if not run.hidden and any(
                shape.after > number and holds(shape.box, x, y) for shape in solid
            ):
                run.hidden = "covered"

    def _hidden(self, box: Box, size: float, s: State) -> str:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for reason, true in (
            ("unpainted", int(s.mode) in UNPAINTED),
            ("tiny", size < TINY),
            ("outside", not holds(self.view, x, y)),
            ("clipped", not holds(s.clip, x, y)),
            ("transparent", s.alpha < 0.1),
        ):
            if true:
                return reason
        return "paper" if same(s.colour, self._under(x, y)) else ""

    def _under(self, x: float, y: float) -> Colour:
        for shape in reversed(self.shapes):
            if holds(shape.box, x, y):
                return shape.colour
        return WHITE


def _length(x: float, y: float) -> float:
    return float((x * x + y * y) ** 0.5)
