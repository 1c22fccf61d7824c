"""Submitting an answer to the staff: the one act by which a question is ever kept."""

from __future__ import annotations

import hashlib
import json

import streamlit as st

import settings
from qa.answer import Outcome
from qa.errors import ReviewsUnavailable
from qa.privacy import looks_identifying
from qa.reviews import Reviews, address
from ui import wording_staff as wording
from ui.access import person
from ui.acts import note
from ui.conversation import Turn
from ui.escape import escape

MOST = 10
"""Submissions of one session: enough for a person, too few to fill the disk."""

_ASKED = "soumission_demandee"
_DONE = "soumissions"


@st.cache_resource(show_spinner=False, max_entries=2)
def _opened(url: str) -> Reviews:
    return Reviews(url)


def reviews() -> Reviews:
    """The review database: the connection is shared between people, what is read is not.

    Raises:
        ReviewsUnavailable: It cannot be reached.
    """
    return _opened(address(settings.load()))


def offer(turn: Turn) -> None:
    """Below the last answer: say what would be kept, ask again, then keep it."""
    done: dict[str, int] = st.session_state.setdefault(_DONE, {})
    mark = _mark(turn.outcome)
    with st.container(key="soumettre"):
        if mark in done:
            st.success(wording.SUBMIT_DONE.format(number=done[mark]))
            return
        if st.session_state.get(_ASKED) != mark:
            st.markdown(wording.SUBMIT_LEAD)
            st.button(wording.SUBMIT, key="soumettre-demande", on_click=_ask, args=(mark,))
            return
        _confirm(turn.outcome, done)


def _confirm(outcome: Outcome, done: dict[str, int]) -> None:
    if looks_identifying(outcome.question):
        st.warning(wording.SUBMIT_IDENTIFYING)
        return
    if len(done) >= MOST:
        st.warning(wording.SUBMIT_MANY.format(n=MOST))
        return
    st.markdown(wording.SUBMIT_SEEN)
    st.markdown(f"> {escape(outcome.question)}")
    with st.container(horizontal=True):
        keep = st.button(wording.SUBMIT_CONFIRM, key="soumettre-oui", type="primary")
        st.button(wording.SUBMIT_CANCEL, key="soumettre-non", on_click=_ask, args=(None,))
    if keep:
        try:
            kept = keep_for_review(outcome)
        except ReviewsUnavailable as error:
            st.error(str(error))
            return
        done[_mark(outcome)] = kept
        _ask(None)
        st.rerun()


def keep_for_review(outcome: Outcome) -> int:
    """Keep an answer, and record that it was: its number."""
    who = person()
    kept = reviews().submit(outcome, who.name or "anonyme")
    note(who, "submit", str(kept))
    return kept


def _ask(mark: str | None) -> None:
    st.session_state[_ASKED] = mark


def _mark(outcome: Outcome) -> str:
    """Tells an outcome from another (its timings differ), without keeping its question."""
    return hashlib.sha256(json.dumps(outcome.as_json()).encode()).hexdigest()
