"""Page « Évaluation »: the published figures, over time, by kind, beside others, in detail."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

import settings
from corpus.references import french_date
from index.errors import SearchIndexError
from ui import charts, compared, norms
from ui import wording as words
from ui import wording_figures as wording
from ui import wording_staff as kinds
from ui.components import page_title
from ui.engine import engine
from ui.escape import escape
from ui.results import ENGINE, Figure, Row, Run, runs

_RETRIEVAL = ("recall@5", "recall@10", "success@1", "success@5", "mrr", "ndcg@10")


def page() -> None:
    """Draw the page."""
    page_title(wording.TITLE, wording.LEAD)
    found, bad = runs()
    with st.container(key="personnel"):
        for name in bad:
            st.warning(wording.UNREADABLE.format(name=escape(name)))
        if not found:
            st.info(wording.NONE)
            return
        run = st.selectbox(wording.RUN, found, format_func=label, key="mesure")
        st.caption(_about(run))
        tabs: dict[str, Callable[[], None]] = {
            "summary": lambda: _summary(run, found), "kinds": lambda: _kinds(run),
            "systems": lambda: _systems(run), "questions": lambda: _questions(run),
            "two": lambda: compared.show(found, label),
        }  # fmt: skip
        chosen = st.segmented_control(
            wording.SECTION, list(tabs), default="summary", key="partie-mesure",
            format_func=wording.TABS.__getitem__, label_visibility="collapsed",
        )  # fmt: skip
        tabs[chosen or "summary"]()


def label(run: Run) -> str:
    """How a run is called in a list."""
    about = run.about
    return wording.RUN_LABEL.format(
        day=french_date(str(about.get("day"))), questions=about.get("questions"),
        split=wording.SPLITS.get(str(about.get("split")), str(about.get("split"))),
        commit=str(about.get("commit"))[:7],
    )  # fmt: skip


def _about(run: Run) -> str:
    about = {name: escape(str(run.about.get(name))) for name in ("generation", "encoder")}
    model = str(run.about.get("model"))
    about["model"] = words.EXPORT_MODEL.get(
        model, words.EXPORT_MODEL_OTHER.format(model=escape(model))
    )
    note = wording.SPLIT_NOTES.get(str(run.about.get("split")), "")
    return f"{note} {wording.ABOUT.format(**about)}".strip()


def name_of(metric: str) -> str:
    """French name of a metric."""
    return wording.METRICS.get(metric, (metric, ""))[0]


def kind_of(kind: str) -> str:
    """French name of a kind of question."""
    return wording.KINDS.get(kind) or kinds.KINDS.get(kind, kind)


def _metric(known: Mapping[str, Figure], key: str, only: tuple[str, ...] = ()) -> str:
    choices = [m for m in wording.METRICS if m in known and (not only or m in only)]
    return str(st.selectbox(wording.METRIC, choices, format_func=name_of, key=key))


def _summary(run: Run, found: tuple[Run, ...]) -> None:
    figures = run.overall[ENGINE]
    lines = [wording.HEAD_METRICS, "| --- | ---: | ---: | ---: |"]
    for metric, (name, note) in wording.METRICS.items():
        if metric in figures:
            figure = figures[metric]
            title = f"{name} :small[({note})]" if note else name
            lines.append(
                f"| {title} | {charts.share(metric, figure.mean)} | "
                f"{charts.interval(metric, figure)} | {figure.n} |"
            )
    st.markdown("\n".join(lines))
    st.header(wording.OVER_TIME, anchor=False)
    metric = _metric(figures, "mesure-temps")
    same = [r for r in reversed(found) if r.about.get("split") == run.about.get("split")]
    points = [(f"{french_date(str(r.about.get('day')))} {str(r.about.get('commit'))[:7]}",
               r.overall[ENGINE][metric]) for r in same if metric in r.overall[ENGINE]]  # fmt: skip
    if len(points) < 2:
        st.caption(wording.OVER_TIME_ONE)
    charts.line(metric, points)
    charts.table(wording.HEAD_SYSTEMS.replace("Système", wording.AXIS_DAY), metric, dict(points))


def _kinds(run: Run) -> None:
    metric = _metric(run.overall[ENGINE], "mesure-nature")
    found = {kind_of(kind): figures[metric] for kind, figures in run.kinds.items()
             if metric in figures}  # fmt: skip
    ordered = dict(sorted(found.items(), key=lambda item: -item[1].mean))
    charts.bars(metric, ordered)
    charts.table(wording.HEAD_KINDS, metric, ordered)


def _systems(run: Run) -> None:
    st.caption(wording.SYSTEMS_NOTE)
    metric = _metric(run.overall[ENGINE], "mesure-systeme", _RETRIEVAL)
    found = {wording.SYSTEMS.get(system, system): figures[metric]
             for system, figures in run.overall.items() if metric in figures}  # fmt: skip
    ordered = dict(sorted(found.items(), key=lambda item: -item[1].mean))
    charts.bars(metric, ordered)
    charts.table(wording.HEAD_SYSTEMS, metric, ordered)


def _questions(run: Run) -> None:
    rows = run.rows[ENGINE]
    left, right = st.columns(2)
    asked = sorted({row.kind for row in rows}, key=kind_of)
    kind = left.selectbox(
        wording.FILTER_KIND, [None, *asked], key="question-nature",
        format_func=lambda k: kind_of(k) if k else wording.FILTER_ALL,
    )  # fmt: skip
    outcome = right.selectbox(
        wording.FILTER_OUTCOME, list(wording.OUTCOMES), key="question-resultat",
        format_func=wording.OUTCOMES.__getitem__,
    )  # fmt: skip
    wanted = {"all": (0.0, 1.0), "right": (1.0,), "wrong": (0.0,)}[outcome or "all"]
    shown = [row for row in rows
             if kind in (None, row.kind) and row.values.get("right") in wanted]  # fmt: skip
    st.caption(words.count(wording.QUESTIONS_COUNT, len(shown)))
    if not shown:
        return
    row = st.selectbox(
        wording.QUESTION, shown, format_func=lambda r: f"{r.id} · {r.question}", key="question"
    )
    if row is not None:
        detail(row)


def detail(row: Row) -> None:
    """Everything that a run kept of one question."""
    right = row.values.get("right") == 1.0
    did = (wording.DETAIL_ANSWERED if row.answered
           else wording.DETAIL_ABSTAINED.format(reason=_reason(row)))  # fmt: skip
    due = (wording.DETAIL_EXPECTED_ANSWER if row.answerable
           else wording.DETAIL_EXPECTED_ABSTENTION)  # fmt: skip
    with st.container(key="detail-question", border=True):
        st.markdown(f"**{escape(row.question)}**")
        verdict = wording.DETAIL_RIGHT if right else wording.DETAIL_WRONG
        parts = [f"**{verdict}**", did, due, kind_of(row.kind)]
        if row.confidence is not None:
            value = f"{row.confidence:.2f}".replace(".", ",")
            parts.append(wording.DETAIL_CONFIDENCE.format(value=value))
        st.markdown(" · ".join(parts))
        known = _labels()
        for title, names in ((wording.DETAIL_REFS, row.refs), (wording.DETAIL_CITED, row.cited),
                             (wording.DETAIL_TOP, row.top)):  # fmt: skip
            said = dict.fromkeys(known.get(name, name) for name in names)
            listed = " · ".join(map(escape, said)) or wording.DETAIL_NONE
            st.markdown(f"{title}\u00a0: {listed}")
        st.caption(" · ".join(
            f"{name_of(metric)} {charts.share(metric, value)}"
            for metric, value in row.values.items()
        ))  # fmt: skip


def _labels() -> dict[str, str]:
    """Passage id to reference, as far as the index in use still knows them."""
    try:
        return {passage.id: norms.label(passage) for passage in engine().index.passages}
    except (SearchIndexError, settings.SettingsError):
        return {}


def _reason(row: Row) -> str:
    return words.REFUSAL_TITLES.get(str(row.reason), str(row.reason)).lower()


if __name__ == "__main__":
    page()
