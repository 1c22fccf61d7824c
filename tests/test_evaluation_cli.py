"""The commands, on the real documents, index and engine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.library import load_library
from evaluation import baselines
from evaluation.__main__ import main
from evaluation.gold import GOLD_DIR, gold_files, read_gold
from evaluation.measure import page_of
from evaluation.record import load as load_record
from index.open import open_index

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root(real_root: Path) -> Path:
    return real_root


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every hundredth line of the real gold set, both splits among them."""
    lines = [
        line
        for file in gold_files(GOLD_DIR)
        for line in file.read_text(encoding="utf-8").split("\n")
        if line.strip()
    ]
    path = tmp_path_factory.mktemp("gold") / "some.jsonl"
    path.write_text("\n".join(lines[::100]) + "\n", encoding="utf-8")
    return path


def _json(*argv: Any) -> Any:
    assert main([str(a) for a in argv]) == 0
    return json.loads(Path(argv[-1]).read_text(encoding="utf-8"))


def test_run_twice_gives_the_same_bytes_and_a_page(
    root: Path, gold: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, page = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "a.html"
    found = _json("run", "--gold", gold, "--index", root, "--html", page, "--json", first)
    _json("run", "--gold", gold, "--index", root, "--json", second)
    assert first.read_bytes() == second.read_bytes()
    assert found["about"]["questions"] == len(read_gold(gold)) == len(found["systems"]["engine"])
    assert found["summary"]["engine"]["overall"]["verbatim_rate"]["mean"] == 1.0
    assert found["summary"]["engine"]["overall"]["uncited"]["mean"] == 0.0
    assert str(root) not in first.read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "Right outcomes" in capsys.readouterr().out
    beside = json.loads((tmp_path / "a.timings.json").read_text(encoding="utf-8"))
    assert len(beside["stages"]["engine"]["total"]) == found["about"]["questions"]


def test_the_split_is_the_rule_of_the_gold_set(root: Path, gold: Path, tmp_path: Path) -> None:
    found = _json(
        "run", "--gold", gold, "--index", root, "--split", "test", "--json", tmp_path / "x.json"
    )
    expected = [q.id for q in read_gold(gold) if q.split == "test"]
    assert [row["id"] for row in found["systems"]["engine"]] == expected != []


def test_json_on_stdout_stands_alone(
    root: Path, gold: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--gold", str(gold), "--index", str(root), "--json", "-"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["format"] == 1 and "Right outcomes" in captured.err


def test_compare_and_gate_from_the_command_line(
    root: Path, gold: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    _json("run", "--gold", gold, "--index", root, "--split", "development", "--json", path)
    capsys.readouterr()
    assert main(["compare", str(path), str(path)]) == 0
    assert "More than chance: nothing." in capsys.readouterr().out
    assert main(["compare", str(path), str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["flips"] == []
    same = ["gate", "--gold", str(gold), "--index", str(root), "--committed"]
    assert main([*same, str(path)]) == 0
    whole = json.loads(path.read_text(encoding="utf-8"))
    for row in whole["systems"]["engine"]:
        row["values"]["words"] = 1.0
        row["values"]["right"] = 1.0
        row["values"]["uncited"] = -1.0  # a bound that no run can reach
    better = tmp_path / "better.json"
    better.write_text(json.dumps(whole), encoding="utf-8")
    assert main([*same, str(better)]) == 1
    assert "fallen: Uncited sentences" in capsys.readouterr().err


def test_lint_passes_on_the_committed_gold_set_and_fails_on_a_false_span(
    gold: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint"]) == 0
    bad = tmp_path / "bad.jsonl"
    row = json.loads(gold.read_text(encoding="utf-8").splitlines()[0])
    bad.write_text(json.dumps({**row, "evidence": ["jamais écrit"]}) + "\n", encoding="utf-8")
    assert main(["lint", "--gold", str(bad)]) == 1
    assert "bad.jsonl:1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["run", "--gold", "absent.jsonl"], "No gold file"),
        (["run", "--index", "absent"], "python -m index build"),
        (["compare", "absent.json", "absent.json"], "cannot read"),
        (["import", "absent.jsonl"], "No gold file"),
        (["bench", "--sizes", "many"], "no list of numbers"),
        (["bench", "--sizes", "3"], "10 passages"),
        (["bench", "--peer-python", "absent"], "no Python at"),
        (["bench", "--systems", "magic"], "unknown system 'magic'"),
    ],
)
def test_a_wrong_input_is_one_clear_line_and_status_2(
    argv: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert said in captured.err and captured.err.count("\n") == 1 and captured.out == ""


def test_pages_are_found_by_offset() -> None:
    library = load_library()
    document = library.documents[0]
    from corpus.passage import Page

    paged = replace(document, pages=(Page(10, 5), Page(20, 6)))

    class Stub:
        documents = (paged,)

    find = page_of(Stub())  # type: ignore[arg-type]  # only `documents` is read
    source = document.source.id
    assert [find(source, n) for n in (0, 10, 19, 20, 99)] == [None, 5, 5, 6, 6]
    assert find("unknown", 3) is None


def test_every_baseline_ranks_its_own_passages(root: Path) -> None:
    index = open_index(root)
    found = (
        *baselines.single_signals(index),
        baselines.naive_bm25(index.documents),
        baselines.stock_langchain(index.documents, index.retriever.encoder),
    )
    for system in found:
        ranked = list(system.search("peine encourue pour violation du secret professionnel", 10))
        assert len(ranked) == len(set(ranked)) == 10, system.name
        assert set(ranked) <= set(system.passages), system.name
        assert any("emprisonnement" in system.passages[i] for i in ranked), system.name
        assert len(list(system.search("zzz qqq", 10))) == 10


def test_a_saved_run_is_read_back(root: Path, gold: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    _json("run", "--gold", gold, "--index", root, "--json", path)
    record = load_record(path)
    assert record.about["generation"] == open_index(root).generation
    assert [row.id for row in record.rows()] == [q.id for q in read_gold(gold)]
