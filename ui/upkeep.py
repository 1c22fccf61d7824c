"""The index from the staff's side: rebuild, go back to an earlier generation, check everything."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

import settings
from corpus.errors import CorpusError
from corpus.library import load_library, problems
from corpus.references import french_date
from index.errors import SearchIndexError
from index.generations import (
    Generation,
    current_id,
    list_generations,
    open_generation,
    rollback,
    verify,
)
from index.manifest import withdrawn
from index.open import REMOTE
from qa.audit import Trail
from qa.audit import verify as verify_trail
from ui import wording as words
from ui import wording_staff as wording
from ui.access import require
from ui.acts import acting, permitted
from ui.building import job
from ui.escape import escape

_CHECKED = "controle"


def show() -> None:
    """Draw the index in use, the build, the earlier generations and the check."""
    place = settings.load().index
    if place.startswith(REMOTE):
        st.info(wording.INDEX_REMOTE)
        _health(None)
        return
    root = Path(place).expanduser()
    st.header(wording.INDEX_IN_USE, anchor=False)
    current = current_id(root)
    found = _opened(root, current) if current else None
    if found:
        st.markdown(_facts(found))
    else:
        st.markdown(f"`{current}` · {wording.GENERATION_DAMAGED}" if current else
                    wording.INDEX_NONE)  # fmt: skip
    _build()
    _back(root, current)
    _health(root)


def _opened(root: Path, generation: str) -> Generation | None:
    try:
        return open_generation(root, generation)
    except SearchIndexError:
        return None


def _facts(found: Generation) -> str:
    counts = found.info.get("counts", {})
    return wording.INDEX_FACTS.format(
        generation=f"`{found.id}`", day=french_date(found.created[:10]),
        documents=words.count(wording.INDEX_DOCUMENTS, counts.get("documents", 0)),
        passages=words.count(wording.PREVIEW_PASSAGES, counts.get("passages", 0)),
    )  # fmt: skip


def _build() -> None:
    running = job()
    with st.container(key="construire"):
        st.caption(wording.BUILD_LEAD)
        if st.button(wording.BUILD, key="reconstruire", type="primary", disabled=running.running):
            running.start(permitted())
            st.rerun()
        if running.running:
            _follow()
        elif running.fault:
            st.error(wording.BUILD_FAULTS[running.fault].format(kind=running.kind))
        elif running.report:
            report = running.report
            seconds = f"{report.seconds:.1f}".replace(".", ",")
            st.success(
                wording.BUILD_DONE.format(generation=report.generation, seconds=seconds)
                if report.built else wording.BUILD_SAME
            )  # fmt: skip


@st.fragment(run_every=0.5)
def _follow() -> None:
    running = job()
    share = running.done / running.total if running.total else 0.0
    st.progress(min(1.0, share), text=wording.BUILD_STAGES.get(running.stage, ""))
    if not running.running:
        st.rerun()  # the whole page: a new generation is there


def _back(root: Path, current: str | None) -> None:
    st.header(wording.GENERATIONS, anchor=False)
    choices: dict[str, str] = {}
    for name in list_generations(root):
        found = _opened(root, name)
        if found is None:
            st.markdown(f"- `{name}` · {wording.GENERATION_DAMAGED}")
            continue
        line = _facts(found)
        if name == current:
            line += f" · **{wording.GENERATION_CURRENT}**"
        elif withdrawn(root, name).exists():
            line += f" · {wording.GENERATION_WITHDRAWN}"
        else:
            counts = found.info.get("counts", {})
            choices[name] = wording.GENERATION_ROW.format(
                generation=name, day=french_date(found.created[:10]),
                passages=words.count(wording.PREVIEW_PASSAGES, counts.get("passages", 0)),
            )  # fmt: skip
        st.markdown(f"- {line}")
    earlier = [name for name in choices if current is None or name < current]
    if not earlier:
        st.caption(wording.ROLLBACK_NONE)
        return
    with st.form("retour", border=False):
        st.markdown(wording.ROLLBACK_LEAD)
        chosen = st.selectbox(
            wording.ROLLBACK_CHOICE, earlier, format_func=choices.__getitem__, key="version-retour"
        )
        sure = st.checkbox(wording.ROLLBACK_CONFIRM, key="retour-sur")
        back = st.form_submit_button(wording.ROLLBACK)
    if not back or not sure or chosen is None:
        return
    try:
        with acting("rollback"):
            rollback(root, chosen)
    except SearchIndexError as error:
        st.error(wording.BUILD_FAULTS["other"].format(kind=type(error).__name__))
        return
    st.session_state["dit"] = wording.ROLLED_BACK.format(generation=chosen)
    st.rerun()


def _health(root: Path | None) -> None:
    with st.container(key="controle-index"):
        st.caption(wording.HEALTH_LEAD)
        if st.button(wording.HEALTH, key="controler"):
            st.session_state[_CHECKED] = _checks(root)
        for name, faults in st.session_state.get(_CHECKED, {}).items():
            if not faults:
                st.success(wording.HEALTH_OK[name])
                continue
            st.warning(wording.HEALTH_FAULT[name].format(n=len(faults)))
            with st.expander(f"{wording.HEALTH_DETAIL} :small[({escape(name)})]"):
                st.code("\n".join(faults), language=None, wrap_lines=True)


def _checks(root: Path | None) -> dict[str, tuple[str, ...]]:
    require("staff")
    sources = settings.load().sources
    found: dict[str, tuple[str, ...]] = {}
    if root is not None:
        try:
            found["index"] = verify(root)
        except SearchIndexError as error:
            found["index"] = (str(error),)
    found["sources"] = problems(sources)
    if root is not None:
        found["fresh"] = _fresh(root, sources)
    found["audit"] = verify_trail(Trail.of())
    return found


def _fresh(root: Path, sources: Path) -> tuple[str, ...]:
    current = current_id(root)
    found = _opened(root, current) if current else None
    try:
        same = found is not None and found.info.get("corpus") == load_library(sources).sha256
    except CorpusError as error:
        return (str(error),)
    return () if same else ("corpus sha256 of the index ≠ that of the documents",)
