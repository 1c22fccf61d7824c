"""One system, one size, one process: build, search, and print what it cost as one line of JSON.

Run by :mod:`evaluation.bench` as ``python -m evaluation.bench_worker``, with our own Python or with
that of the peers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from evaluation.bench_systems import SYSTEMS, TEXTLESS, Data, Search, queries_of, recall


def _memory(field: str) -> float | None:
    """A field of the process's status in MiB, ``None`` where there is none (not Linux)."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(x.split()[1]) / 1024 for x in lines if x.startswith(field + ":")), None)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Build, then several rounds of the same queries; each round stops at its share of time."""
    import numpy as np

    vectors = np.load(arguments.data / "vectors.npy", mmap_mode="r")[: arguments.n]
    tuning = np.load(arguments.data / "tuning.npy")
    data = Data(arguments.data, arguments.n, vectors, tuning)
    texts = [] if arguments.system in TEXTLESS else data.texts()
    before = _memory("RssAnon")
    begun = perf_counter()
    built = SYSTEMS[arguments.system](data, vectors, texts)
    build_s = perf_counter() - begun
    del texts
    after = _memory("RssAnon")
    found, rounds, cpu = _rounds(built.search, arguments)
    asked = queries_of(data)[0][: len(found)]
    exact = np.load(arguments.data / f"exact-{arguments.n}.npy")
    lexical = arguments.system in ("bm25s", "whole retriever")
    return {
        "system": arguments.system, "version": built.version, "note": built.note,
        "n": arguments.n, "cores": arguments.cores, "build_s": build_s,
        "memory_mib": None if before is None or after is None else after - before,
        "peak_mib": _memory("VmHWM"), "queries": len(found),
        "p50_ms": [float(np.quantile(r, 0.5)) for r in rounds],
        "p95_ms": [float(np.quantile(r, 0.95)) for r in rounds],
        "cpu_ms": [float(np.quantile(r, 0.5)) for r in cpu],
        "qps": _throughput(built.search, arguments, len(found)),
        "recall": None if lexical else recall(vectors, asked, found, exact),
    }  # fmt: skip


def _rounds(
    search: Search, arguments: argparse.Namespace
) -> tuple[list[Any], list[list[float]], list[list[float]]]:
    """What was found, then milliseconds of wall clock and of processor, by round and query."""
    search(0)
    found: list[Any] = []
    rounds: list[list[float]] = []
    cpu: list[list[float]] = []
    for _ in range(arguments.rounds):
        clock: list[float] = []
        busy: list[float] = []
        limit = perf_counter() + arguments.seconds / arguments.rounds
        for q in range(arguments.queries):
            begun, used = perf_counter(), process_time()
            rows = search(q)
            clock.append(1000 * (perf_counter() - begun))
            busy.append(1000 * (process_time() - used))
            if len(found) == q:
                found.append(rows)
            if perf_counter() > limit and q >= 4:
                break
        rounds.append(clock)
        cpu.append(busy)
    return found, rounds, cpu


def _throughput(search: Search, arguments: argparse.Namespace, known: int) -> float:
    """Queries a second from as many threads as there are cores."""
    with ThreadPoolExecutor(arguments.cores) as pool:
        begun = perf_counter()
        list(pool.map(search, range(known)))
        return known / (perf_counter() - begun)


def main() -> int:
    """Entry: one JSON line on stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--system", required=True, choices=SYSTEMS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--n", type=int, required=True)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
    json.dump(measure(arguments), sys.stdout)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
