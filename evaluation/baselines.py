"""What the retriever must beat, on the same documents, questions and machine.

Three kinds: the retriever's own signals one at a time (same passages), the retriever with another
encoder (same passages), and pipelines that others would have built in an afternoon (their own
splitting). The pipelines are given the *repaired* text, which nobody's stock loader produces: what
they lose here, they lose by splitting and ranking alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.library import Library
from corpus.passage import Document, Passage
from evaluation.errors import ToolMissing
from evaluation.runner import Searchable
from index.build import build
from index.encoder import Encoder
from index.open import Index, open_index
from index.retriever import Evidence

Floats = NDArray[np.float32]

NAIVE_WORDS = 150
CHUNK, CHUNK_OVERLAP = 1000, 200
"""Characters: the values of LangChain's own retrieval tutorial."""


def passages_of(passages: Sequence[Passage]) -> dict[str, str]:
    """Id to text."""
    return {passage.id: passage.text for passage in passages}


def retriever(index: Index, name: str = "engine") -> Searchable:
    """The product's retriever, as it is."""
    return Searchable(
        name,
        passages_of(index.passages),
        lambda query, k: [hit.passage.id for hit in index.retriever.search(query, k)],
    )


def single_signals(index: Index) -> tuple[Searchable, ...]:
    """BM25 alone, dense alone, and the plain sum of the two, without anything above them.

    All three read the query as the product does (spelling mended), and none looks references up.
    """
    return (
        _by(index, "BM25 alone", lambda e: e.signals["words"]),
        _by(index, "Dense alone", lambda e: e.signals["dense"]),
        _by(
            index,
            "BM25 + dense, no reranking",
            lambda e: (e.signals["words"] + e.signals["dense"]) / np.float32(2),
        ),
    )


def other_encoder(index: Index, encoder: Encoder, root: Path, name: str) -> Searchable:
    """The whole retriever over the same documents, with another encoder and its own weights.

    Args:
        index: Whose documents to take.
        encoder: The other encoder.
        root: Folder for the other index, which is brought up to date there.
        name: Of the baseline.
    """
    build(Library(root, index.documents), root, encoder)
    return retriever(open_index(root, encoder), name)


def naive_bm25(documents: Sequence[Document]) -> Searchable:
    """bm25s with its own French stop words and stemmer, on passages of about 150 words.

    Cut every :data:`NAIVE_WORDS` words, whatever stands there, as a first script would.
    """
    import bm25s
    import Stemmer

    passages = {
        f"{document.source.id}@{i}": " ".join(piece)
        for document in documents
        for i, piece in enumerate(_every(document.text.split(), NAIVE_WORDS))
    }
    ids = list(passages)
    stemmer = Stemmer.Stemmer("french")
    options: dict[str, Any] = {"stopwords": "fr", "stemmer": stemmer, "show_progress": False}
    ranker = bm25s.BM25()
    ranker.index(bm25s.tokenize(list(passages.values()), **options), show_progress=False)

    def search(query: str, k: int) -> Sequence[str]:
        tokens = bm25s.tokenize([query], **options)
        rows, _ = ranker.retrieve(tokens, k=min(k, len(ids)), show_progress=False)
        return [ids[int(row)] for row in rows[0]]

    return Searchable("bm25s as it is", passages, search)


def stock_langchain(documents: Sequence[Document], encoder: Encoder) -> Searchable:
    """LangChain's recursive splitter and in-memory vector store, with our encoder.

    Raises:
        ToolMissing: langchain-text-splitters is not installed.
    """
    try:
        from langchain_text_splitters import RecursiveCharacterTextSplitter
    except ImportError as error:
        raise ToolMissing(
            "this baseline needs `pip install langchain-text-splitters`: install it, or run "
            "without --baselines"
        ) from error
    from langchain_core.documents import Document as LangChainDocument
    from langchain_core.vectorstores import InMemoryVectorStore

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=CHUNK_OVERLAP)
    chunks = [
        LangChainDocument(page_content=piece, id=f"{document.source.id}@{i}")
        for document in documents
        for i, piece in enumerate(splitter.split_text(document.text))
    ]
    store = InMemoryVectorStore(_embeddings(encoder))
    store.add_documents(chunks)
    return Searchable(
        "Stock LangChain",
        {str(chunk.id): chunk.page_content for chunk in chunks},
        lambda query, k: [str(d.id) for d in store.similarity_search(query, k)],
    )


def all_of(index: Index, minilm: Encoder, root: Path) -> tuple[Searchable, ...]:
    """Every baseline, in the order of the tables; ``root`` is a folder for their indexes."""
    encoder = index.retriever.encoder
    return (
        *single_signals(index),
        other_encoder(index, minilm, root / "minilm", "Hybrid with MiniLM"),
        stock_langchain(index.documents, encoder),
        naive_bm25(index.documents),
    )


def _by(index: Index, name: str, score: Callable[[Evidence], Floats]) -> Searchable:
    ids = [passage.id for passage in index.passages]
    order = np.asarray(ids, dtype=object)

    def search(query: str, k: int) -> Sequence[str]:
        scores = score(index.retriever.evidence(index.retriever.read(query)))
        return [ids[row] for row in np.lexsort((order, -scores))[:k]]

    return Searchable(name, passages_of(index.passages), search)


def _every(words: Sequence[str], size: int) -> list[Sequence[str]]:
    return [words[i : i + size] for i in range(0, len(words), size)]


def _embeddings(encoder: Encoder) -> Any:
    from langchain_core.embeddings import Embeddings

    class Ours(Embeddings):
        """Our encoder behind LangChain's interface."""

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [row.tolist() for row in encoder.encode_passages(texts)]

        def embed_query(self, text: str) -> list[float]:
            return [float(x) for x in encoder.encode_queries([text])[0]]

    return Ours()
