"""Page « Vérifier » (staff): a queue of answers, each judged by two people unseen by each other."""

from __future__ import annotations

import streamlit as st

from corpus.references import french_date
from qa.errors import QuestionError, ReviewError
from qa.privacy import looks_identifying
from qa.reviews import Submission
from ui import judging, verdicts
from ui import wording as words
from ui import wording_staff as wording
from ui.access import require
from ui.acts import signature
from ui.components import page_title
from ui.engine import require_engine
from ui.escape import escape
from ui.submit import keep_for_review, reviews

_OPENED = "a_verifier"


def page() -> None:
    """Draw the page."""
    who = require("staff")
    page_title(wording.VERIFY_TITLE, wording.VERIFY_LEAD)
    with st.container(key="personnel"):
        reviewer = signature(who)
        try:
            if st.session_state.get(_OPENED) is not None:
                st.button(wording.QUEUE_BACK, on_click=_open, args=(None,), key="file-retour")
                judging.show(st.session_state[_OPENED], reviewer)
                return
            tabs = wording.VERIFY_TABS
            chosen = st.segmented_control(
                wording.VERIFY_SECTION, list(tabs), default="queue", key="partie",
                format_func=tabs.__getitem__, label_visibility="collapsed",
            )  # fmt: skip
            {"ask": _ask_here, "results": verdicts.show}.get(
                chosen or "queue", lambda: _queue(reviewer)
            )()
        except ReviewError as error:
            st.error(str(error))


def _queue(reviewer: str) -> None:
    waiting = reviews().queue()
    with st.container(key="annonce-file"):
        st.caption(
            words.count(wording.QUEUE_LEFT, len(waiting)) if waiting else wording.QUEUE_EMPTY
        )
    for one in waiting:
        with st.container(key=f"resultat-{one.id}"):
            st.markdown(f"**{escape(one.question)}**")
            st.caption(_state(one, reviewer))
            st.button(
                f"{wording.QUEUE_OPEN} :small[n° {one.id}]",
                key=f"verifier-{one.id}", on_click=_open, args=(one.id,),
            )  # fmt: skip


def _state(one: Submission, reviewer: str) -> str:
    line = wording.QUEUE_ROW.format(
        number=one.id, day=french_date(one.submitted_at[:10]),
        count=words.count(wording.QUEUE_COUNT, len(one.reviewers)),
    )  # fmt: skip
    return f"{line} · {wording.QUEUE_MINE}" if reviewer in one.reviewers else line


def _open(number: int | None) -> None:
    st.session_state[_OPENED] = number


def _ask_here() -> None:
    engine = require_engine()
    with st.form("demande-verif", clear_on_submit=True, border=False):
        st.markdown(wording.ASK_HERE_LEAD)
        question = st.text_area(wording.ASK_HERE, key="question-verif", height=110)
        asked = st.form_submit_button(wording.ASK_HERE_SUBMIT, type="primary")
    if not asked:
        return
    require("staff")
    if looks_identifying(question):
        st.warning(wording.SUBMIT_IDENTIFYING)
        return
    try:
        number = keep_for_review(engine.ask(question))
    except QuestionError as error:
        st.error(str(error))
        return
    st.success(wording.ASK_HERE_DONE.format(number=number))
    st.button(f"{wording.QUEUE_OPEN} :small[n° {number}]", on_click=_open, args=(number,))


if __name__ == "__main__":
    page()
