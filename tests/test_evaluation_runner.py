"""The runner, on three questions whose figures can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log2
from pathlib import Path

import pytest

from corpus.passage import Passage
from evaluation import record as records
from evaluation import summary
from evaluation.errors import ResultsError
from evaluation.gold import GoldQuestion
from evaluation.record import ENGINE, Record
from evaluation.runner import Searchable, Truth, query_of, run
from index.hit import Hit
from qa.answer import Answer, Citation, Outcome, Refusal, Sentence

TEXT = "Le patient ne peut délier du secret. La peine est d’un an. Le juge convoque. Rien."
TRUTH = Truth({"guide": TEXT}.__getitem__, lambda source, offset: 3, "2024-06-01")


def _passage(name: str, quote: str) -> Passage:
    start = TEXT.index(quote)
    return Passage(name, "guide", "Guide", "t", (), quote, "guide", start, start + len(quote), 3)


PASSAGES = {
    p.id: p
    for p in (
        _passage("secret", "Le patient ne peut délier du secret."),
        _passage("peine", "La peine est d’un an."),
        _passage("juge", "Le juge convoque."),
        _passage("rien", "Rien."),
    )
}


def _question(name: str, kind: str, evidence: tuple[str, ...], **more: object) -> GoldQuestion:
    plain = GoldQuestion(name, f"{name} ?", kind, name, evidence, "any", (), (), ())
    return replace(plain, **more)  # type: ignore[arg-type]  # test shorthand


QUESTIONS = (
    _question("q1", "direct", ("ne peut délier",), answer_facts=(("ne peut délier",),)),
    _question(
        "q2", "multi", ("peine est d'un an", "juge convoque"), evidence_mode="all",
        answer_facts=(("un an",), ("convoque",)), must_not=("deux ans",),
    ),
    _question("q3", "unanswerable_far", ()),
)  # fmt: skip


class Scripted:
    """Answers with the passages that it was told to quote; abstains where there are none."""

    def __init__(self, quotes: dict[str, tuple[str, ...]]) -> None:
        self.quotes = quotes
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        id: str | None = None,
        day: str | None = None,
    ) -> Outcome:
        self.asked.append((question, tuple(history)))
        found = self.quotes[question]
        if not found:
            return Refusal(question, "hors_corpus", "Rien.", confidence=0.1)
        cited = tuple(self._citation(n, name) for n, name in enumerate(found, 1))
        said = tuple(Sentence(c.quote, (c.n,)) for c in cited)
        return Answer(question, said, cited, confidence=0.9, timings_ms={"retrieve": 2.0})

    @staticmethod
    def _citation(n: int, name: str) -> Citation:
        p = PASSAGES[name]
        return Citation(n, Hit(p, 1.0), p.text, p.start, p.end, verified=True)


def _searchable(name: str, order: Sequence[str]) -> Searchable:
    texts = {i: p.text for i, p in PASSAGES.items()}
    return Searchable(name, texts, lambda query, k: list(order)[:k])


def _run(quotes: dict[str, tuple[str, ...]] | None = None) -> Record:
    told = quotes or {"q1 ?": ("secret",), "q2 ?": ("peine", "rien"), "q3 ?": ()}
    return run(
        QUESTIONS,
        Scripted(told),
        _searchable(ENGINE, ("rien", "secret", "peine", "juge")),
        TRUTH,
        (_searchable("other", ("juge", "rien")),),
        {"questions": 3, "split": "all", "generation": "g", "commit": "c", "model": "m"},
    )


def test_retrieval_values_by_hand() -> None:
    first, second, third = _run().rows()
    assert first.values["recall@5"] == 1.0 and first.values["mrr"] == 1 / 2
    assert first.values["ndcg@10"] == pytest.approx(1 / log2(3))
    assert first.values["success@1"] == 0.0
    assert second.values["recall@10"] == 1.0 and second.values["mrr"] == 1 / 3
    ideal = 1 / log2(2) + 1 / log2(3)
    assert second.values["ndcg@10"] == pytest.approx((1 / log2(4) + 1 / log2(5)) / ideal)
    assert "recall@5" not in third.values
    other = _run().rows("other")
    assert [row.values.get("recall@5") for row in other] == [0.0, 1 / 2, None]
    assert other[0].values["mrr"] == 0.0


def test_answer_values_by_hand() -> None:
    first, second, third = _run().rows()
    assert first.values["right"] == first.values["right_answer"] == 1.0
    assert first.values["evidence_cited"] == first.values["citation_recall"] == 1.0
    assert first.values["verbatim_rate"] == first.values["page_accuracy"] == 1.0
    assert first.values["wrong_abstention"] == 0.0 and first.values["words"] == 7.0
    assert second.values["fact_recall"] == 1 / 2 and second.values["right"] == 0.0
    assert second.values["evidence_cited"] == 1 / 2 and second.values["forbidden"] == 0.0
    assert third.values["right"] == third.values["abstention_recall"] == 1.0
    assert third.values["abstention_precision"] == 1.0
    assert "right_answer" not in third.values and third.reason == "hors_corpus"


def test_a_span_that_no_passage_holds_whole_counts_against_the_chunking() -> None:
    cut = _question("q1", "direct", ("secret. La peine",), answer_facts=(("x",),))
    record = run((cut,), Scripted({"q1 ?": ()}), _searchable(ENGINE, ("secret",)), TRUTH)
    values = record.rows()[0].values
    assert values["recall@10"] == values["mrr"] == values["ndcg@10"] == 0.0


def test_all_abstained_and_nothing_asked_are_defined() -> None:
    silent = _run({"q1 ?": (), "q2 ?": (), "q3 ?": ()})
    found = summary.overall(silent.rows())
    assert found["right"].mean == 1 / 3 and found["wrong_abstention"].mean == 1.0
    assert found["abstention_recall"].mean == 1.0
    assert found["abstention_precision"].mean == 1 / 3
    assert "citation_recall" not in found and "words" not in found
    assert summary.area(silent.rows()) is None and summary.risk_points(silent.rows()) == ()
    empty = run((), Scripted({}), _searchable(ENGINE, ()), TRUTH)
    assert empty.rows() == () and summary.as_json(empty)[ENGINE]["overall"] == {}


def test_the_history_goes_to_the_engine_and_into_a_plain_query() -> None:
    later = replace(QUESTIONS[0], history=("Avant ?", "Puis ?"))
    assert query_of(later) == "Avant ? Puis ? q1 ?"
    engine = Scripted({"q1 ?": ("secret",)})
    run((later,), engine, _searchable(ENGINE, ("secret",)), TRUTH)
    assert engine.asked[-1] == ("q1 ?", ("Avant ?", "Puis ?"))


def test_clock_times_are_kept_by_stage_and_never_in_the_figures() -> None:
    record = _run()
    assert set(record.timings[ENGINE]) == {"search", "total", "retrieve"}
    assert record.timings[ENGINE]["retrieve"] == (2.0, 2.0)
    assert "timings" not in records.dump(record, summary.as_json(record))
    assert summary.latency({"search": (1.0, 3.0)})["search"] == {"p50": 2.0, "p95": 2.9}


def test_two_runs_give_the_same_text_to_the_last_digit(tmp_path: Path) -> None:
    first, second = _run(), _run()
    text = records.dump(first, summary.as_json(first))
    assert text == records.dump(second, summary.as_json(second))
    path = tmp_path / "run.json"
    path.write_text(text, encoding="utf-8")
    back = records.load(path)
    assert records.dump(back, summary.as_json(back)) == text
    assert [dict(row.values) for row in back.rows()] == [
        {k: v for k, v in row.values.items() if v is not None} for row in first.rows()
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "not JSON"), ("[]", "not a run"), ('{"format": 9}', "format 9"), ("{}", "not a run")],
)
def test_a_file_that_is_no_run_is_refused_in_words(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ResultsError, match=said):
        records.load(path)
    with pytest.raises(ResultsError, match="cannot read"):
        records.load(tmp_path / "absent.json")
    with pytest.raises(ResultsError, match="choose one of engine, other"):
        _run().rows("third")
