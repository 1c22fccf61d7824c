"""A chat model, when one is configured: the exact text that would leave, and an act to send it.

The answer composed on this machine is always shown first. The model is asked for another only
after its author has read the outgoing text and agreed to it, each time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

import settings
from index.hit import Hit
from qa import generative, question, wording_model
from qa.answer import Answer
from qa.errors import MaskingFailed
from qa.pipeline import Engine
from ui import conversation, wording
from ui.conversation import Turn
from ui.escape import escape

PASSAGES = 8
"""Offered to the model; the prompt may keep fewer."""

_PREVIEW = "texte_sortant"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would leave for one turn, and what it was made of."""

    turn: int
    text: str
    hits: tuple[Hit, ...]


def offer(engine: Engine, number: int, turn: Turn) -> None:
    """Below the last answer: propose the model, preview, send."""
    model = settings.load().model
    if model in ("", "extractive") or turn.outcome.model != "extractive":
        return
    if not turn.outcome.answered:  # no model can make the documents say more
        return
    with st.container(key="modele", border=True):
        preview: Preview | None = st.session_state.get(_PREVIEW)
        if preview is None or preview.turn != number:
            st.header(wording.MODEL_TITLE, anchor=False)
            st.markdown(wording.MODEL_LEAD.format(model=escape(model)))
            if st.button(wording.MODEL_PREVIEW, key="apercu"):
                _prepare(engine, number, turn)
            return
        st.header(wording.OUTGOING_TITLE.format(model=escape(model)), anchor=False)
        st.markdown(wording.OUTGOING_LEAD)
        st.code(preview.text, language=None, wrap_lines=True, height=320)
        with st.container(horizontal=True):
            send = st.button(wording.OUTGOING_SEND, key="envoyer", type="primary")
            st.button(wording.OUTGOING_KEEP, key="garder-local", on_click=forget)
        if send:
            _send(preview, turn)


def forget() -> None:
    """Drop the text that was being previewed."""
    st.session_state.pop(_PREVIEW, None)


def _prepare(engine: Engine, number: int, turn: Turn) -> None:
    asked = turn.outcome.question
    query = question.read(asked, conversation.history()[:number]).query
    hits = engine.index.retriever.search(query, PASSAGES)
    try:
        text = generative.outgoing_text(asked, hits)
    except MaskingFailed:
        st.warning(wording_model.PROBLEMS["masking"])
        return
    st.session_state[_PREVIEW] = Preview(number, text, hits)
    st.rerun()


def _send(preview: Preview, turn: Turn) -> None:
    chosen = settings.load()
    with st.spinner(wording.OUTGOING_WAIT):
        made = generative.answer(
            chosen.model,
            turn.outcome.question,
            preview.hits,
            consent=generative.consent_to(preview.text),
            base_url=chosen.model_base_url,
            timeout=chosen.model_timeout,
        )
    forget()
    outcome = turn.outcome
    if made.problem is not None:
        conversation.replace_outcome(preview.turn, replace(outcome, warnings=made.warnings))
    else:
        conversation.replace_outcome(
            preview.turn,
            Answer(
                outcome.question, made.sentences, made.citations, model=made.model,
                alerts=outcome.alerts, warnings=made.warnings, generation=outcome.generation,
            ),
        )  # fmt: skip
    st.rerun()
