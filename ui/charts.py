"""Plots of figures with their intervals, in the page's own sober hand, and the same as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import streamlit as st

from ui import wording_figures as wording
from ui.escape import escape
from ui.results import Figure

_COLOUR = "#3a8199"  # legible on both themes; the meaning is never in the colour
_ROW_PX = 46
# The name stands above its line, inside the plot: beside it, a phone would have no room for both.
_ABOVE = alt.Axis(
    labelAlign="left", labelPadding=-2, labelOffset=-15, labelLimit=320, ticks=False, domain=False
)
_PER_CENT = "format(100 * datum.value, '.0f') + '\u00a0%'"
_inline: Any = alt.Data  # altair leaves it without annotations


def share(metric: str, value: float) -> str:
    """A figure as a reader sees it: a percentage, or a number of words."""
    if metric == "words":
        return f"{value:.0f}"
    return f"{100 * value:.1f}\u00a0%".replace(".", ",")


def interval(metric: str, figure: Figure) -> str:
    """Both ends of a figure's interval, the unit said once."""
    low = share(metric, figure.low).removesuffix("\u00a0%")
    return wording.INTERVAL.format(low=low, high=share(metric, figure.high))


def bars(metric: str, figures: Mapping[str, Figure]) -> None:
    """One line a category: a point on its interval, in the order given."""
    rows = [_datum(metric, name, figure) for name, figure in figures.items()]
    base = alt.Chart(_inline(values=rows)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=_ABOVE),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("shown:N", title="  ")],
    )
    span = base.mark_rule(size=2, color=_COLOUR, opacity=0.55).encode(
        x=_scale(metric, "low"), x2="high:Q"
    )
    point = base.mark_point(filled=True, size=70, color=_COLOUR, opacity=1).encode(
        x=_scale(metric, "mean")
    )
    _draw((span + point).properties(height=_ROW_PX * len(rows) + 30))


def line(metric: str, points: Sequence[tuple[str, Figure]]) -> None:
    """A figure over days, oldest first."""
    rows = [_datum(metric, day, figure) for day, figure in points]
    base = alt.Chart(_inline(values=rows)).encode(
        x=alt.X(
            "name:O",
            title=wording.AXIS_DAY,
            axis=alt.Axis(labelAngle=0, labelLimit=0, labelExpr="split(datum.label, ' ')"),
        ),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("shown:N", title="  ")],
    )
    axis = _scale(metric, "low", vertical=True)
    span = base.mark_rule(size=2, color=_COLOUR, opacity=0.55).encode(y=axis, y2="high:Q")
    path = base.mark_line(color=_COLOUR, point={"filled": True, "size": 70}).encode(
        y=_scale(metric, "mean", vertical=True)
    )
    _draw((span + path).properties(height=230))


def table(head: str, metric: str, figures: Mapping[str, Figure]) -> None:
    """The same figures in words, for whoever does not see the plot."""
    lines = [head, "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {escape(name)} | {share(metric, f.mean)} | {interval(metric, f)} | {f.n} |"
        for name, f in figures.items()
    ]
    with st.expander(wording.TABLE):
        st.markdown("\n".join(lines))


def _datum(metric: str, name: str, figure: Figure) -> dict[str, Any]:
    shown = f"{share(metric, figure.mean)} [{interval(metric, figure)}]"
    return {"name": name, "mean": figure.mean, "low": figure.low, "high": figure.high,
            "shown": shown}  # fmt: skip


def _scale(metric: str, name: str, *, vertical: bool = False) -> Any:
    words = metric == "words"
    channel = alt.Y if vertical else alt.X
    return channel(
        f"{name}:Q",
        title=wording.AXIS_WORDS if words else wording.AXIS_SHARE,
        scale=alt.Scale(zero=True) if words else alt.Scale(domain=[0, 1]),
        axis=alt.Axis(grid=True)
        if words
        else alt.Axis(labelExpr=_PER_CENT, tickCount=5, grid=True),
    )


def _draw(chart: Any) -> None:
    st.altair_chart(chart.configure_view(stroke=None), width="stretch")
