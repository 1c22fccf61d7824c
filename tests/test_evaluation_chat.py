"""The gate, on and off, before a scripted chat model that invents: the difference must be named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.baselines import retriever as ranking
from evaluation.chat import both
from evaluation.compare import compare
from evaluation.gold import GoldQuestion, read_gold, select
from evaluation.measure import page_of
from evaluation.record import Row
from evaluation.runner import Truth, ask_all, search_all
from index.open import Index, open_index
from tests.chat_server import Passages, Reply, phrases, serve


def _invents(passages: Passages) -> str:
    """One true sentence, then one with a false key, a false extract, and an uncited one."""
    key, row = next(iter(passages.items()))
    true = row["texte"].split(". ")[0]
    return phrases(
        (true, [(key, true)]),
        ("Le secret prend fin au bout de 12 ans.", [("P-00000000", "au bout de 12 ans")]),
        ("Le patient peut délier son kiné par écrit.", [(key, "le patient peut délier")]),
        ("L’amende est de 99 000 euros.", []),
    )


@pytest.fixture(scope="module")
def index(real_root: Path) -> Index:
    return open_index(real_root)


def _rows(index: Index, questions: tuple[GoldQuestion, ...]) -> dict[str, tuple[Row, ...]]:
    truth = Truth(index.document_text, page_of(index), "2026-11-24")
    found, _ = search_all(questions, ranking(index))
    with serve(Reply(_invents)) as server:
        return {
            name: ask_all(questions, respond, found, truth)[0]
            for name, respond in both(index.retriever, "openai:scripted", f"{server.url}/v1")
        }


@pytest.mark.slow
def test_the_gate_off_is_named_on_every_citation_metric(index: Index) -> None:
    questions = tuple(q for q in select(read_gold(), "development") if q.answerable)[::4]
    rows = _rows(index, questions)
    gate, bare = rows["openai:scripted, gate"], rows["openai:scripted, no gate"]
    assert all(row.values["verbatim_rate"] == 1.0 for row in gate if row.answered)
    assert all(row.values["uncited"] == 0.0 for row in gate if row.answered)
    answered = [row for row in gate if row.answered]
    assert len(answered) > len(gate) / 2
    # Three of the four sentences are false, and two of the three citations.
    assert all(row.values["citation_recall"] in (0.0, 1 / 4) for row in bare)
    assert all(row.values["uncited"] == 1 / 4 for row in bare)
    named = {c.metric.name for c in compare(gate, bare).significant if c.verdict == "worse"}
    assert {"citation_recall", "citation_precision"} <= named


@pytest.mark.slow
def test_a_model_that_cannot_be_reached_is_an_abstention(index: Index) -> None:
    question = read_gold()[0]
    for _, respond in both(index.retriever, "openai:scripted", "http://127.0.0.1:9/v1", 5.0):
        response = respond(question)
        assert not response.answered and response.reason == "unreachable"


@pytest.mark.slow
def test_both_ways_send_the_same_text(index: Index) -> None:
    question = read_gold()[0]
    with serve(Reply(lambda passages: json.dumps({"phrases": []}))) as server:
        for _, respond in both(index.retriever, "openai:scripted", f"{server.url}/v1"):
            respond(question)
        first, second = (body["messages"] for body in server.bodies[:2])
    assert first == second
