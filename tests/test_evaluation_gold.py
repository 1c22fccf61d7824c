"""The gold set: its reader, its split, and what the committed questions cover."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import load_library
from evaluation.errors import GoldFileError
from evaluation.evidence import holds
from evaluation.gold import (
    ABSTAINING_KINDS,
    ANSWERABLE_KINDS,
    KINDS,
    GoldQuestion,
    Review,
    gold_files,
    read_gold,
    select,
    split_of,
)

LINE = {
    "id": "t-1",
    "question": "Le secret survit-il au patient ?",
    "kind": "direct",
    "group": "mort",
    "evidence": ["L’obligation de secret ne cesse pas après la mort du patient."],
    "evidence_mode": "any",
    "refs": ["Guide CNOMK, « Grands principes du secret professionnel »"],
    "answer_facts": [["ne cesse pas"]],
    "must_not": ["prend fin"],
    "review": {"reader": "second reader", "date": "2026-11-24", "verdict": "ok", "note": None},
}


@pytest.fixture(scope="module")
def gold() -> tuple[GoldQuestion, ...]:
    return read_gold()


def write(path: Path, *records: object) -> Path:
    path.write_text("\n".join(json.dumps(r) for r in records), encoding="utf-8")
    return path


def test_a_line_is_read_whole(tmp_path: Path) -> None:
    """Ensures that every documented field reaches the question, with where it was written."""
    (question,) = read_gold(write(tmp_path / "a.jsonl", LINE))
    assert question == GoldQuestion(
        id="t-1",
        question="Le secret survit-il au patient ?",
        kind="direct",
        group="mort",
        evidence=("L’obligation de secret ne cesse pas après la mort du patient.",),
        evidence_mode="any",
        refs=("Guide CNOMK, « Grands principes du secret professionnel »",),
        answer_facts=(("ne cesse pas",),),
        must_not=("prend fin",),
        review=Review("second reader", "2026-11-24", "ok"),
        origin="a.jsonl:1",
    )
    assert question.answerable


def test_the_contract_s_own_fields_are_enough(tmp_path: Path) -> None:
    """Ensures that a file written for the contract alone, with fields of its own, is read."""
    short = {
        key: LINE[key]
        for key in ("id", "question", "kind", "evidence", "refs", "answer_facts", "must_not")
    }
    (question,) = read_gold(write(tmp_path / "a.jsonl", {**short, "generation": "g7"}))
    assert (question.group, question.evidence_mode, question.review) == ("t-1", "any", None)


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    """Ensures that two runs see the same order, and that blank lines count as lines."""
    write(tmp_path / "b.jsonl", {**LINE, "id": "b"})
    (tmp_path / "a.jsonl").write_text(f"\n{json.dumps({**LINE, 'id': 'a'})}\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not gold", encoding="utf-8")
    assert [(q.id, q.origin) for q in read_gold(tmp_path)] == [
        ("a", "a.jsonl:2"),
        ("b", "b.jsonl:1"),
    ]
    assert [file.name for file in gold_files(tmp_path)] == ["a.jsonl", "b.jsonl"]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({k: v for k, v in LINE.items() if k != "question"}, "question"),
        ({**LINE, "question": "  "}, "question"),
        ({**LINE, "evidence": "a span, not a list"}, "evidence"),
        ({**LINE, "evidence_mode": "most"}, "evidence_mode"),
        ({**LINE, "answer_facts": ["not a list"]}, "answer_facts"),
        ({**LINE, "answer_facts": "x"}, "answer_facts"),
        ({**LINE, "review": {"reader": "x"}}, "date"),
        ({**LINE, "review": "ok"}, "review"),
        (["a list"], "object"),
    ],
)
def test_a_misshapen_line_is_named(tmp_path: Path, record: object, said: str) -> None:
    """Ensures that the error says which line and which field, and where the form is told."""
    path = write(tmp_path / "a.jsonl", LINE, record)
    with pytest.raises(GoldFileError, match=rf"a\.jsonl:2: .*{said}"):
        read_gold(path)


def test_what_is_not_json_or_not_there_is_named(tmp_path: Path) -> None:
    """Ensures that the three ways of having no gold file each say what to give."""
    (tmp_path / "a.jsonl").write_text("{", encoding="utf-8")
    (tmp_path / "b.bin").write_bytes(b"\xff\xfe")
    with pytest.raises(GoldFileError, match=r"a\.jsonl:1: not JSON"):
        read_gold(tmp_path / "a.jsonl")
    with pytest.raises(GoldFileError, match="UTF-8"):
        read_gold(tmp_path / "b.bin")
    with pytest.raises(GoldFileError, match=r"give a \.jsonl file"):
        read_gold(tmp_path / "nothing")


def test_the_split_is_the_documented_hash() -> None:
    """Ensures that no later change of the rule moves a question unseen."""
    # `printf %s GROUP | sha256sum`, read as one integer, modulo 100: 39, 44, 91, 17.
    assert [split_of(g) for g in ("delier", "mort", "requisition", "suicide")] == [
        "development",
        "development",
        "test",
        "development",
    ]


@given(st.lists(st.text(min_size=1), max_size=30))
def test_select_parts_a_set_in_two(groups: list[str]) -> None:
    """Ensures that each question is on one side alone, with all the questions of its group."""
    questions = [
        GoldQuestion(str(n), "q", "direct", group, (), "any", (), (), ())
        for n, group in enumerate(groups)
    ]
    dev, test = select(questions, "development"), select(questions, "test")
    assert sorted((*dev, *test), key=lambda q: int(q.id)) == questions
    assert not {q.group for q in dev} & {q.group for q in test}


def test_the_committed_set_is_large_enough(gold: tuple[GoldQuestion, ...]) -> None:
    """Ensures the sizes that the published intervals rest on."""
    test = [q for q in select(gold, "test") if q.answerable]
    spoken = [q for q in test if q.kind in ("spoken", "situation", "typo", "noaccent")]
    assert len(gold) >= 320
    assert len(test) >= 150
    assert len(spoken) >= 60
    assert sum(not q.answerable for q in gold) >= 90
    share = sum(q.split == "development" for q in gold) / len(gold)
    assert 0.38 < share < 0.52


def test_every_kind_is_on_both_sides(gold: tuple[GoldQuestion, ...]) -> None:
    """Ensures that nothing is tuned on one kind of question and judged on another."""
    counts = Counter((q.split, q.kind) for q in gold)
    assert min(counts[side, kind] for side in ("development", "test") for kind in KINDS) >= 4
    assert not ANSWERABLE_KINDS & ABSTAINING_KINDS


@pytest.mark.slow
def test_evidence_stands_inside_one_passage_of_its_reference(
    gold: tuple[GoldQuestion, ...],
) -> None:
    """Ensures that each span can be cited, and that the references are those that hold it."""
    passages = load_library().passages
    refs = {
        span: {p.ref for p in passages if holds(p.text, [span])[0]}
        for span in {span for q in gold for span in q.evidence}
    }
    assert [span for span, found in refs.items() if not found] == []
    for question in gold:
        assert set(question.refs) == set().union(*(refs[s] for s in question.evidence)), question.id


def test_no_passage_of_the_documents_is_left_unasked(gold: tuple[GoldQuestion, ...]) -> None:
    """Ensures that a passage lost by the reader or the index costs a question."""
    spans = {span for question in gold for span in question.evidence}
    guide = [p for p in load_library().passages if p.source == "guide-cnomk"]
    assert guide
    assert [p.id for p in guide if not any(holds(p.text, spans))] == []


def test_spans_fit_inside_a_sentence(gold: tuple[GoldQuestion, ...]) -> None:
    """Ensures that evidence is precise: long enough to be told apart, and within a sentence."""
    lengths = {len(span.split()) for question in gold for span in question.evidence}
    assert min(lengths) >= 6
    assert max(lengths) <= 45
