"""A LangChain vector store on exact faiss search.

It filters before it ranks (LangChain's own filters what it has ranked, and so loses a quarter of
the right answers under a filter that keeps a third of the documents), gives true cosines, and is
saved as verified generations, without pickle.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from index.dense import deserialise
from index.errors import IndexDamaged
from index.generations import open_current, publish

Floats = npt.NDArray[np.float32]
Filter = dict[str, Any] | Callable[[Document], bool]


class FaissVectorStore(VectorStore):
    """Documents under exact inner-product search of normalised vectors; thread-safe.

    Args:
        embedding: Any embeddings; their vectors are normalised here.
    """

    def __init__(self, embedding: Embeddings) -> None:
        self._embedding = embedding
        self._documents: dict[str, Document] = {}
        self._rows: list[str] = []
        self._index: Any = None
        self._lock = threading.RLock()

    @property
    def embeddings(self) -> Embeddings:
        """The embeddings given."""
        return self._embedding

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **_: Any,
    ) -> list[str]:
        """Embed and add texts; one whose id is known replaces it. Returns the ids, in order."""
        kept = list(texts)
        metas = metadatas if metadatas is not None else [{} for _ in kept]
        keys = [key or str(uuid.uuid4()) for key in (ids if ids is not None else [""] * len(kept))]
        if not len(kept) == len(metas) == len(keys):
            raise ValueError(
                f"{len(kept)} texts, {len(metas)} metadatas, {len(keys)} ids: give as many of each"
            )
        documents = {
            key: Document(id=key, page_content=text, metadata=dict(meta))
            for key, text, meta in zip(keys, kept, metas, strict=True)
        }
        vectors = self._embedding.embed_documents([d.page_content for d in documents.values()])
        if documents:
            self._put(documents, _unit(vectors))
        return keys

    def add_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
        """Add documents; their own ids are used where ``ids`` gives none."""
        ids = kwargs.pop("ids", None) or [document.id or "" for document in documents]
        texts = [document.page_content for document in documents]
        return self.add_texts(texts, [d.metadata for d in documents], ids=ids, **kwargs)

    def _put(self, documents: dict[str, Document], vectors: Floats) -> None:
        with self._lock:
            self._drop(set(documents))
            if self._index is None:
                self._index = faiss.IndexFlatIP(vectors.shape[1])
            self._index.add(vectors)
            self._rows += documents
            self._documents.update(documents)

    def delete(self, ids: list[str] | None = None, **_: Any) -> bool | None:
        """Remove documents by id, or all of them; unknown ids are passed over."""
        with self._lock:
            self._drop(set(self._documents if ids is None else ids))
        return True

    def _drop(self, ids: set[str]) -> None:
        gone = np.array([i for i, key in enumerate(self._rows) if key in ids], np.int64)
        if len(gone):
            self._index.remove_ids(gone)  # the rows after them move up, as in the list
            self._rows = [key for key in self._rows if key not in ids]
            for key in ids:
                self._documents.pop(key, None)

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """The documents known among ``ids``, in that order."""
        with self._lock:
            return [_copy(self._documents[key]) for key in ids if key in self._documents]

    def similarity_search(
        self, query: str, k: int = 4, filter: Filter | None = None, **_: Any
    ) -> list[Document]:
        """The ``k`` nearest documents, best first."""
        return [document for document, _ in self.similarity_search_with_score(query, k, filter)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, filter: Filter | None = None, **_: Any
    ) -> list[tuple[Document, float]]:
        """The ``k`` nearest documents and their cosines in [-1, 1], best first.

        Args:
            query: Any text.
            k: How many at most.
            filter: Metadata that a document must have (a list: one of its values), or a function;
                documents that fail it are left out before the ranking.
        """
        return self._nearest(_unit([self._embedding.embed_query(query)]), k, filter)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, filter: Filter | None = None, **_: Any
    ) -> list[Document]:
        """The ``k`` documents nearest to a vector, best first."""
        return [document for document, _ in self._nearest(_unit([embedding]), k, filter)]

    def _nearest(
        self, query: Floats, k: int, wanted: Filter | None
    ) -> list[tuple[Document, float]]:
        with self._lock:
            rows = [i for i, key in enumerate(self._rows) if _passes(self._documents[key], wanted)]
            if not rows or k < 1:
                return []
            selector = faiss.IDSelectorBatch(np.array(rows, np.int64))  # must outlive the search
            params = faiss.SearchParameters()
            params.sel = selector
            scores, found = self._index.search(query, min(k, len(rows)), params=params)
            keys = [self._rows[row] for row in found[0].tolist()]
            pairs = zip(keys, scores[0].tolist(), strict=True)
            ranked = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
            return [(_copy(self._documents[key]), score) for key, score in ranked]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda cosine: (cosine + 1) / 2

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **_: Any,
    ) -> FaissVectorStore:
        """A store of these texts."""
        store = cls(embedding)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def save(self, root: Path) -> str:
        """Publish the store as a generation under ``root``; returns its id.

        Raises:
            TypeError: If a document's metadata is not JSON.
            IndexBusy: If another process is saving there.
        """
        with self._lock:
            rows = [
                {"id": key, "text": d.page_content, "metadata": d.metadata}
                for key, d in ((key, self._documents[key]) for key in self._rows)
            ]
            index = b"" if self._index is None else faiss.serialize_index(self._index).tobytes()
        lines = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
        files = {"documents.jsonl": lines, "vectors.faiss": index}
        return publish(root, files, {"kind": "vector-store", "documents": len(rows)})

    @classmethod
    def load(cls, root: Path, embedding: Embeddings) -> FaissVectorStore:
        """Open the store saved under ``root``; every byte is checked first.

        Raises:
            IndexMissing: If nothing was saved there.
            IndexDamaged: If no generation is whole.
        """
        files = open_current(root).files
        store = cls(embedding)
        try:
            for line in files["documents.jsonl"].splitlines():
                row = json.loads(line)
                document = Document(
                    id=row["id"], page_content=row["text"], metadata=row["metadata"]
                )
                store._documents[row["id"]] = document
                store._rows.append(row["id"])
            store._index = deserialise(files["vectors.faiss"]) if files["vectors.faiss"] else None
            total = 0 if store._index is None else store._index.ntotal
            if total != len(store._rows):
                raise ValueError(f"{total} vectors for {len(store._rows)} documents")
        except (KeyError, ValueError) as error:
            raise IndexDamaged(f"no vector store in {root} ({error}): save it again") from error
        return store


def _unit(vectors: Sequence[Sequence[float]]) -> Floats:
    rows = np.asarray(vectors, np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(rows / np.where(norms > 0, norms, 1), np.float32)


def _copy(document: Document) -> Document:
    """Callers may write into what they get: the store's own must not change."""
    return Document(
        id=document.id, page_content=document.page_content, metadata=dict(document.metadata)
    )


def _passes(document: Document, wanted: Filter | None) -> bool:
    if wanted is None:
        return True
    if callable(wanted):
        return wanted(document)
    return all(
        document.metadata.get(name) in value
        if isinstance(value, (list, tuple, set))
        else name in document.metadata and document.metadata[name] == value
        for name, value in wanted.items()
    )
