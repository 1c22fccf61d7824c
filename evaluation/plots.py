"""Plots as SVG text, for a page without any external file. Needs matplotlib."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evaluation.bootstrap import Interval
from evaluation.errors import ToolMissing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, ACCENT, FAINT = "#1f2933", "#1d5b8f", "#9aa5b1"


def bars(title: str, values: Mapping[str, Interval], mark: str = "") -> str:
    """Horizontal bars in %, each with its interval; the bar named ``mark`` stands out."""
    figure, axes = _figure(7.2, 0.9 + 0.34 * max(1, len(values)))
    names = list(values)[::-1]
    means = [100 * values[n].mean for n in names]
    below = [100 * max(0.0, values[n].mean - values[n].low) for n in names]
    above = [100 * max(0.0, values[n].high - values[n].mean) for n in names]
    colours = [ACCENT if n == mark or not mark else FAINT for n in names]
    axes.barh(names, means, color=colours, height=0.62)
    axes.errorbar(means, names, xerr=[below, above], fmt="none", ecolor=INK, capsize=2.5, lw=1)
    axes.set_xlim(0, 104)
    axes.set_xlabel("%")
    axes.set_title(title, loc="left")
    return _svg(figure)


def curve(title: str, points: Sequence[tuple[float, float]], floor: float) -> str:
    """Risk–coverage curve, in %; ``floor`` is the risk of answering in random order."""
    figure, axes = _figure(7.2, 3.4)
    axes.plot([100 * x for x, _ in points], [100 * y for _, y in points], color=ACCENT, lw=1.8)
    axes.axhline(100 * floor, color=FAINT, lw=1, ls="--", label="random order")
    axes.set_xlabel("coverage: questions answered, most confident first (%)")
    axes.set_ylabel("risk: wrong answers (%)")
    axes.set_xlim(0, 100)
    axes.set_ylim(bottom=0)
    axes.set_title(title, loc="left")
    axes.legend(frameon=False)
    return _svg(figure)


def lines(
    title: str, series: Mapping[str, Sequence[tuple[float, float]]], labels: tuple[str, str]
) -> str:
    """Curves on two logarithmic axes, each drawn through its (x, y) points."""
    figure, axes = _figure(7.2, 4.2)
    styles = ["-", "--", "-.", ":"]
    for i, (name, points) in enumerate(series.items()):
        xs, ys = [x for x, _ in points], [max(y, 1e-6) for _, y in points]
        axes.plot(xs, ys, marker="o", ms=3.5, lw=1.4, ls=styles[i // 8 % 4], label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    axes.set_title(title, loc="left")
    axes.grid(color=FAINT, alpha=0.3, lw=0.5)
    axes.legend(frameon=False, fontsize=7.5, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return _svg(figure)


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ToolMissing(
            "plots need matplotlib: install it with `pip install matplotlib`, or leave out --html"
        ) from error
    with rc_context({"font.family": "sans-serif", "font.size": 9, "text.color": INK}):
        figure = Figure(figsize=(width, height), layout="tight")
        axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Figure) -> str:
    """SVG without prologue, date or random ids: equal plots give equal text."""
    from matplotlib import rc_context

    out = io.StringIO()
    with rc_context({"svg.hashsalt": "evaluation", "svg.fonttype": "none"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
