"""Two runs, or two systems, side by side on the questions that both hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ui import charts
from ui import wording as words
from ui import wording_figures as wording
from ui.escape import escape
from ui.results import ENGINE, Row, Run, mcnemar, paired_means

SURE = 0.05
_LISTED = 40


def show(found: Sequence[Run], label: Callable[[Run], str]) -> None:
    """Draw the choice of two, what moved, and whether by chance."""
    choices = [(run, system) for run in found for system in sorted(run.rows, key=_engine_first)]

    def said(one: tuple[Run, str]) -> str:
        name = wording.SYSTEMS.get(one[1], one[1])
        return wording.TWO_SYSTEM.format(run=label(one[0]), system=name)

    first = st.selectbox(
        wording.TWO_FIRST, choices, format_func=said, index=min(1, len(choices) - 1), key="deux-a"
    )
    second = st.selectbox(wording.TWO_SECOND, choices, format_func=said, key="deux-b")
    if first is None or second is None:
        return
    before, after = (one[0].rows[one[1]] for one in (first, second))
    shared = len({row.id for row in before} & {row.id for row in after})
    st.caption(words.count(wording.TWO_SHARED, shared) if shared else wording.TWO_NONE)
    lines = [wording.TWO_HEAD, "| --- | ---: | ---: | ---: | ---: |"]
    for metric, (name, _) in wording.METRICS.items():
        means = paired_means(before, after, metric)
        if means is not None:
            a, b, n = means
            lines.append(
                f"| {name} | {charts.share(metric, a)} | {charts.share(metric, b)} | "
                f"{_signed(metric, b - a)} | {n} |"
            )
    if len(lines) > 2:
        st.markdown("\n".join(lines))
    if paired_means(before, after, "right") is not None:
        _moved(before, after)


def _moved(before: Sequence[Row], after: Sequence[Row]) -> None:
    test = mcnemar(before, after)
    st.markdown(wording.TWO_TEST.format(
        gained=len(test.gained), lost=len(test.lost), p=f"{test.p:.3f}".replace(".", ","),
        said=wording.TWO_SURE if test.p < SURE else wording.TWO_UNSURE,
    ))  # fmt: skip
    st.caption(wording.TWO_NOTE)
    asked = {row.id: row.question for row in (*after, *before) if row.question}
    for title, ids in ((wording.TWO_LOST, test.lost), (wording.TWO_GAINED, test.gained)):
        if ids:
            with st.expander(f"{title} ({len(ids)})"):
                st.markdown("\n".join(
                    f"- {escape(one)} · {escape(asked.get(one, ''))}" for one in ids[:_LISTED]
                ))  # fmt: skip


def _signed(metric: str, value: float) -> str:
    text = charts.share(metric, value)
    return f"+{text}" if value > 0 else text.replace("-", "−")


def _engine_first(system: str) -> tuple[bool, str]:
    return (system != ENGINE, system)
