"""The bench: its passages repeat, its recall is true, and it says where a peer is ahead."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

from evaluation import bench_page
from evaluation.bench import bench, prepare
from evaluation.bench_corpus import passages, queries
from evaluation.bench_systems import SYSTEMS, exact_bound, recall


def test_the_passages_repeat_and_a_small_set_begins_a_larger_one() -> None:
    small, large = list(passages(50)), list(passages(200))
    assert large[:50] == small == list(passages(50))
    assert list(passages(50, seed=1)) != small
    assert len(set(large)) == 200 and not any("{" in p or "\n" in p for p in large)
    assert 20 < np.mean([len(p.split()) for p in large]) < 80
    assert queries(5) == queries(9)[:5] and not set(queries(50)) & set(large)


def test_exact_search_in_blocks_equals_brute_force() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(500, 8)).astype(np.float32)
    asked = rng.normal(size=(7, 8)).astype(np.float32)
    scores = asked @ vectors.T
    best = np.sort(scores, axis=1)[:, -10]
    assert exact_bound(vectors, asked) == pytest.approx(best, abs=1e-5)
    found = np.argsort(-scores, axis=1)[:, :10]
    assert recall(vectors, asked, found, best) == 1.0
    found[:, :3] = np.argsort(scores, axis=1)[:, :3]
    assert recall(vectors, asked, found, best) == pytest.approx(0.7)
    assert recall(vectors, asked, np.full((7, 10), -1), best) == 0.0


def test_a_tie_with_the_tenth_counts_as_found() -> None:
    vectors = np.ones((20, 2), np.float32)
    asked = np.ones((1, 2), np.float32)
    assert recall(vectors, asked, [range(10, 20)], exact_bound(vectors, asked)) == 1.0


def _result(system: str, n: int, p50: float, found: float | None, **more: Any) -> dict[str, Any]:
    return {
        "system": system, "version": "1", "note": "", "n": n, "cores": 2, "build_s": 1.0,
        "memory_mib": 10.0, "peak_mib": 20.0, "queries": 5, "p50_ms": [p50, 2 * p50],
        "p95_ms": [p50, p50], "cpu_ms": [p50], "qps": 100.0, "recall": found, **more,
    }  # fmt: skip


def _found(*results: dict[str, Any], failed: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    machine = {"processor": "<P>", "cores": 2, "system": "Linux", "python": "3.11",
               "versions": {"faiss-cpu": "1"}, "load": 0.5}  # fmt: skip
    return {
        "machine": machine, "sizes": [10], "encoding": {"passages": 10, "seconds": 2.0},
        "start_up": {"what": "process", "ms": [10.0, 20.0, 90.0]}, "results": list(results),
        "failed": list(failed),
    }  # fmt: skip


def test_a_peer_is_compared_with_our_fastest_index_of_equal_recall() -> None:
    found = _found(
        _result("faiss flat", 100, 4.0, 1.0),
        _result("faiss HNSW", 100, 1.0, 0.90),
        _result("Chroma", 100, 8.0, 0.97),
        _result("LlamaIndex Simple", 100, 2.0, 1.0),
    )
    table = bench_page.ratios(found)
    assert table[1] == ("Chroma", "100", "faiss flat", "2.0", "1.0 – 4.0")
    assert table[2][2:4] == ("faiss flat", "0.5")
    said = bench_page.lines(found)
    assert "Not ahead on p50 at equal recall of: LlamaIndex Simple at 100 passages." in said
    assert said[0].startswith("Start-up (process): 20 ms, from 10 to 90")
    slower = _found(_result("faiss flat", 100, 1.0, 1.0), _result("Chroma", 100, 8.0, 0.97))
    assert "Ahead of every peer measured on p50 at equal recall." in bench_page.lines(slower)


@pytest.mark.slow
def test_what_failed_and_how_cost_grows_are_said() -> None:
    found = _found(
        _result("faiss flat", 10_000, 1.0, 1.0, build_s=1.0),
        _result("faiss flat", 1_000_000, 9.0, 1.0, build_s=120.0),
        failed=({"system": "Chroma", "n": 10, "cores": 2, "error": "boom"},),
    )
    said = bench_page.lines(found)
    assert "No peer was measured beside it." in said
    assert any("takes 120.0 times as long as 10,000 (n·log n would be 150.0)" in s for s in said)
    assert said[-1] == "Failed: Chroma at 10 passages, 2 core(s): boom"
    page = bench_page.render(found)
    assert page.count("<svg") == 3 and "&lt;P&gt;" in page and "<P>" not in page


def test_prepare_keeps_what_is_there_and_remakes_what_changed(tmp_path: Path) -> None:
    said: list[str] = []
    prepare(tmp_path, [20, 60], 5, said.append)
    assert np.load(tmp_path / "vectors.npy").shape == (60, 384)
    assert len((tmp_path / "passages.txt").read_text(encoding="utf-8").splitlines()) == 60
    prepare(tmp_path, [20, 60], 5, said.append)
    assert len(said) == 1
    prepare(tmp_path, [20, 80], 5, said.append)
    assert len(said) == 2 and np.load(tmp_path / "exact-80.npy").shape == (5,)


@pytest.mark.slow
def test_a_small_bench_end_to_end(tmp_path: Path) -> None:
    found = bench([300], tmp_path, 20, 2, None, lambda line: None)
    assert found["failed"] == []
    done = {(r["system"], r["n"], r["cores"]): r for r in found["results"]}
    assert {name for name, _, _ in done} <= set(SYSTEMS)
    assert done["faiss flat", 300, 2]["recall"] == 1.0
    assert done["LangChain InMemory", 300, 2]["recall"] == 1.0
    assert done["faiss PQ + rescoring", 300, 2]["recall"] >= 0.9
    assert done["whole retriever", 300, 2]["recall"] is None
    assert median(done["bm25s", 300, 1]["p50_ms"]) > 0
    assert re.search(r"faiss flat 1\.", bench_page.text(found))
    assert json.loads(json.dumps(found)) == found


@pytest.mark.slow
def test_a_system_that_cannot_run_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    found = bench([20], tmp_path, 5, 1, Path(sys.executable), lambda line: None)
    failed = {r["system"] for r in found["failed"]}
    assert failed == {"Chroma", "LlamaIndex Simple", "Haystack InMemory"}
    assert all("No module named" in r["error"] for r in found["failed"])
    assert any(r["system"] == "faiss flat" for r in found["results"])
