"""An answer by a chat model in place of the extractive one, where its author has agreed to it.

The model is asked only what the documents answer: a refusal stays a refusal, since no model can
make the documents say more. What it writes passes the gate; what is left replaces the extractive
answer, and when nothing is left the extractive answer stands, with a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import settings
from index.hit import Hit
from qa import generative, wording_model
from qa.answer import Answer, Outcome
from qa.errors import MaskingFailed

PASSAGES = 8
"""Offered to the model; the prompt may keep fewer."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What would leave the machine for one question.

    Attributes:
        question: What is left of it once orders to the tool are set aside.
        hits: The passages that go with it.
        text: The exact text, masked; its author must see it.
        outcome: The extractive outcome, which stands if nothing is sent.
    """

    question: str
    hits: tuple[Hit, ...]
    text: str
    outcome: Answer


def outgoing(question: str, hits: Sequence[Hit], outcome: Answer) -> Outgoing:
    """Prepare what would be sent.

    Raises:
        MaskingFailed: An identifier may be left; nothing may be sent.
    """
    offered = tuple(hits[:PASSAGES])
    return Outgoing(question, offered, generative.outgoing_text(question, offered), outcome)


def send(model: str, prepared: Outgoing, consent: str) -> Outcome:
    """Ask the model.

    Args:
        model: ``provider:name``.
        prepared: What is sent.
        consent: ``generative.consent_to`` of the text that its author has agreed to.
    """
    chosen = settings.load()
    made = generative.answer(
        model,
        prepared.question,
        prepared.hits,
        consent=consent,
        base_url=chosen.model_base_url,
        timeout=chosen.model_timeout,
    )
    outcome = prepared.outcome
    if made.problem is not None:
        return replace(outcome, warnings=(*outcome.warnings, *made.warnings))
    return replace(
        outcome,
        sentences=made.sentences,
        citations=made.citations,
        model=made.model,
        warnings=(*outcome.warnings, *made.warnings),
    )


def answered_by(model: str, question: str, hits: Sequence[Hit], outcome: Outcome) -> Outcome:
    """The whole of it for a caller who agreed beforehand to whatever the masking lets through."""
    if not isinstance(outcome, Answer):
        return outcome
    try:
        prepared = outgoing(question, hits, outcome)
    except MaskingFailed:
        told = wording_model.FALLBACK.format(problem=wording_model.PROBLEMS["masking"])
        return replace(outcome, warnings=(*outcome.warnings, told))
    return send(model, prepared, generative.consent_to(prepared.text))
