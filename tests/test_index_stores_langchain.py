"""LangChain's own conformance suite, over the PostgreSQL home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests import VectorStoreIntegrationTests
from postgres import address, any_server

pytest.importorskip("psycopg", reason="pip install '.[postgres]'")
from index.errors import IndexStale
from index.stores.langchain import PostgresVectorStore

__all__ = ["address", "any_server"]
pytestmark = pytest.mark.slow


class TestPostgresVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, address: str) -> Iterator[VectorStore]:  # type: ignore[override]
        store = PostgresVectorStore(self.get_embeddings(), address)
        yield store
        store.close()


@pytest.fixture
def store(address: str) -> Iterator[PostgresVectorStore]:
    store = PostgresVectorStore(DeterministicFakeEmbedding(size=8), address, "Art. 226-13")
    yield store
    store.close()


def test_a_filter_is_applied_before_the_ranking(store: PostgresVectorStore) -> None:
    """The reference store of LangChain filters afterwards and loses a quarter of the answers."""
    texts = [f"texte {n}" for n in range(300)]
    facts: list[dict[str, Any]] = [{"kind": "rare" if n % 50 == 0 else "other"} for n in range(300)]
    store.add_texts(texts, facts)
    found = store.similarity_search("question", 6, filter={"kind": "rare"})
    assert {document.page_content for document in found} == {texts[n] for n in range(0, 300, 50)}


def test_scores_are_cosines(store: PostgresVectorStore) -> None:
    store.add_texts(["un", "deux"])
    found = store.similarity_search_with_score("un", 2)
    assert found[0][0].page_content == "un" and found[0][1] == pytest.approx(1.0, abs=1e-6)
    assert -1.0 <= found[1][1] < found[0][1]
    assert store.similarity_search_with_relevance_scores("un", 1)[0][1] == pytest.approx(1.0)


def test_vectors_of_another_size_are_refused(address: str) -> None:
    PostgresVectorStore(DeterministicFakeEmbedding(size=8), address).close()
    with pytest.raises(IndexStale, match="8 dimensions and this embedding gives 9"):
        PostgresVectorStore(DeterministicFakeEmbedding(size=9), address)
