"""What the retriever must beat, on the same documents, questions and machine.

Three kinds: the retriever's own signals one at a time (same passages), the retriever with another
encoder (same passages), and pipelines that others would have built in an afternoon (their own
splitting). The pipelines are given the *repaired* text, which nobody's stock loader produces: what
they lose here, they lose by splitting and ranking alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from index.fusion import fuse
from index.lexical import FIELDS
from index.open import Index, open_index

Floats = NDArray[np.float32]

NAIVE_WORDS = 150
LEXICAL = frozenset(spec.name for spec in FIELDS)
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
    """Each half of the retriever without the other, plain BM25, and the plainest hybrid.

    On the same passages as the retriever. "BM25" is bm25s as in :func:`naive_bm25`, with no help
    from the project; "lexical" is the retriever's own fields with their fitted weights. None looks
    references up or uses the analytical index.
    """
    found = index.retriever
    lexical = {name: w for name, w in found.weights.items() if name in LEXICAL}
    bm25 = _Bm25({passage.id: passage.text for passage in index.passages})

    def both(query: str) -> Floats:
        words = bm25.scores(query)
        dense = found.evidence(found.read(query)).signals["dense"]
        return words / np.float32(max(float(words.max(initial=0.0)), 1e-9)) + dense

    return (
        _by(index, "BM25 alone", bm25.scores),
        _by(index, "Lexical alone", lambda q: fuse(found.evidence(found.read(q)).signals, lexical)),
        _by(index, "Dense alone", lambda q: found.evidence(found.read(q)).signals["dense"]),
        _by(index, "BM25 + dense, equal weights", both),
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
    """bm25s with its own French stop words and a stemmer, on passages of about 150 words.

    Cut every :data:`NAIVE_WORDS` words, whatever stands there, as a first script would.
    """
    passages = {
        f"{document.source.id}@{i}": " ".join(piece)
        for document in documents
        for i, piece in enumerate(_every(document.text.split(), NAIVE_WORDS))
    }
    bm25 = _Bm25(passages)
    ids = np.asarray(list(passages), dtype=object)

    def search(query: str, k: int) -> Sequence[str]:
        return [str(ids[row]) for row in np.lexsort((ids, -bm25.scores(query)))[:k]]

    return Searchable("bm25s, naive passages", passages, search)


class _Bm25:
    """bm25s as its documentation shows it, for French."""

    def __init__(self, passages: Mapping[str, str]) -> None:
        import bm25s
        import Stemmer

        self._options: dict[str, Any] = {
            "stopwords": "fr",
            "stemmer": Stemmer.Stemmer("french"),
            "show_progress": False,
        }
        self._tokenize = bm25s.tokenize
        self._ranker = bm25s.BM25()
        tokens = self._tokenize(list(passages.values()), **self._options)
        self._ranker.index(tokens, show_progress=False)

    def scores(self, query: str) -> Floats:
        """Of every passage, in order."""
        tokens = self._tokenize([query], return_ids=False, **self._options)[0]
        known = [token for token in tokens if token in self._ranker.vocab_dict]
        size = int(self._ranker.scores["num_docs"])
        found = self._ranker.get_scores(known) if known else np.zeros(size, np.float32)
        return np.asarray(found, np.float32)


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


def _by(index: Index, name: str, scores: Callable[[str], Floats]) -> Searchable:
    ids = np.asarray([passage.id for passage in index.passages], dtype=object)

    def search(query: str, k: int) -> Sequence[str]:
        return [str(ids[row]) for row in np.lexsort((ids, -scores(query)))[:k]]

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
