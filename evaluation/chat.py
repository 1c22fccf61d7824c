"""The same chat model with the gate and without it: what the gate does, in figures.

The gold questions are ours and hold no patient: whoever names a model on the command line agrees to
their being sent to it. Both ways get the same passages and the same instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from corpus.passage import Passage
from evaluation.gold import GoldQuestion
from evaluation.response import Cited, Response, Said
from evaluation.runner import K, query_of
from index.hit import Hit
from index.retriever import Retriever
from qa import privacy, prompt
from qa.answer import Citation
from qa.chat import Stop, ask, connect
from qa.generative import answer, consent_to, outgoing_text

Respond = Callable[[GoldQuestion], Response]


def gated(retriever: Retriever, spec: str, base_url: str = "", timeout: float = 30.0) -> Respond:
    """The product's way: what fails the gate is mended once or dropped; nothing left is silence."""

    def respond(question: GoldQuestion) -> Response:
        hits = retriever.search(query_of(question), K)
        consent = consent_to(outgoing_text(question.question, hits))
        made = answer(
            spec, question.question, hits, consent=consent, base_url=base_url, timeout=timeout
        )
        return Response(
            answered=bool(made.sentences),
            sentences=tuple(Said(s.text, s.citations) for s in made.sentences),
            citations=tuple(_checked(citation) for citation in made.citations),
            confidence=float(bool(made.sentences)),
            reason=made.problem,
            model=spec,
        )

    return respond


def ungated(retriever: Retriever, spec: str, base_url: str = "", timeout: float = 30.0) -> Respond:
    """What the model says, as it says it: unknown keys and false extracts included."""

    def respond(question: GoldQuestion) -> Response:
        hits = retriever.search(query_of(question), K)
        request = prompt.build(privacy.mask(question.question).text, hits)
        messages = [("system", request.system), ("human", request.user)]
        try:
            drafts = ask(connect(spec, base_url, timeout), messages)
        except Stop as stop:
            return Response(answered=False, reason=stop.problem, model=spec)
        citations: list[Cited] = []
        sentences = []
        for draft in drafts:
            numbers = []
            for key, extract in draft.sources:
                numbers.append(len(citations) + 1)
                citations.append(_claimed(len(citations) + 1, request.keys.get(key), extract))
            sentences.append(Said(draft.text, tuple(numbers)))
        return Response(bool(drafts), tuple(sentences), tuple(citations), 1.0, None, spec)

    return respond


def _checked(citation: Citation) -> Cited:
    found = _of(citation.n, citation.hit.passage, citation.quote)
    return replace(found, start=citation.start, end=citation.end)


def _claimed(n: int, hit: Hit | None, extract: str) -> Cited:
    """A citation as the model claims it; of an unknown key, nothing is known but the words."""
    if hit is None:
        return Cited(n, extract, "", 0, 0)
    return _of(n, hit.passage, extract or hit.passage.text)


def _of(n: int, passage: Passage, quote: str) -> Cited:
    at = passage.text.find(quote)
    start = passage.start + max(at, 0)
    return Cited(
        n, quote, passage.source, start, start + len(quote), passage.kind, passage.ref,
        passage.text, passage.id, passage.page, passage.in_force_from, passage.in_force_to,
    )  # fmt: skip


def both(
    retriever: Retriever, spec: str, base_url: str = "", timeout: float = 30.0
) -> Sequence[tuple[str, Respond]]:
    """The two systems, by the names they take in the tables."""
    return (
        (f"{spec}, gate", gated(retriever, spec, base_url, timeout)),
        (f"{spec}, no gate", ungated(retriever, spec, base_url, timeout)),
    )
