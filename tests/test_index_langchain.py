"""LangChain: the vector store by hand, and the retriever composed in a chain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from index.errors import IndexDamaged, IndexMissing
from index.langchain import EncoderEmbeddings, FaissVectorStore, LegalRetriever
from index.open import Index, open_index

POINTS = {"est": (2.0, 0.0), "nord": (0.0, 1.0), "nord-est": (1.0, 1.0), "ouest": (-1.0, 0.0)}


class Plane(Embeddings):
    """Two dimensions, chosen by the text: an honest embedder whose cosines are known by hand."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [list(POINTS[text]) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return list(POINTS[text])


def plane() -> FaissVectorStore:
    texts = ["est", "nord", "nord-est", "ouest"]
    metas = [{"n": i, "even": i % 2 == 0} for i in range(4)]
    return FaissVectorStore.from_texts(texts, Plane(), metas, ids=["a", "b", "c", "d"])


def test_scores_are_true_cosines() -> None:
    found = plane().similarity_search_with_score("est", 4)
    assert [document.page_content for document, _ in found] == ["est", "nord-est", "nord", "ouest"]
    assert [score for _, score in found] == pytest.approx([1.0, 0.5**0.5, 0.0, -1.0], abs=1e-6)


def test_relevance_lies_between_0_and_1() -> None:
    found = plane().similarity_search_with_relevance_scores("est", 4)
    assert [score for _, score in found] == pytest.approx([1.0, (1 + 0.5**0.5) / 2, 0.5, 0.0])


def test_filters_come_before_the_ranking() -> None:
    odd = plane().similarity_search("est", 2, filter={"even": False})
    assert [d.page_content for d in odd] == ["nord", "ouest"]
    some = plane().similarity_search("est", 2, filter={"n": [1, 2]})
    assert [d.page_content for d in some] == ["nord-est", "nord"]
    late = plane().similarity_search("est", 1, filter=lambda d: d.metadata["n"] == 3)
    assert [d.page_content for d in late] == ["ouest"]
    assert plane().similarity_search("est", 4, filter={"absent": None}) == []


def test_deleting_and_replacing_keep_rows_and_documents_together() -> None:
    store = plane()
    store.delete(["b"])
    store.add_documents([Document(id="a", page_content="ouest", metadata={})])
    found = store.similarity_search_with_score("ouest", 9)
    assert [(d.id, d.page_content) for d, _ in found] == [
        ("a", "ouest"), ("d", "ouest"), ("c", "nord-est"),
    ]  # fmt: skip
    store.delete()
    assert store.similarity_search("est", 4) == []


def test_what_a_caller_writes_does_not_reach_the_store() -> None:
    store = plane()
    store.get_by_ids(["a"])[0].metadata["n"] = "changed"
    assert store.get_by_ids(["a"])[0].metadata["n"] == 0


def test_a_saved_store_answers_the_same(tmp_path: Path) -> None:
    store = plane()
    store.save(tmp_path)
    again = FaissVectorStore.load(tmp_path, Plane())
    assert again.similarity_search_with_score("nord-est", 4) == store.similarity_search_with_score(
        "nord-est", 4
    )
    empty = FaissVectorStore(Plane())
    empty.save(tmp_path)
    assert FaissVectorStore.load(tmp_path, Plane()).similarity_search("est", 4) == []


def test_a_damaged_or_missing_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        FaissVectorStore.load(tmp_path / "nothing", Plane())
    plane().save(tmp_path)
    for path in tmp_path.rglob("vectors.faiss"):
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(bytes(data))
    with pytest.raises(IndexDamaged):
        FaissVectorStore.load(tmp_path, Plane())


def test_texts_without_as_many_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="2 texts"):
        FaissVectorStore(Plane()).add_texts(["est", "nord"], ids=["a"])


@pytest.fixture(scope="module")
def index(real_root: Path) -> Index:
    return open_index(real_root)


def test_the_retriever_composes_in_a_chain(index: Index) -> None:
    def references(found: dict[str, Any]) -> str:
        return json.dumps([document.metadata["ref"] for document in found["documents"]])

    chain = RunnablePassthrough.assign(
        documents=(lambda x: x["question"]) | LegalRetriever(index=index, k=3)
    ) | RunnableLambda(references)
    answer = json.loads(chain.invoke({"question": "que dit l'article R. 4321-55 ?"}))
    assert answer[0] == "CSP, art. R. 4321-55"
    assert len(answer) == 3


def test_documents_carry_scores_and_verbatim_text(index: Index) -> None:
    best = LegalRetriever(index=index, k=1).invoke("Que dit l'article 226-13 du code pénal ?")[0]
    assert best.id == best.metadata["id"] == index.passage(best.id).id
    text = index.document_text(best.metadata["source"])
    assert best.page_content == text[best.metadata["start"] : best.metadata["end"]]
    assert best.metadata["rank"] == 1 and best.metadata["score"] > 2
    assert best.metadata["signals"]["reference"] == pytest.approx(2 / 3)


async def test_async_finds_the_same_and_filters(index: Index) -> None:
    retriever = LegalRetriever(index=index, k=4, kinds=("decision",))
    found = await retriever.ainvoke("violation du secret devant la chambre disciplinaire")
    assert [d.metadata["kind"] for d in found] == ["decision"] * 4
    assert found == retriever.invoke("violation du secret devant la chambre disciplinaire")
    asked = await retriever.ainvoke("amende", kinds=("article",), k=2)
    assert [d.metadata["kind"] for d in asked] == ["article"] * 2
    assert LegalRetriever(index=index, sources=("other",)).invoke("amende") == []


def test_the_encoder_serves_as_embeddings(index: Index) -> None:
    embeddings = EncoderEmbeddings(index.retriever.encoder)
    one = np.array(embeddings.embed_documents(["le secret"])[0])
    assert float(one @ one) == pytest.approx(1.0, abs=1e-5)
    assert len(embeddings.embed_query("le secret")) == index.retriever.encoder.dimension
