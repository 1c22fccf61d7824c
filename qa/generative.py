"""The second way of answering: any chat model that LangChain reaches, behind the same gate.

Off by default. Nothing leaves unless the author has agreed to the exact text, each time: the
consent is the sha256 of :func:`outgoing_text`. What comes back is drafts; each sentence goes
through ``qa.verify``, one that fails goes back once with its faults, and is then dropped. This is
the only module that imports LangChain for models, and it does so at the first call.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from index.hit import Hit
from qa import privacy, prompt, wording_model
from qa.answer import Citation, Sentence
from qa.chat import Stop, ask, connect
from qa.errors import MaskingFailed
from qa.failure import Failure
from qa.prompt import Draft, Request
from qa.verify import cite, gate
from qa.wording_model import Problem

_Kept = list[tuple[int, Draft, tuple[Citation, ...]]]
_Failed = list[tuple[int, Draft, tuple[Failure, ...]]]


@dataclass(frozen=True, slots=True)
class Generated:
    """What a chat model's answer came to.

    Attributes:
        sentences: Those that passed the gate; empty when ``problem`` says why.
        citations: Theirs, verified, numbered from 1.
        dropped: Sentences that failed twice, and why; for evaluation, never for display.
        problem: Why nothing can be shown; the caller then gives the extractive answer.
        warnings: French sentences for the reader.
    """

    model: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    dropped: tuple[tuple[str, tuple[Failure, ...]], ...] = ()
    problem: Problem | None = None
    warnings: tuple[str, ...] = ()


def outgoing_text(question: str, hits: Sequence[Hit]) -> str:
    """The exact text that would leave: instructions, passages, and the masked question.

    A second request may follow: the same text, the model's own answer, and its faults.

    Raises:
        MaskingFailed: An identifier may be left; nothing may be sent.
    """
    return _request(question, hits).text


def consent_to(text: str) -> str:
    """The agreement to one exact text: its sha256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def answer(
    spec: str,
    question: str,
    hits: Sequence[Hit],
    *,
    consent: str,
    base_url: str = "",
    timeout: float = 30.0,
) -> Generated:
    """Ask a chat model, and keep what passes the gate.

    Args:
        spec: ``provider:name``, as :func:`langchain.chat_models.init_chat_model` takes it.
        question: As typed; it is masked here.
        hits: Passages offered, best first.
        consent: ``consent_to(outgoing_text(question, hits))``; anything else sends nothing.
        base_url: Address of a compatible server, for providers that take one.
        timeout: Seconds allowed in all, the repair included.
    """
    try:
        request = _request(question, hits)
    except MaskingFailed:
        return _failed(spec, "masking")
    if not hmac.compare_digest(consent, consent_to(request.text)):
        return _failed(spec, "consent")
    try:
        model = connect(spec, base_url, timeout)  # outside the clock: its import takes seconds
        return _within(timeout, lambda: _converse(spec, model, request))
    except Stop as stop:
        return _failed(spec, stop.problem)


def _request(question: str, hits: Sequence[Hit]) -> Request:
    return prompt.build(privacy.mask(question).text, hits)


def _failed(spec: str, problem: Problem) -> Generated:
    told = wording_model.FALLBACK.format(problem=wording_model.PROBLEMS[problem])
    return Generated(spec, problem=problem, warnings=(told,))


def _within(seconds: float, call: Callable[[], Generated]) -> Generated:
    """Run a call for so long at most: a server that drips bytes outlasts any socket timeout."""
    outcome: list[Generated | BaseException] = []

    def run() -> None:
        try:
            outcome.append(call())
        except BaseException as error:  # carried to the caller's thread, never lost
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True, name="chat-model")
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise Stop("timeout")
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _converse(spec: str, model: Any, request: Request) -> Generated:
    messages = [("system", request.system), ("human", request.user)]
    drafts = ask(model, messages)
    kept, failed = _judge(drafts, request.keys)
    if failed:
        told = [
            ("ai", prompt.as_json(drafts)),
            ("human", prompt.repair([(draft, faults) for _, draft, faults in failed])),
        ]
        try:
            mended = ask(model, [*messages, *told])
        except Stop:
            mended = ()  # what already passed is shown all the same
        kept, failed = _merge(kept, failed, mended, request.keys)
    return _generated(spec, kept, failed)


def _judge(drafts: Sequence[Draft], keys: Mapping[str, Hit]) -> tuple[_Kept, _Failed]:
    """The drafts that pass the gate, each with its citations, and those that fail; with places."""
    kept: _Kept = []
    failed: _Failed = []
    for place, draft in enumerate(drafts):
        citations, failures = _cited(draft, keys)
        if not failures:
            sentence = Sentence(draft.text, tuple(c.n for c in citations))
            result = gate([sentence], citations)
            failures = result.dropped[0][1] if result.dropped else ()
            citations = result.citations
        if failures:
            failed.append((place, draft, failures))
        else:
            kept.append((place, draft, citations))
    return kept, failed


def _cited(
    draft: Draft, keys: Mapping[str, Hit]
) -> tuple[tuple[Citation, ...], tuple[Failure, ...]]:
    citations: list[Citation] = []
    failures: list[Failure] = []
    for n, (key, extract) in enumerate(draft.sources, start=1):
        hit = keys.get(key)
        if hit is None:
            failures.append(Failure("unknown_key", key[:40]))
            continue
        made = cite(n, hit, extract or hit.passage.text)
        if isinstance(made, Failure):
            failures.append(made)
        else:
            citations.append(made)
    return tuple(citations), tuple(failures)


def _merge(
    kept: _Kept, failed: _Failed, mended: Sequence[Draft], keys: Mapping[str, Hit]
) -> tuple[_Kept, _Failed]:
    """Put mended sentences where the failed ones stood; if their number differs, at the end."""
    again, _ = _judge(mended, keys)
    aligned = len(mended) == len(failed)
    end = 1 + max((place for place, _, _ in [*kept, *again]), default=0) + len(failed)
    said = {draft.text for _, draft, _ in kept}
    back = [
        (failed[i][0] if aligned else end + i, draft, citations)
        for i, draft, citations in again
        if draft.text not in said
    ]
    filled = {place for place, _, _ in back}
    lost = [f for f in failed if f[0] not in filled] if aligned else failed[len(back) :]
    return sorted([*kept, *back], key=lambda row: row[0]), lost


def _generated(spec: str, kept: _Kept, failed: _Failed) -> Generated:
    dropped = tuple((draft.text, failures) for _, draft, failures in failed)
    if not kept:
        return replace(_failed(spec, "nothing_left"), dropped=dropped)
    numbers: dict[tuple[str, int, int], Citation] = {}
    sentences = []
    for _, draft, citations in kept:
        cited = []
        for citation in citations:
            place = (citation.hit.passage.id, citation.start, citation.end)
            if place not in numbers:
                numbers[place] = replace(citation, n=len(numbers) + 1)
            cited.append(numbers[place].n)
        sentences.append(Sentence(draft.text, tuple(dict.fromkeys(cited))))
    warnings = [wording_model.WRITTEN_BY.format(model=spec), wording_model.PSEUDONYMISED]
    if dropped:
        warnings.append(wording_model.DROPPED.format(count=len(dropped)))
    return Generated(
        spec, tuple(sentences), tuple(numbers.values()), dropped, None, tuple(warnings)
    )
