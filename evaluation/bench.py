"""``bench``: what a search costs against the number of passages, beside peers, in one run.

The same synthetic passages (:mod:`evaluation.bench_corpus`), the same vectors of our encoder and
the same questions go to every system, each in a process of its own, so that its memory is its own.
Clock times are those of this machine in this run; what travels is their *ratio*, given with its
spread over rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from evaluation import bench_corpus, bench_page
from evaluation.bench_systems import SYSTEMS, TEXTLESS, exact_bound
from evaluation.errors import EvaluationError, ToolMissing
from evaluation.gate import RESULTS
from index.encoder import load_encoder

ROOT = Path(__file__).resolve().parent.parent
OURS = (*TEXTLESS, "whole retriever")
BESIDE = ("LangChain InMemory", "bm25s")
PEERS = ("Chroma", "LlamaIndex Simple", "Haystack InMemory")
LIMITS = {
    "LangChain InMemory": 100_000, "LlamaIndex Simple": 100_000, "Haystack InMemory": 100_000,
    "Chroma": 100_000, "bm25s": 1_000_000, "faiss HNSW": 100_000, "whole retriever": 100_000,
}  # fmt: skip
"""Largest size tried: beyond it a build takes hours, or gigabytes, on an ordinary machine."""
TUNING = 100
TIMEOUT = 3_600

Progress = Callable[[str], None]


def command(arguments: argparse.Namespace) -> int:
    """Run the bench as the command line asks."""
    try:
        sizes = sorted({int(float(s)) for s in arguments.sizes.split(",")})
    except ValueError as error:
        raise EvaluationError(
            f"--sizes {arguments.sizes!r} is no list of numbers: give e.g. 100,10000"
        ) from error
    if not sizes or sizes[0] < 10:
        raise EvaluationError("the smallest size is 10 passages: give larger --sizes")
    chosen = set(SYSTEMS) if arguments.systems is None else set(arguments.systems.split(","))
    if not chosen <= set(SYSTEMS):
        raise EvaluationError(
            f"unknown system {min(chosen - set(SYSTEMS))!r}: choose among {', '.join(SYSTEMS)}"
        )
    if arguments.peer_python is not None and not arguments.peer_python.is_file():
        raise ToolMissing(f"no Python at {arguments.peer_python}: give --peer-python its path")
    day = datetime.now(UTC).date().isoformat()
    saved = RESULTS / f"{day}-bench.json" if arguments.save else None
    targets = [target for target in (arguments.json, saved) if target is not None]
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.cache or Path(scratch)
        found = bench(
            sizes,
            folder,
            arguments.queries,
            arguments.repeats,
            arguments.peer_python,
            lambda line: print(line, file=sys.stderr, flush=True),
            lambda found: _keep(found, targets),
            chosen,
        )
    print(bench_page.text(found))
    if arguments.html is not None:
        arguments.html.write_text(bench_page.render(found), encoding="utf-8")
    return 0


def bench(
    sizes: Sequence[int],
    folder: Path,
    queries: int,
    rounds: int,
    peer_python: Path | None,
    progress: Progress,
    keep: Callable[[dict[str, Any]], None] = lambda found: None,
    chosen: Collection[str] = tuple(SYSTEMS),
) -> dict[str, Any]:
    """Every chosen system at every size; returns figures only, as JSON values.

    ``keep`` is given what is known after each size: the larger ones take long.
    """
    found: dict[str, Any] = {
        "machine": _machine(),
        "sizes": [],
        "encoding": prepare(folder, sizes, queries, progress),
        "start_up": start_up(),
        "results": [],
        "failed": [],
    }
    for n in sizes:
        for name in (*OURS, *BESIDE, *(PEERS if peer_python else ())):
            if n > LIMITS.get(name, n) or name not in chosen:
                continue
            python = str(peer_python) if name in PEERS else sys.executable
            for cores in (1, 2):
                if cores == 1 and ((n > 10_000 and name not in TEXTLESS) or name in PEERS):
                    continue  # one core tells how ours scale; a second build of each costs hours
                progress(f"{n:>9,} passages, {cores} core(s): {name}")
                result = _worker(python, folder, name, n, cores, queries, rounds)
                found["failed" if "error" in result else "results"].append(result)
        found["sizes"].append(n)
        found["machine"] = _machine()
        keep(found)
    return found


def _keep(found: dict[str, Any], targets: Sequence[Path]) -> None:
    for target in targets:
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def prepare(
    folder: Path, sizes: Sequence[int], queries: int, progress: Progress
) -> dict[str, float]:
    """Write passages, vectors, questions and exact scores to a folder; what is there is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder()
    count = max(sizes)
    marker = folder / "made.json"
    wanted = {"count": count, "queries": queries, "encoder": encoder.fingerprint}
    made = json.loads(marker.read_text(encoding="utf-8")) if marker.is_file() else {}
    if {key: made.get(key) for key in wanted} != wanted:
        progress(f"making and encoding {count:,} passages")
        made = wanted | _encode(folder, count, queries, encoder)
        marker.write_text(json.dumps(made), encoding="utf-8")
        for old in folder.glob("exact-*.npy"):
            old.unlink()
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    asked = np.load(folder / "queries.npy")
    for n in sizes:
        target = folder / f"exact-{n}.npy"
        if not target.is_file():
            np.save(target, exact_bound(vectors[:n], asked))
    return {"passages": made["count"], "seconds": made["seconds"]}


def start_up(repeats: int = 5) -> dict[str, Any]:
    """Milliseconds for a fresh process to import, load the encoder and encode one question."""
    code = "from index.encoder import load_encoder as e; e().encode_queries(['secret'])"
    clock = []
    for _ in range(repeats):
        begun = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=120)
        clock.append(1000 * (perf_counter() - begun))
    return {"what": "process, import, encoder, one question encoded", "ms": sorted(clock)}


def _encode(folder: Path, count: int, queries: int, encoder: Any) -> dict[str, float]:
    shape = (count, encoder.dimension)
    vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, shape)
    batch: list[str] = []
    done, seconds = 0, 0.0
    with (folder / "passages.txt").open("w", encoding="utf-8") as out:
        for text in bench_corpus.passages(count):
            out.write(text + "\n")
            batch.append(text)
            if len(batch) == 20_000 or done + len(batch) == count:
                begun = perf_counter()
                vectors[done : done + len(batch)] = encoder.encode_passages(batch)
                seconds += perf_counter() - begun
                done += len(batch)
                batch = []
    vectors.flush()
    asked = bench_corpus.queries(queries + TUNING)
    encoded = encoder.encode_queries(asked)
    np.save(folder / "queries.npy", encoded[:queries])
    np.save(folder / "tuning.npy", encoded[queries:])
    lines = "".join(q + "\n" for q in asked[:queries])
    (folder / "queries.txt").write_text(lines, encoding="utf-8")
    return {"seconds": seconds}


def _worker(
    python: str, folder: Path, name: str, n: int, cores: int, queries: int, rounds: int
) -> dict[str, Any]:
    threads = {v: str(cores) for v in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    offline = {"ANONYMIZED_TELEMETRY": "False", "HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED":
               "False", "PYTHONPATH": str(ROOT)}  # fmt: skip
    line = [
        python, "-m", "evaluation.bench_worker", "--system", name, "--data", str(folder.resolve()),
        "--n", str(n), "--cores", str(cores), "--queries", str(queries), "--rounds", str(rounds),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=TIMEOUT, check=True,
            env={**os.environ, **threads, **offline}, cwd=folder,
        )  # fmt: skip
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.CalledProcessError as error:
        said = (error.stderr or "").strip().splitlines()
        return {"system": name, "n": n, "cores": cores, "error": (said or ["no message"])[-1]}
    except subprocess.TimeoutExpired:
        return {"system": name, "n": n, "cores": cores, "error": f"not done in {TIMEOUT} s"}
    return result


def _machine() -> dict[str, Any]:
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(x.split(":", 1)[1].strip() for x in info if x.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor()
    names = ("faiss-cpu", "bm25s", "langchain-core", "numpy")
    return {
        "processor": model, "cores": os.cpu_count(), "python": platform.python_version(),
        "system": platform.system(), "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else 0,
        "versions": {name: version(name) for name in names},
    }  # fmt: skip
