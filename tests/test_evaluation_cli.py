"""The commands, on the real documents, index and engine; and regressions planted on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.library import Library, load_library
from evaluation import baselines
from evaluation.__main__ import main
from evaluation.compare import Comparison, compare
from evaluation.gold import GOLD_DIR, gold_files, read_gold
from evaluation.measure import page_of
from evaluation.record import Row
from evaluation.record import load as load_record
from evaluation.runner import Truth, run, search_all
from index.build import build
from index.encoder import Encoder, Vectors, load_encoder
from index.open import Index, open_index
from qa import abstention
from qa.pipeline import Engine

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


# Planted regressions: each is a real accident, made on the real components.


class Swapped:
    """The wrong encoder for the index: the same vectors, with their dimensions exchanged."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension = encoder.dimension
        self._order = np.random.default_rng(1).permutation(encoder.dimension)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder, with its dimensions in another order."""
        return np.ascontiguousarray(self._encoder.encode_queries(texts)[:, self._order])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As the encoder, with its dimensions in another order."""
        return np.ascontiguousarray(self._encoder.encode_passages(texts)[:, self._order])


def _found(index: Index) -> tuple[Row, ...]:
    """What the retriever finds, for every gold question."""
    return search_all(read_gold(), baselines.retriever(index))[0]


def _answered(index: Index) -> tuple[Row, ...]:
    """What the engine answers, for every third gold question."""
    truth = Truth(index.document_text, page_of(index), "2026-11-24")
    return run(read_gold()[::3], Engine(index), baselines.retriever(index), truth).rows()


def _swapped(root: Path, folder: Path, patch: pytest.MonkeyPatch) -> Index:
    return open_index(root, Swapped(load_encoder()))


def _dense_only(root: Path, folder: Path, patch: pytest.MonkeyPatch) -> Index:
    index = open_index(root)
    index.retriever.weights = {"dense": 1.0}
    return index


def _no_threshold(root: Path, folder: Path, patch: pytest.MonkeyPatch) -> Index:
    rule = {**abstention._model(), "threshold": 0.0}
    patch.setattr(abstention, "_model", lambda: rule)
    return open_index(root)


def _article_removed(root: Path, folder: Path, patch: pytest.MonkeyPatch) -> Index:
    library = load_library()
    documents = tuple(
        replace(d, passages=tuple(p for p in d.passages if "226-14" not in p.ref))
        for d in library.documents
    )
    assert sum(len(d.passages) for d in documents) < len(library.passages)
    build(Library(library.folder, documents), folder, load_encoder())
    return open_index(folder)


@pytest.mark.parametrize(
    ("plant", "put", "named"),
    [
        (_swapped, _found, {"recall@5", "mrr", "ndcg@10"}),
        (_dense_only, _found, {"recall@5", "recall@10", "mrr", "ndcg@10"}),
        (_no_threshold, _answered, {"abstention_recall"}),
        (_article_removed, _found, {"recall@5", "mrr", "ndcg@10"}),
    ],
)
def test_a_planted_regression_is_named(
    plant: Callable[[Path, Path, pytest.MonkeyPatch], Index],
    put: Callable[[Index], tuple[Row, ...]],
    named: set[str],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    healthy, again = put(open_index(root)), put(open_index(root))
    unchanged = compare(healthy, again)
    assert unchanged.flips == () and unchanged.significant == ()
    found: Comparison = compare(healthy, put(plant(root, tmp_path, monkeypatch)))
    worse = {c.metric.name for c in found.significant if c.verdict == "worse"}
    assert named & worse, [(c.metric.name, c.before, c.after, c.p) for c in found.changes]
    if plant is _article_removed:
        assert "CP, art. 226-14" in dict(found.lost_refs)


def test_a_saved_run_is_read_back(root: Path, gold: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    _json("run", "--gold", gold, "--index", root, "--json", path)
    record = load_record(path)
    assert record.about["generation"] == open_index(root).generation
    assert [row.id for row in record.rows()] == [q.id for q in read_gold(gold)]
