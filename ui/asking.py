"""From what was typed to an outcome: checks, stages of progress, and nothing left behind."""

from __future__ import annotations

import streamlit as st

from qa.errors import QuestionError, QuestionTooLong
from qa.pipeline import Engine
from ui import conversation, wording
from ui.turns import EngineBusy, Turns

_TURNS = Turns()  # one for the whole server: every session waits in the same queue


def ask(engine: Engine, typed: str) -> None:
    """Answer a question and append it to the conversation, or say what is wrong with it."""
    stage = st.empty()
    try:
        with stage.container(key="etapes"):
            line = st.empty()
            line.caption(wording.STAGES["retrieve"])
            with _TURNS.turn():
                outcome = engine.ask(
                    typed,
                    history=conversation.history(),
                    on_stage=_TURNS.limited(lambda name: _tell(line, name)),
                )
    except QuestionError as error:
        stage.empty()
        with st.container(key="rejet"):
            st.error(str(error))
            if isinstance(error, QuestionTooLong):
                _give_back(typed, wording.ASK_SHORTENED)
        return
    except EngineBusy:
        stage.empty()
        with st.container(key="rejet"):
            st.warning(wording.BUSY)
            _give_back(typed, wording.ASK_AGAIN)
        return
    stage.empty()
    conversation.add(outcome)


def _tell(line: st.delta_generator.DeltaGenerator, stage: str) -> None:
    if stage in wording.STAGES:
        line.caption(wording.STAGES[stage])


def _give_back(typed: str, again: str) -> None:
    """A text that was not answered is never lost: it is shown again, to be shortened or sent."""
    with st.form("rendue", border=False):
        st.text_area(wording.QUESTION_LABEL, value=typed, height=220, key="rendu")
        st.form_submit_button(again, on_click=_ask_again)


def _ask_again() -> None:
    st.session_state["suggestion"] = st.session_state.get("rendu", "")
