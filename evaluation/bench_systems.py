"""The systems that are benched, each built in one function from the same vectors and texts.

This module runs under our own Python and under that of the peers: nothing of the project is
imported at its top, and each library only inside the function that needs it. Every system keeps its
own defaults, but for the metric (inner product, which equals the cosine on unit rows).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

K = 10
BATCH = 5_000


class Data(NamedTuple):
    """What a system is given: vectors (n, 384) float32 of unit rows, and texts, in the same order.

    ``tuning`` are query vectors apart from those that are measured.
    """

    folder: Path
    n: int
    vectors: Any
    tuning: Any

    def texts(self) -> list[str]:
        """The first n passages."""
        with (self.folder / "passages.txt").open(encoding="utf-8") as file:
            return [line.rstrip("\n") for line, _ in zip(file, range(self.n), strict=False)]


Search = Callable[[int], Sequence[int]]
"""Number of a query to the row numbers of its best passages."""


class Built(NamedTuple):
    """A system ready to search; ``note`` says how it was set."""

    search: Search
    version: str
    note: str = ""


def faiss_flat(data: Data, vectors: Any, texts: list[str]) -> Built:
    """Exact inner products, 32-bit."""
    return _faiss(data, vectors, "Flat")


def faiss_half(data: Data, vectors: Any, texts: list[str]) -> Built:
    """Inner products over all rows, stored in 16 bits."""
    return _faiss(data, vectors, "SQfp16")


def faiss_hnsw(data: Data, vectors: Any, texts: list[str]) -> Built:
    """A navigable graph, 32 links a node."""
    return _faiss(data, vectors, "HNSW32,Flat")


def faiss_pq(data: Data, vectors: Any, texts: list[str]) -> Built:
    """Every row scanned as 192 codes of 4 bits, the best of them scored again in 16 bits.

    As many are scored again as the tuning queries need for a recall of 0.99. Inverted lists were
    tried and left: short questions lie far from every passage, so that half of the lists must be
    visited for that recall, while a scan of small codes visits all and costs less.
    """
    return _faiss(data, vectors, "PQ192x4fs,Refine(SQfp16)")


def langchain(data: Data, vectors: Any, texts: list[str]) -> Built:
    """LangChain's InMemoryVectorStore."""
    import langchain_core
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    class Given(Embeddings):
        """Vectors computed beforehand, in order."""

        def __init__(self) -> None:
            self.at = 0

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            rows = vectors[self.at : self.at + len(texts)].tolist()
            self.at += len(texts)
            return rows  # type: ignore[no-any-return]  # numpy's tolist is untyped here

        def embed_query(self, text: str) -> list[float]:
            raise NotImplementedError  # abstract in LangChain; here every query is a vector

    store = InMemoryVectorStore(Given())
    for i in range(0, data.n, BATCH):
        part = texts[i : i + BATCH]
        store.add_texts(part, ids=[str(i + j) for j in range(len(part))])
    asked = queries_of(data)[0].tolist()

    def search(q: int) -> Sequence[int]:
        found = store.similarity_search_by_vector(asked[q], k=K)
        return [int(str(document.id)) for document in found]

    return Built(search, langchain_core.__version__)


def chroma(data: Data, vectors: Any, texts: list[str]) -> Built:
    """Chroma, in process, its defaults (a navigable graph)."""
    chromadb = import_module("chromadb")

    settings = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.EphemeralClient(settings)
    store = client.create_collection(
        "bench", configuration={"hnsw": {"space": "ip"}}, embedding_function=None
    )
    for i in range(0, data.n, BATCH):
        part = texts[i : i + BATCH]
        ids = [str(i + j) for j in range(len(part))]
        store.add(ids=ids, embeddings=vectors[i : i + len(part)], documents=part)
    asked = queries_of(data)[0]

    def search(q: int) -> Sequence[int]:
        found = store.query(query_embeddings=asked[q : q + 1], n_results=K, include=["documents"])
        return [int(i) for i in found["ids"][0]]

    return Built(search, chromadb.__version__)


def llama_index(data: Data, vectors: Any, texts: list[str]) -> Built:
    """LlamaIndex's SimpleVectorStore."""
    text_node = import_module("llama_index.core.schema").TextNode
    stores = import_module("llama_index.core.vector_stores")
    store = stores.SimpleVectorStore()
    for i in range(0, data.n, BATCH):
        part = texts[i : i + BATCH]
        rows = vectors[i : i + len(part)].tolist()
        store.add(
            [text_node(id_=str(i + j), text=t, embedding=rows[j]) for j, t in enumerate(part)]
        )
    asked = queries_of(data)[0].tolist()

    def search(q: int) -> Sequence[int]:
        found = store.query(stores.VectorStoreQuery(query_embedding=asked[q], similarity_top_k=K))
        return [int(i) for i in found.ids or ()]

    return Built(search, version("llama-index-core"))


def haystack(data: Data, vectors: Any, texts: list[str]) -> Built:
    """Haystack's InMemoryDocumentStore."""
    document = import_module("haystack").Document
    memory = import_module("haystack.document_stores.in_memory")
    store = memory.InMemoryDocumentStore(embedding_similarity_function="dot_product")
    for i in range(0, data.n, BATCH):
        part = texts[i : i + BATCH]
        rows = vectors[i : i + len(part)].tolist()
        store.write_documents(
            [document(id=str(i + j), content=t, embedding=rows[j]) for j, t in enumerate(part)]
        )
    asked = queries_of(data)[0].tolist()

    def search(q: int) -> Sequence[int]:
        return [int(d.id) for d in store.embedding_retrieval(asked[q], top_k=K)]

    return Built(search, version("haystack-ai"))


def bm25s_alone(data: Data, vectors: Any, texts: list[str]) -> Built:
    """bm25s with its French stop words and a stemmer; the query is analysed within the clock."""
    import bm25s
    import Stemmer

    options: dict[str, Any] = {
        "stopwords": "fr", "stemmer": Stemmer.Stemmer("french"), "show_progress": False,
    }  # fmt: skip
    ranker = bm25s.BM25()
    ranker.index(bm25s.tokenize(texts, **options), show_progress=False)
    asked = queries_of(data)[1]

    def search(q: int) -> Sequence[int]:
        tokens = bm25s.tokenize([asked[q]], **options)
        rows, _ = ranker.retrieve(tokens, k=min(K, data.n), show_progress=False)
        return [int(row) for row in rows[0]]

    return Built(search, bm25s.__version__, "lexical")


def whole(data: Data, vectors: Any, texts: list[str]) -> Built:
    """The product's retriever: spelling, encoding, every lexical field, dense rows, fusion."""
    from evaluation.bench_whole import build_whole

    return Built(build_whole(texts, queries_of(data)[1], K), "", "encoding of the query included")


SYSTEMS: dict[str, Callable[[Data, Any, list[str]], Built]] = {
    "faiss flat": faiss_flat, "faiss flat 16-bit": faiss_half, "faiss HNSW": faiss_hnsw,
    "faiss PQ + rescoring": faiss_pq, "LangChain InMemory": langchain, "Chroma": chroma,
    "LlamaIndex Simple": llama_index, "Haystack InMemory": haystack, "bm25s": bm25s_alone,
    "whole retriever": whole,
}  # fmt: skip
TEXTLESS = ("faiss flat", "faiss flat 16-bit", "faiss HNSW", "faiss PQ + rescoring")


def _faiss(data: Data, vectors: Any, kind: str) -> Built:
    import faiss
    import numpy as np

    index = faiss.index_factory(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        index.train(np.ascontiguousarray(vectors[:: max(1, data.n // 50_000)]))
    for i in range(0, data.n, 50_000):
        index.add(np.ascontiguousarray(vectors[i : i + 50_000]))
    note = kind
    if "Refine" in kind:
        note += f", {K * _tune(index, vectors, data)} rescored"
    elif "HNSW" in kind:
        faiss.ParameterSpace().set_index_parameter(index, "efSearch", 128)
    asked = np.ascontiguousarray(queries_of(data)[0])

    def search(q: int) -> Sequence[int]:
        return index.search(asked[q : q + 1], K)[1][0]  # type: ignore[no-any-return]  # untyped

    return Built(search, faiss.__version__, note)


def _tune(index: Any, vectors: Any, data: Data) -> int:
    """Smallest factor (candidates for each result) that gives the tuning queries 0.99."""
    import numpy as np

    best = exact_bound(vectors, data.tuning)
    for factor in (2, 5, 10, 20, 50, 100, 200):
        index.k_factor = factor
        if recall(vectors, data.tuning, index.search(np.asarray(data.tuning), K)[1], best) >= 0.99:
            break
    return int(index.k_factor)


def exact_bound(vectors: Any, asked: Any) -> Any:
    """Score of the K-th best passage of each query, by brute force in blocks."""
    import numpy as np

    best = np.full((len(asked), K), -np.inf, np.float32)
    for i in range(0, len(vectors), 50_000):
        scores = np.asarray(vectors[i : i + 50_000]) @ asked.T
        best = np.sort(np.vstack((best.T, scores)), axis=0)[-K:].T
    return best[:, 0]


def recall(vectors: Any, asked: Any, found: Any, bound: Any) -> float:
    """Share of the exact top K that was found; a tie with the K-th counts as found."""
    import numpy as np

    right = total = 0
    for q, rows in enumerate(found):
        kept = np.asarray([r for r in rows if r >= 0], np.int64)
        scores = np.asarray(vectors[kept]) @ asked[q] if len(kept) else np.zeros(0)
        right += int((scores >= bound[q] - 1e-5).sum())
        total += min(K, len(vectors))
    return right / total


def queries_of(data: Data) -> tuple[Any, list[str]]:
    """Vectors (queries, 384) and words of the questions, in the same order."""
    import numpy as np

    lines = (data.folder / "queries.txt").read_text(encoding="utf-8").splitlines()
    return np.load(data.folder / "queries.npy"), lines
