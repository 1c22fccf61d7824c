"""Verdicts exported by the app enter the gold set whole, or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from evaluation.errors import GoldFileError
from evaluation.gold import GoldQuestion, read_gold
from evaluation.importing import import_verdicts
from evaluation.lint import check

TEXT = "Le patient ne peut délier le masseur-kinésithérapeute de son obligation de secret."


def _line(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "question": f"Qui décide de lever le silence, cas {name} ?", "kind": "direct",
        "group": name, "evidence": ["ne peut délier le masseur-kinésithérapeute"],
        "evidence_mode": "any", "refs": ["CSP, art. R. 4321-55"], "must_not": [],
        "answer_facts": [["ne peut délier"]],
        "review": {"reader": "council staff", "date": "2026-11-20", "verdict": "ok"},
        "generation": "00000001-abc", "verdicts": [{"citation": 1, "verdict": "soutient"}], **more,
    }  # fmt: skip


def _write(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines), "utf-8")
    return path


def _lint(questions: Sequence[GoldQuestion]) -> Sequence[str]:
    return [str(problem) for problem in check(questions, [TEXT])]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    folder = tmp_path / "gold"
    folder.mkdir()
    _write(folder / "first.jsonl", _line("q1"))
    return folder


def test_an_export_enters_as_one_file_and_keeps_what_the_app_added(
    tmp_path: Path, gold: Path
) -> None:
    export = _write(tmp_path / "2026-11.jsonl", _line("s1"))
    done = import_verdicts(export, _lint, gold)
    assert done.path.name == "staff-2026-11.jsonl" and [q.id for q in done.questions] == ["s1"]
    assert {q.id for q in read_gold(gold)} == {"q1", "s1"}
    kept = json.loads(done.path.read_text(encoding="utf-8"))
    assert kept["generation"] == "00000001-abc" and kept["verdicts"][0]["verdict"] == "soutient"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([_line("q1")], "'q1' is taken"),
        ([_line("s1"), _line("s1")], "'s1' is taken"),
        ([_line("s1", evidence=["une phrase que nul document ne contient"])], "nothing imported"),
        ([_line("s1", answer_facts=[["(ouvert"]])], "nothing imported"),
        ([], "holds no question"),
        ([{"id": "s1"}], "misshapen field"),
    ],
)
def test_a_bad_export_changes_nothing(
    tmp_path: Path, gold: Path, lines: list[dict[str, Any]], said: str
) -> None:
    export = _write(tmp_path / "x.jsonl", *lines)
    with pytest.raises(GoldFileError, match=said):
        import_verdicts(export, _lint, gold)
    assert [p.name for p in gold.iterdir()] == ["first.jsonl"]


def test_the_same_export_does_not_enter_twice(tmp_path: Path, gold: Path) -> None:
    export = _write(tmp_path / "x.jsonl", _line("s1"))
    import_verdicts(export, _lint, gold)
    with pytest.raises(GoldFileError, match="exists: remove it"):
        import_verdicts(export, _lint, gold)
