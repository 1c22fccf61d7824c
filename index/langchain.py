"""Our retriever behind LangChain's interface, so that others compose it in their chains.

`LegalRetriever` is the product's own hybrid retrieval as a `BaseRetriever`; `EncoderEmbeddings`
gives its encoder to whatever wants LangChain's `Embeddings`. `FaissVectorStore`, for chains that
expect a vector store, lives in `index.vector_store` and is offered here too.
"""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import run_in_executor
from pydantic import ConfigDict

from index.encoder import Encoder
from index.following import follow
from index.hit import Hit
from index.open import Index
from index.vector_store import FaissVectorStore

__all__ = ["EncoderEmbeddings", "FaissVectorStore", "LegalRetriever", "as_document"]


class LegalRetriever(BaseRetriever):
    """The passages nearest to a question, with their scores and references as metadata.

    Attributes:
        index: An opened index.
        k: How many passages.
        kinds: Only these kinds (``guide``, ``article``, ``decision``).
        sources: Only these sources, by id.
        day: Only what is in force on that day (ISO 8601).
        follow: Whether the texts that the passages found cite come after them.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    k: int = 10
    kinds: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    day: str | None = None
    follow: bool = False

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **filters: Any
    ) -> list[Document]:
        asked = {"kinds": self.kinds, "sources": self.sources, "day": self.day} | filters
        k = asked.pop("k", self.k)
        hits = self.index.retriever.search(query, k, **asked)
        if self.follow:
            hits = follow(self.index.graph, hits, asked["day"])
        return [as_document(hit) for hit in hits]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, **filters: Any
    ) -> list[Document]:
        sync = run_manager.get_sync()
        return await run_in_executor(
            None, self._get_relevant_documents, query, run_manager=sync, **filters
        )


def as_document(hit: Hit) -> Document:
    """A hit as LangChain's document: the passage verbatim, and where it stands as metadata."""
    row = hit.passage.as_json()
    text = row.pop("text")
    return Document(
        id=hit.passage.id,
        page_content=text,
        metadata=row | {"score": hit.score, "rank": hit.rank, "signals": dict(hit.signals)},
    )


class EncoderEmbeddings(Embeddings):
    """An `Encoder` behind LangChain's interface, its query and passage prefixes respected."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of passages."""
        return [[float(x) for x in row] for row in self.encoder.encode_passages(texts)]

    def embed_query(self, text: str) -> list[float]:
        """Vector of a question."""
        return [float(x) for x in self.encoder.encode_queries([text])[0]]
