"""The vector store in a folder passes LangChain's own conformance suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests import VectorStoreIntegrationTests

from index.langchain import FaissVectorStore

pytestmark = pytest.mark.slow


class TestConformance(VectorStoreIntegrationTests):
    """Synchronous and asynchronous."""

    @pytest.fixture
    def vectorstore(self) -> Iterator[VectorStore]:
        yield FaissVectorStore(self.get_embeddings())
