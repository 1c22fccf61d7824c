"""Page « Poser une question »: ask, read the answer, open a citation beside it, ask on."""

from __future__ import annotations

import streamlit as st

from index.open import Index
from qa.pipeline import Engine
from ui import answer, conversation, model, passage, submit, wording
from ui.asking import ask
from ui.components import emergency_box, page_title
from ui.conversation import Turn
from ui.engine import require_engine
from ui.escape import escape


def page() -> None:
    """Draw the page."""
    engine = require_engine()
    begun = bool(conversation.turns())
    top = st.empty()
    # In a container, else Streamlit pins it and keeps scrolling to the end of the answer.
    with st.container(key="demande"):
        placeholder = wording.ASK_AGAIN if begun else wording.ASK_PLACEHOLDER
        typed = st.chat_input(placeholder, key="saisie")
    chosen: str | None = st.session_state.pop("suggestion", None)
    question = typed if typed is not None else chosen
    if question is not None:
        ask(engine, question)
    turns = conversation.turns()
    if turns:
        if "urgence" in turns[-1].outcome.alerts:
            with top.container():
                emergency_box()
        _conversation(engine)
    else:
        with top.container():
            if engine.index.notice:
                st.info(escape(engine.index.notice))
            page_title(wording.ASK_TITLE, wording.ASK_LEAD)
        _suggestions()


def _suggestions() -> None:
    with st.container(key="suggestions"):
        st.caption(wording.ASK_PRIVACY)
        st.header(wording.ASK_SUGGESTIONS_TITLE, anchor=False)
        for i, text in enumerate(wording.SUGGESTIONS):
            st.button(text, key=f"suggestion-{i}", on_click=_choose, args=(text,), width="stretch")


def _choose(text: str) -> None:
    st.session_state["suggestion"] = text


def _conversation(engine: Engine) -> None:
    index = engine.index
    turns = conversation.turns()
    opened = conversation.opened()
    left, right = st.columns([11, 8], gap="large") if opened else (st.container(), None)
    with left, st.container(key="reponse"):
        answer.show(index, len(turns) - 1, turns[-1], last=True)
        model.offer(engine, len(turns) - 1, turns[-1])
        submit.offer(turns[-1])
        for number in range(len(turns) - 2, -1, -1):
            _earlier(index, number, turns[number])
        st.button(wording.NEW_CONVERSATION, on_click=conversation.clear, type="tertiary")
    if opened and right is not None:
        cited = next((c for c in turns[opened.turn].citations if c.n == opened.n), None)
        if cited is not None:
            with right:
                passage.panel(index, cited)


def _earlier(index: Index, number: int, turn: Turn) -> None:
    """A turn before the last, folded: drawn only once it is unfolded, so that none waits for it."""
    folded = st.expander(
        f"{wording.EARLIER} : {escape(turn.outcome.question)}",
        key=f"avant-{number}",
        on_change="rerun",
    )
    if folded.open:
        with folded:
            answer.show(index, number, turn, last=False)


if __name__ == "__main__":
    page()
