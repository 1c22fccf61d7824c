"""Put the gold questions to systems, and keep one value a metric and a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

from evaluation import answers
from evaluation.evidence import evidence_recall, normalise
from evaluation.gold import GoldQuestion
from evaluation.metrics import ndcg_at, reciprocal_rank, success_at
from evaluation.record import ENGINE, Record, Row
from evaluation.response import Response, from_outcome
from qa.answer import Outcome

K = 10
"""Depth of every ranking asked for."""

Values = dict[str, float | None]


class Askable(Protocol):
    """The part of :class:`qa.pipeline.Engine` that an evaluation uses."""

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        id: str | None = None,
        day: str | None = None,
    ) -> Outcome:
        """Answer or abstain."""
        ...


@dataclass(frozen=True, slots=True)
class Searchable:
    """A system that ranks passages: its own passages (id to text), and its search.

    ``search(query, k)`` returns ids, best first.
    """

    name: str
    passages: Mapping[str, str]
    search: Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Truth:
    """What a citation is checked against, independently of the engine.

    Attributes:
        document_text: Source id to cleaned text; ``KeyError`` when unknown.
        page_of: Source id and offset to the printed page, ``None`` where it is not known.
        day: The day (ISO) for which articles must be in force, unless a question names its own.
    """

    document_text: Callable[[str], str]
    page_of: Callable[[str, int], int | None]
    day: str


def query_of(question: GoldQuestion) -> str:
    """What a system without a notion of history is asked: the questions before, and this one."""
    return " ".join((*question.history, question.question))


def relevant_passages(question: GoldQuestion, normalised: Mapping[str, str]) -> dict[str, float]:
    """Ids of the passages that hold at least one evidence span, each with grade 1.

    Args:
        question: A gold question.
        normalised: Id to text, already through :func:`evaluation.evidence.normalise`.
    """
    spans = [normalise(span) for span in question.evidence]
    return {i: 1.0 for i, text in normalised.items() if any(span in text for span in spans)}


def retrieval_values(
    question: GoldQuestion,
    ranked: Sequence[str],
    texts: Mapping[str, str],
    relevant: Mapping[str, float],
) -> Values:
    """Every ranking metric of one question; none is defined when it has no evidence.

    Recall is that of the evidence, by the question's mode. A question whose evidence no passage
    holds whole is a failure of the chunking, hence 0 and not undefined.
    """
    if not question.evidence:
        return {}
    found = [texts[i] for i in ranked]
    return {
        "recall@5": evidence_recall(found, question.evidence, question.evidence_mode, 5),
        "recall@10": evidence_recall(found, question.evidence, question.evidence_mode, 10),
        "mrr": reciprocal_rank(ranked, relevant, K) or 0.0,
        "ndcg@10": ndcg_at(ranked, relevant, K) or 0.0,
        "success@1": success_at(ranked, relevant, 1) or 0.0,
        "success@5": success_at(ranked, relevant, 5) or 0.0,
    }


def answer_values(question: GoldQuestion, response: Response, truth: Truth) -> Values:
    """Every metric of one answer or abstention."""
    facts, must_not = question.answer_facts, question.must_not
    outcome = answers.right(response, question.answerable, facts, must_not)
    silent = float(not response.answered)
    values: Values = {
        "right": outcome,
        "words": answers.words(response),
        "citation_recall": answers.citation_recall(response),
        "citation_precision": answers.citation_precision(response),
        "uncited": answers.uncited(response),
        "verbatim_rate": answers.verbatim_rate(response, truth.document_text),
        "page_accuracy": answers.page_accuracy(response, truth.page_of),
        "version_accuracy": answers.version_accuracy(response, truth.day),
        "abstention_precision": float(not question.answerable) if silent else None,
    }
    if not question.answerable:
        return {**values, "abstention_recall": silent}
    return {
        **values,
        "right_answer": outcome,
        "fact_recall": answers.fact_recall(response, facts),
        "forbidden": answers.forbidden(response, must_not),
        "evidence_cited": answers.evidence_cited(
            response, question.evidence, question.evidence_mode
        ),
        "wrong_abstention": silent,
    }


def search_all(
    questions: Sequence[GoldQuestion], system: Searchable
) -> tuple[tuple[Row, ...], tuple[float, ...]]:
    """Ask a system that only ranks; returns its rows, and the milliseconds of each search."""
    normalised = {i: normalise(text) for i, text in system.passages.items()}
    rows, clock = [], []
    for question in questions:
        begun = perf_counter()
        ranked = tuple(system.search(query_of(question), K))
        clock.append(1000 * (perf_counter() - begun))
        relevant = relevant_passages(question, normalised)
        values = retrieval_values(question, ranked, system.passages, relevant)
        rows.append(_row(question, values, top=ranked))
    return tuple(rows), tuple(clock)


def ask_all(
    questions: Sequence[GoldQuestion],
    respond: Callable[[GoldQuestion], Response],
    found: Sequence[Row],
    truth: Truth,
) -> tuple[tuple[Row, ...], dict[str, tuple[float, ...]]]:
    """Ask a system that answers; its rows add to those of its retriever (``found``, same order)."""
    rows: list[Row] = []
    clock: dict[str, list[float]] = {"total": []}
    for question, row in zip(questions, found, strict=True):
        begun = perf_counter()
        response = respond(question)
        clock["total"].append(1000 * (perf_counter() - begun))
        for stage, ms in response.timings_ms.items():
            clock.setdefault(stage, []).append(ms)
        values = {**row.values, **answer_values(question, response, truth)}
        rows.append(_row(question, values, top=row.top, response=response))
    return tuple(rows), {stage: tuple(ms) for stage, ms in clock.items()}


def asking(engine: Askable) -> Callable[[GoldQuestion], Response]:
    """The engine as a system that answers gold questions."""
    return lambda q: from_outcome(engine.ask(q.question, history=q.history, id=q.id))


def run(
    questions: Sequence[GoldQuestion],
    engine: Askable,
    retriever: Searchable,
    truth: Truth,
    baselines: Sequence[Searchable] = (),
    about: Mapping[str, Any] | None = None,
    progress: Callable[[str], None] = lambda line: None,
    others: Sequence[tuple[str, Callable[[GoldQuestion], Response]]] = (),
) -> Record:
    """One run: the engine with its retriever, then each other system, on the same questions.

    Args:
        questions: Of the gold set.
        engine: The product.
        retriever: Its retriever.
        truth: What citations are checked against.
        baselines: Systems that only rank.
        about: What is being run, kept with the figures.
        progress: Told of each system as it begins.
        others: Systems that answer from the same retriever, by name.
    """
    if questions:
        engine.ask(questions[0].question)  # loads what is loaded lazily, before any clock starts
    progress(f"{ENGINE}: {len(questions)} questions")
    found, searched = search_all(questions, retriever)
    rows, clock = ask_all(questions, asking(engine), found, truth)
    systems = {ENGINE: rows}
    timings = {ENGINE: {"search": searched, **clock}}
    for name, respond in others:
        progress(f"{name}: {len(questions)} questions")
        systems[name], timings[name] = ask_all(questions, respond, found, truth)
    for baseline in baselines:
        progress(f"{baseline.name}: {len(baseline.passages)} passages")
        ranked, searched = search_all(questions, baseline)
        systems[baseline.name] = ranked
        timings[baseline.name] = {"search": searched}
    return Record(dict(about or {}), systems, timings)


def _row(
    question: GoldQuestion,
    values: Values,
    top: Sequence[str] = (),
    response: Response | None = None,
) -> Row:
    return Row(
        id=question.id,
        question=question.question,
        kind=question.kind,
        group=question.group,
        answerable=question.answerable,
        values=values,
        refs=question.refs,
        top=tuple(top),
        cited=tuple(c.passage_id for c in response.citations) if response else (),
        answered=response.answered if response else None,
        reason=response.reason if response else None,
        confidence=response.confidence if response else None,
    )
