"""Interpret the content streams of a PDF page onto a :class:`~corpus.pdf.canvas.Canvas`.

Used inside the child process only. pypdf parses the operators and decodes the fonts; the state is
followed here, forms included. Semantics: ISO 32000-1, 8.5 (paths), 8.10 (forms), 9.4 (text).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf.generic import ContentStream

# Private in pypdf 7, and the only place where codes become characters and widths; a release that
# moves it makes the child fail loudly at import, never read wrongly.
from pypdf.generic._font import Font

from corpus.pdf.canvas import Canvas, Incomplete
from corpus.pdf.state import (
    IDENTITY,
    SETTERS,
    Box,
    Matrix,
    State,
    around,
    box_of,
    corners,
    entry,
    matrix,
    moved,
    numbers,
    overlap,
    point,
    times,
)

MAX_DEPTH = 12
PAINTS = ("f", "F", "f*", "B", "B*", "b", "b*")
ENDS = (*PAINTS, "n", "S", "s")
GAP = 0.18  # ems moved by a TJ offset from which it stands for a word space
JUMP = 1.2  # ems from which the text goes on elsewhere (a table cell, another column)


@dataclass(slots=True)
class Stream:
    """One content stream being interpreted; forms inside it are further ``Stream``s."""

    canvas: Canvas
    pdf: Any
    resources: Any
    state: State
    layers_off: frozenset[int] = frozenset()
    inside: frozenset[int] = frozenset()
    fonts: dict[str, Any] = field(default_factory=dict)
    stack: list[State] = field(default_factory=list)
    marked: list[bool] = field(default_factory=list)
    path: list[tuple[Box, str]] = field(default_factory=list)
    clipping: bool = False
    here: tuple[float, float] | None = None
    tm: Matrix = IDENTITY
    line: Matrix = IDENTITY

    def run(self, content: Any) -> None:
        """Interpret every operator; damaged ones are noted, and skipped as a viewer does.

        Raises:
            Incomplete: When the document's budget is spent.
        """
        self._load_fonts()
        for operands, operator in ContentStream(content, self.pdf, "bytes").operations:
            self.canvas.budget.spend("operators")
            op = operator.decode("latin-1")
            try:
                self._one(op, list(operands) if isinstance(operands, list) else [operands])
            except (ValueError, IndexError, TypeError, KeyError, AttributeError):
                self.canvas.fault(f"operator {op[:12]}")

    def _one(self, op: str, operands: list[Any]) -> None:
        if op in SETTERS:
            SETTERS[op](self.state, operands, self.resources)
        elif op in ENDS:
            self._end_path(op)
        elif op in _HANDLERS:
            _HANDLERS[op](self, operands)
        elif op not in _IGNORED:
            self.canvas.fault(f"operator {op[:12]}")

    def _load_fonts(self) -> None:
        listed = entry(self.resources, "/Font")
        for name in list(listed) if isinstance(listed, dict) else []:
            try:
                self.fonts[str(name)] = Font.from_font_resource(listed[name].get_object())
            except MemoryError:
                raise
            except Exception as error:  # pypdf raises anything on a damaged font: reported
                self.canvas.fault(f"font {type(error).__name__}")

    # Text

    def begin(self, operands: list[Any]) -> None:
        """BT."""
        self.tm = self.line = IDENTITY

    def place(self, operands: list[Any]) -> None:
        """Tm."""
        self.tm = self.line = matrix(operands)

    def move(self, operands: list[Any]) -> None:
        """Td."""
        self.tm = self.line = moved(self.line, *numbers(operands, 2))

    def move_leading(self, operands: list[Any]) -> None:
        """TD."""
        self.state.leading = -numbers(operands, 2)[1]
        self.move(operands)

    def next_line(self, operands: list[Any]) -> None:
        """T*."""
        self.tm = self.line = moved(self.line, 0, -self.state.leading)

    def choose_font(self, operands: list[Any]) -> None:
        """Tf."""
        self.state.font = self.fonts.get(str(operands[0]))
        self.state.size = numbers(operands[1:], 1)[0]
        if self.state.font is None:
            self.canvas.fault("font")

    def show(self, operands: list[Any]) -> None:
        """Tj."""
        self._show(operands[:1])

    def show_array(self, operands: list[Any]) -> None:
        """TJ."""
        self._show(list(operands[0]))

    def show_next_line(self, operands: list[Any]) -> None:
        """' ."""
        self.next_line(operands)
        self._show(operands[-1:])

    def show_spaced(self, operands: list[Any]) -> None:
        """Double quote operator."""
        self.state.word, self.state.spacing = numbers(operands, 2)
        self.show_next_line(operands)

    def _show(self, items: list[Any]) -> None:
        s, text, pen, start = self.state, "", 0.0, 0.0
        placed = times(self.tm, s.ctm)
        layer = any(self.marked)
        for item in items:
            if isinstance(item, (int, float)):
                gap = -float(item) / 1000
                pen += gap * s.size * s.scale
                if gap > JUMP and text.strip():
                    self.canvas.show(text, start, pen - gap * s.size * s.scale, s, placed, layer)
                    text = ""
                elif gap > GAP and text and not text.endswith(" "):
                    text += " "
                continue
            if not text:
                start = pen
            for char, width, is_space in _decode(s.font, item):
                text += char
                pen += (width / 1000 * s.size + s.spacing + s.word * is_space) * s.scale
        self.canvas.show(text, start, pen, s, placed, layer)
        self.tm = moved(self.tm, pen, 0)

    # State, layers, paths

    def save(self, operands: list[Any]) -> None:
        """Operator q."""
        self.stack.append(replace(self.state))

    def restore(self, operands: list[Any]) -> None:
        """Operator Q."""
        if self.stack:
            self.state = self.stack.pop()

    def mark(self, operands: list[Any]) -> None:
        """BMC and BDC; ``/OC`` names a layer, which the document may hide."""
        self.marked.append(self._layer_hidden(operands))

    def unmark(self, operands: list[Any]) -> None:
        """EMC."""
        if self.marked:
            self.marked.pop()

    def _layer_hidden(self, operands: list[Any]) -> bool:
        if len(operands) < 2 or str(operands[0]) != "/OC" or not self.layers_off:
            return False
        named = entry(self.resources, "/Properties")
        raw = named.raw_get(operands[1]) if named is not None and operands[1] in named else None
        return getattr(raw, "idnum", None) in self.layers_off

    def line_to(self, operands: list[Any]) -> None:
        """M and l: boxes of segments are enough to know what an area may cover."""
        spot = point(self.state.ctm, *numbers(operands, 2))
        before = self.here or spot
        kind = "edge" if before[0] == spot[0] or before[1] == spot[1] else "other"
        self.path.append((_between(before, spot), kind))
        self.here = spot

    def curve(self, operands: list[Any]) -> None:
        """C, v and y: the end point, which is what decides the box of a rounded rectangle."""
        self.line_to(operands[-2:])
        self.path[-1] = (self.path[-1][0], "other")

    def rectangle(self, operands: list[Any]) -> None:
        """Re."""
        upright = not (self.state.ctm[1] or self.state.ctm[2])
        box = box_of(self.state.ctm, corners(*numbers(operands, 4)))
        self.path.append((box, "rectangle" if upright else "other"))

    def clip(self, operands: list[Any]) -> None:
        """W and W*: takes effect at the end of the path."""
        self.clipping = True

    def _end_path(self, op: str) -> None:
        boxes = [box for box, _ in self.path]
        if boxes and op in PAINTS and self.state.alpha >= 0.9:
            kinds = {kind for _, kind in self.path}
            if kinds == {"rectangle"}:
                for box in boxes:
                    self._paint(box, True)
            else:  # four upright edges are a rectangle drawn by hand
                self._paint(around(boxes), kinds == {"edge"} and len(boxes) <= 5)
        if boxes and self.clipping:
            self.state.clip = overlap(self.state.clip, around(boxes))
        self.path, self.clipping, self.here = [], False, None

    def _paint(self, box: Box, exact: bool) -> None:
        self.canvas.paint(overlap(box, self.state.clip), self.state.colour, exact)

    def shade(self, operands: list[Any]) -> None:
        """Sh: fills the clip with colours that only a renderer knows."""
        self.canvas.paint(self.state.clip, None, False)

    def inline_image(self, operands: list[Any]) -> None:
        """BI … EI."""
        self.canvas.picture(self.state)

    def draw(self, operands: list[Any]) -> None:
        """Do: an image, or a form interpreted in place."""
        form = entry(self.resources, "/XObject")[operands[0]].get_object()
        if str(form.get("/Subtype")) == "/Image":
            masked = any(key in form for key in ("/SMask", "/Mask", "/ImageMask"))
            self.canvas.picture(self.state, opaque=not masked)
            return
        self.canvas.budget.spend("forms")
        if len(self.inside) >= MAX_DEPTH or id(form) in self.inside:
            raise Incomplete("forms")
        inner = replace(
            self.state, ctm=times(matrix(form.get("/Matrix", IDENTITY)), self.state.ctm)
        )
        if "/BBox" in form:
            x0, y0, x1, y1 = numbers(list(form["/BBox"]), 4)
            bounds = box_of(inner.ctm, corners(x0, y0, x1 - x0, y1 - y0))
            inner.clip = overlap(inner.clip, bounds)
        own = entry(form, "/Resources")
        resources = self.resources if own is None else own
        Stream(self.canvas, self.pdf, resources, inner, self.layers_off,
               self.inside | {id(form)}, marked=[any(self.marked)]).run(form)  # fmt: skip


_HANDLERS: dict[str, Callable[[Stream, list[Any]], None]] = {
    "BT": Stream.begin, "Tm": Stream.place, "Td": Stream.move, "TD": Stream.move_leading,
    "T*": Stream.next_line, "Tf": Stream.choose_font, "Tj": Stream.show, "TJ": Stream.show_array,
    "'": Stream.show_next_line, '"': Stream.show_spaced, "q": Stream.save, "Q": Stream.restore,
    "BMC": Stream.mark, "BDC": Stream.mark, "EMC": Stream.unmark, "m": Stream.line_to,
    "l": Stream.line_to, "c": Stream.curve, "v": Stream.curve, "y": Stream.curve,
    "re": Stream.rectangle, "W": Stream.clip, "W*": Stream.clip, "sh": Stream.shade,
    "INLINE IMAGE": Stream.inline_image, "Do": Stream.draw,
}  # fmt: skip
# Operators of ISO 32000-1, annex A, that change neither the place nor the visibility of text.
_IGNORED = frozenset(
    ["ET", "h", "w", "J", "j", "M", "d", "ri", "i", "G", "RG", "K", "CS", "SC", "SCN", "d0", "d1",
     "MP", "DP", "BX", "EX"]
)  # fmt: skip


def _decode(font: Any, data: Any) -> list[tuple[str, float, bool]]:
    """Characters of a string, their widths (thousandths of an em), and the word-space mark."""
    if not isinstance(data, (str, bytes)):
        raise TypeError("not a string")
    raw = data.encode("latin-1", "replace") if isinstance(data, str) else bytes(data)
    if font is None or not font.interpretable:
        return [("\ufffd", 500.0, False)] * len(raw)
    widths, default = font.character_widths, font.character_widths.get("default", 500)
    if isinstance(font.encoding, str):
        codes = raw.decode(font.encoding, "replace")
        return [
            (font.character_map.get(code, code), float(widths.get(code, default)), False)
            for code in codes
        ]
    shown = []
    for byte in raw:
        code = font.encoding.get(byte, chr(byte))
        width = font.space_width if chr(byte) == font.space_char else widths.get(chr(byte), default)
        shown.append((font.character_map.get(code, code), float(width), byte == 32))
    return shown


def _between(a: tuple[float, float], b: tuple[float, float]) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])
