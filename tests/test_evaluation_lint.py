"""The linter: each thing that it promises to prove, broken once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import lint
from evaluation.gold import GOLD_DIR, UNSEEN_DIR, GoldQuestion, Review
from evaluation.patterns import fault, met

# Two sentences of a document, with the typography of the real one.
TEXT = "L’obligation de secret ne cesse pas\naprès la mort du patient. Le secret couvre son nom."

GOOD = GoldQuestion(
    id="t-1",
    question="Le silence est-il dû à un défunt ?",
    kind="reworded",
    group="mort",
    evidence=("L'obligation de secret ne cesse pas après la mort du patient.",),
    evidence_mode="any",
    refs=("CSP, art. R. 4321-55",),
    answer_facts=(("ne cesse pas", "perdure"),),
    must_not=("prend fin",),
    review=Review("second reader", "2026-11-24", "ok"),
    origin="t.jsonl:1",
)
SILENT = replace(
    GOOD,
    id="t-2",
    question="Combien de temps garder un dossier ?",
    kind="unanswerable_near",
    group="conservation",
    evidence=(),
    refs=(),
    answer_facts=(),
    origin="t.jsonl:2",
)


def problems(*questions: GoldQuestion) -> list[str]:
    return [problem.text for problem in lint.check(questions, [TEXT])]


def test_a_sound_set_has_no_problem() -> None:
    """Ensures that line breaks and the kind of apostrophe are no difference, and words are."""
    assert problems(GOOD, SILENT) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "riddle"}, "unknown kind 'riddle'"),
        ({"kind": "refused"}, "kind 'refused' with evidence"),
        ({"evidence": (), "answer_facts": (), "refs": ()}, "kind 'reworded' without evidence"),
        ({"answer_facts": ()}, "answerable without a fact"),
        ({"refs": ()}, "answerable without a reference"),
        ({"kind": "followup"}, "a follow-up without the question that it follows"),
        ({"review": None}, "no second reading recorded"),
        ({"review": Review("second reader", "2026-11-24", "doubt")}, "second reading says 'doubt'"),
        ({"review": Review("author", "2026-11-24", "ok")}, "by the author"),
        ({"review": Review("second reader", "24/11/2026", "ok")}, "not ISO 8601: 24/11/2026"),
        ({"refs": ("R4321-55 CSP",)}, "canonical form: R4321-55 CSP"),
        ({"refs": ("Guide, Sanctions",)}, "canonical form: Guide, Sanctions"),
        ({"evidence": ("ne cesse jamais après la mort",)}, "in no document: ne cesse jamais"),
        ({"answer_facts": (("secret (",),)}, "pattern does not compile"),
        ({"answer_facts": (("ne .* pas",),)}, "without an upper bound (*)"),
        ({"must_not": ("(?:a{1,9}){1,9}",)}, "repeats ({1,9}) a group that repeats"),
        ({"answer_facts": ((),)}, "a fact without a pattern"),
        ({"answer_facts": (("DÉFUNT",),)}, "met by the question itself: DÉFUNT"),
        ({"answer_facts": (("trente ans",),)}, "met by no document: trente ans"),
        ({"must_not": ("ne cesse pas",)}, "evidence itself holds what must not be said"),
    ],
)
def test_one_fault_is_one_problem(change: dict[str, object], said: str) -> None:
    """Ensures that each broken promise is told, and that nothing else is told with it."""
    found = problems(replace(GOOD, **change), SILENT)  # type: ignore[arg-type]  # fields by name
    assert len(found) == 1
    assert said in found[0]


def test_silence_needs_no_facts() -> None:
    """Ensures that a question to abstain from cannot also say what to answer."""
    assert problems(replace(SILENT, answer_facts=(("ne cesse pas",),))) == [
        "facts or references, and no evidence"
    ]


def test_a_question_may_not_hold_its_evidence() -> None:
    """Ensures that copying the guide into the question is seen, whatever the typography."""
    question = "Est-il vrai que « l’obligation de secret ne cesse pas après la mort du patient. » ?"
    found = problems(replace(GOOD, question=question))
    assert any(text.startswith("the question holds its own evidence") for text in found)


def test_ids_and_questions_are_said_once() -> None:
    """Ensures that case, accents and punctuation do not hide a repetition; both lines are told."""
    again = replace(GOOD, question="LE SILENCE EST IL DU A UN DEFUNT", origin="t.jsonl:9")
    found = lint.check([GOOD, again], [TEXT])
    assert [str(problem) for problem in found] == [
        "t.jsonl:1: t-1: id given 2 times",
        "t.jsonl:9: t-1: id given 2 times",
        "t.jsonl:1: t-1: question given 2 times",
        "t.jsonl:9: t-1: question given 2 times",
    ]


def test_near_duplicates_must_be_one_group() -> None:
    """Ensures that inflected forms of one question cannot lie on both sides of the split."""
    near = replace(GOOD, id="t-3", question="Le silence est-il dû à des défunts, à un ?", group="x")
    (found,) = lint.check([GOOD, near], [TEXT])
    assert found.id == "t-3"
    assert "reads like t-1, of another group" in found.text
    assert lint.check([GOOD, replace(near, group="mort")], [TEXT]) == ()


def test_jaccard_by_hand() -> None:
    """Ensures |A∩B| / |A∪B|, with the empty case defined."""
    assert lint.jaccard(frozenset("abc"), frozenset("bcd")) == 2 / 4
    assert lint.jaccard(frozenset("a"), frozenset("b")) == 0
    assert lint.jaccard(frozenset(), frozenset()) == 0


@given(st.frozensets(st.text(max_size=2)), st.frozensets(st.text(max_size=2)))
def test_jaccard_is_a_share_and_symmetric(left: frozenset[str], right: frozenset[str]) -> None:
    """Ensures that the threshold means the same whichever question comes first."""
    assert 0 <= lint.jaccard(left, right) == lint.jaccard(right, left) <= 1


@pytest.mark.parametrize(
    ("pattern", "refused"),
    [
        (r"ne peut (pas )?délier", None),
        (r"15\s?000", None),
        (r"(?<!pas )tenu de répondre", None),
        (r"secret.{0,60}mort", None),
        (r"\+33 ?\d{9}", None),
        (r"[+*]{1,2} \{ \(", None),
        (r"(ab|cd){1,3}", None),
        (r"(?:a ?b){4}", None),
        (r"a+", "without an upper bound (+)"),
        (r"a{2,}", "without an upper bound ({2,})"),
        (r"(?:a{1,3}b){2}", "({2})"),
        (r"(?:(?:a{2})?b){1,5}", "({1,5})"),
        (r"(a", "does not compile"),
        (r"a{3}{2}", "does not compile"),
        (r"[[a]", "does not compile"),
        (r"a{99999999999}", "does not compile"),
        (r"(abc)?", "matches the empty text"),
        (r"", "matches the empty text"),
    ],
)
def test_which_patterns_are_refused(pattern: str, refused: str | None) -> None:
    """Ensures that what could cost more than linear time, or match anything, stays out."""
    why = fault(pattern)
    assert why is None if refused is None else (why is not None and refused in why)


@given(st.text(alphabet="ab()[]{}?*+|\\^.,0123:!<=", max_size=24))
def test_any_text_is_judged(pattern: str) -> None:
    """Ensures that a hostile pattern is refused or accepted, never an exception."""
    assert fault(pattern) is None or isinstance(fault(pattern), str)


def test_met_ignores_case_alone() -> None:
    """Ensures that a fact is met by any of its patterns, accents counting."""
    assert met(["perdure", "NE CESSE PAS"], TEXT)
    assert not met(["obligation de secrét"], TEXT)
    assert not met([], TEXT)


def test_run_prints_one_line_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ensures the form that editors and the gate read, and the exit statuses."""
    record = {
        "id": "t-1",
        "question": "Et alors ?",
        "kind": "refused",
        "evidence": [],
        "review": {"reader": "second reader", "date": "2026-11-24", "verdict": "ok"},
    }
    file = tmp_path / "g.jsonl"
    file.write_text(json.dumps(record), encoding="utf-8")
    assert lint.run([file], [TEXT]) == 0
    file.write_text(json.dumps({**record, "kind": "riddle"}), encoding="utf-8")
    assert lint.run([file], [TEXT]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "g.jsonl:1: t-1: unknown kind 'riddle'",
        "g.jsonl:1: t-1: kind 'riddle' without evidence",
    ]


@pytest.mark.parametrize("folder", [GOLD_DIR, UNSEEN_DIR], ids=["tuned on", "unseen"])
def test_the_committed_set_is_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ensures that every question of the project passes, against the project's own documents."""
    assert lint.run([folder]) == 0, capsys.readouterr().out
