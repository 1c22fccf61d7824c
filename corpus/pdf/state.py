"""Geometry, colours and graphics state of a PDF page (ISO 32000-1, 8.3, 8.4, 8.6).

Used inside the child process only. Matrices are six numbers in PDF order; boxes are
``(x0, y0, x1, y1)`` in points, y upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
Colour = tuple[float, float, float] | None  # None: not known (pattern, spot colour, image)

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
EVERYWHERE: Box = (-1e9, -1e9, 1e9, 1e9)
WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0)
CONTRAST = 0.1  # largest channel difference below which ink equals paper
PLAIN = ("/DeviceGray", "/DeviceRGB", "/DeviceCMYK", "/CalGray", "/CalRGB", "/ICCBased")


@dataclass(slots=True)
class State:
    """The part of the graphics state that decides the place and visibility of text."""

    ctm: Matrix = IDENTITY
    font: Any = None
    size: float = 12.0
    spacing: float = 0.0
    word: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0
    colour: Colour = BLACK
    space: str = "plain"
    alpha: float = 1.0
    clip: Box = EVERYWHERE


def times(m: Matrix, n: Matrix) -> Matrix:
    """Matrix product in PDF order (``m`` is applied first)."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def moved(m: Matrix, x: float, y: float) -> Matrix:
    """``m`` after a translation by ``(x, y)`` in its own space."""
    return times((1.0, 0.0, 0.0, 1.0, x, y), m)


def point(m: Matrix, x: float, y: float) -> tuple[float, float]:
    """Image of a point."""
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def corners(x: float, y: float, w: float, h: float) -> list[tuple[float, float]]:
    """Corners of a rectangle given as in ``re``."""
    return [(x, y), (x + w, y), (x, y + h), (x + w, y + h)]


def box_of(m: Matrix, places: Sequence[tuple[float, float]]) -> Box:
    """Upright box around the images of some points."""
    images = [point(m, x, y) for x, y in places]
    xs, ys = [p[0] for p in images], [p[1] for p in images]
    return min(xs), min(ys), max(xs), max(ys)


def around(boxes: Sequence[Box]) -> Box:
    """Smallest box that holds all ``boxes``."""
    return (
        min(b[0] for b in boxes), min(b[1] for b in boxes),
        max(b[2] for b in boxes), max(b[3] for b in boxes),
    )  # fmt: skip


def overlap(a: Box, b: Box) -> Box:
    """Intersection (empty when x0 > x1 or y0 > y1)."""
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def holds(box: Box, x: float, y: float) -> bool:
    """Whether a point lies in a box."""
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def numbers(operands: Sequence[Any], count: int) -> list[float]:
    """The first ``count`` operands as numbers.

    Raises:
        ValueError: When they are not numbers: the operator is damaged.
    """
    values = [float(value) for value in operands[:count] if isinstance(value, (int, float))]
    if len(values) != count:
        raise ValueError("operands")
    return values


def matrix(values: Any) -> Matrix:
    """Six numbers."""
    a, b, c, d, e, f = numbers(list(values), 6)
    return a, b, c, d, e, f


def entry(holder: Any, key: str) -> Any:
    """A resolved dictionary entry, ``None`` when it is absent."""
    if not isinstance(holder, dict) or key not in holder:
        return None
    return holder[key].get_object()


def colour_of(values: Sequence[float], space: str) -> Colour:
    """RGB of fill components, ``None`` where only a renderer could tell."""
    if space == "spot":  # tints: 0 is bare paper, anything else is some ink
        return WHITE if values and not any(values) else None
    if space != "plain":
        return None
    if len(values) == 1:
        return values[0], values[0], values[0]
    if len(values) == 3:
        return values[0], values[1], values[2]
    if len(values) == 4:
        c, m, y, k = values
        return (1 - c) * (1 - k), (1 - m) * (1 - k), (1 - y) * (1 - k)
    return None


def same(ink: Colour, paper: Colour) -> bool:
    """Whether ink cannot be told from paper; unknown colours never are the same."""
    if ink is None or paper is None:
        return False
    return max(abs(a - b) for a, b in zip(ink, paper, strict=True)) < CONTRAST


def _space(state: State, operands: list[Any], resources: Any) -> None:
    name = str(operands[0])
    listed = entry(resources, "/ColorSpace")
    value = listed[name].get_object() if listed is not None and name in listed else name
    family = str(value[0]) if isinstance(value, list) and value else str(value)
    spot = "spot" if family in ("/Separation", "/DeviceN") else "other"
    state.space = "plain" if family in PLAIN else spot
    state.colour = BLACK if state.space == "plain" else None


def _colour(state: State, operands: list[Any], resources: Any) -> None:
    values = [float(value) for value in operands if isinstance(value, (int, float))]
    state.colour = colour_of(values, state.space) if len(values) == len(operands) else None


def _device(count: int) -> Callable[[State, list[Any], Any], None]:
    def setter(state: State, operands: list[Any], resources: Any) -> None:
        state.space, state.colour = "plain", colour_of(numbers(operands, count), "plain")

    return setter


def _number(name: str, factor: float = 1.0) -> Callable[[State, list[Any], Any], None]:
    def setter(state: State, operands: list[Any], resources: Any) -> None:
        setattr(state, name, numbers(operands, 1)[0] * factor)

    return setter


def _transform(state: State, operands: list[Any], resources: Any) -> None:
    state.ctm = times(matrix(operands), state.ctm)


def _extended(state: State, operands: list[Any], resources: Any) -> None:
    given = entry(resources, "/ExtGState")[operands[0]].get_object()
    if "/ca" in given:
        state.alpha = float(given["/ca"])
    if str(given.get("/BM", "/Normal")) not in ("/Normal", "/Compatible"):
        state.alpha = min(state.alpha, 0.5)  # blended: neither opaque nor invisible


# Operators that only set one part of the state, as (state, operands, resources) -> None.
SETTERS: dict[str, Callable[[State, list[Any], Any], None]] = {
    "Tc": _number("spacing"), "Tw": _number("word"), "Tz": _number("scale", 0.01),
    "TL": _number("leading"), "Ts": _number("rise"), "Tr": _number("mode"),
    "g": _device(1), "rg": _device(3), "k": _device(4), "cs": _space, "sc": _colour,
    "scn": _colour, "cm": _transform, "gs": _extended,
}  # fmt: skip
