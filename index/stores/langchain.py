"""PostgreSQL as a LangChain ``VectorStore``, for those who compose with LangChain.

This is a store of its own, of any texts, that can be added to and deleted from; the product's own
index is published whole and never changed (`index.stores.upload`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore
from psycopg import sql
from psycopg.types.json import Jsonb

from index.errors import IndexStale
from index.stores import database
from index.stores.candidates import Nearest
from index.stores.opening import is_iterative

SCHEMA = sql.Identifier("secretpro_langchain")
_TABLE: LiteralString = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE IF NOT EXISTS {schema}.{table} (
    place bigint GENERATED ALWAYS AS IDENTITY, id text PRIMARY KEY, content text NOT NULL,
    metadata jsonb NOT NULL, embedding vector({dimension}) NOT NULL);
CREATE INDEX IF NOT EXISTS {metadata} ON {schema}.{table} USING gin (metadata jsonb_path_ops);
CREATE INDEX IF NOT EXISTS {hnsw} ON {schema}.{table} USING hnsw (embedding vector_cosine_ops);
"""


class PostgresVectorStore(VectorStore):
    """Texts with their vectors in one table; scores are cosine similarities.

    Args:
        embedding: Of the texts and the queries; its dimension is measured once, by embedding a
            word.
        address: ``postgresql://…``.
        collection: Name of the table.
    """

    def __init__(self, embedding: Embeddings, address: str, collection: str = "documents") -> None:
        self._embedding = embedding
        self._address = address
        self._collection = collection
        dimension = len(embedding.embed_query("secret"))
        with database.told(address), database.connect(address) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            connection.execute(
                self._about(
                    _TABLE,
                    dimension=sql.Literal(dimension),
                    metadata=sql.Identifier(f"{collection}_metadata"),
                    hnsw=sql.Identifier(f"{collection}_hnsw"),
                )
            )
            (stored,) = connection.execute(
                "SELECT atttypmod FROM pg_attribute WHERE attname = 'embedding' "
                "AND attrelid = %s::regclass",
                [f'secretpro_langchain."{collection}"'],
            ).fetchall()[0]
        if stored != dimension:
            raise IndexStale(
                f"the collection {collection!r} holds vectors of {stored} dimensions and this "
                f"embedding gives {dimension}: choose another collection, or embed it again"
            )
        self._pool = database.reading_pool(address)

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()

    @property
    def embeddings(self) -> Embeddings:
        """The embedding in use."""
        return self._embedding

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        address: str = "",
        collection: str = "documents",
        **_: Any,
    ) -> PostgresVectorStore:
        """A store with these texts added to its collection."""
        store = cls(embedding, address, collection)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: Sequence[str | None] | None = None,
        **_: Any,
    ) -> list[str]:
        """Add texts, all or none; one whose id is known replaces it.

        Returns:
            Their ids, those given or new ones.
        """
        contents = list(texts)
        given = [one or str(uuid.uuid4()) for one in (ids or [None] * len(contents))]
        facts = metadatas or [{} for _ in contents]
        vectors = self._embedding.embed_documents(contents)
        query = self._about(
            "INSERT INTO {schema}.{table} (id, content, metadata, embedding) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET "
            "content = EXCLUDED.content, metadata = EXCLUDED.metadata, "
            "embedding = EXCLUDED.embedding"
        )
        rows = [
            (one, content, Jsonb(known), np.array(vector, np.float32))
            for one, content, known, vector in zip(given, contents, facts, vectors, strict=True)
        ]
        with database.told(self._address), database.connect(self._address) as connection:
            database.with_vectors(connection)
            connection.cursor().executemany(query, rows)
        return given

    def delete(self, ids: list[str] | None = None, **_: Any) -> bool:
        """Delete these ids; without any, everything. An unknown id is no error."""
        query = self._about("DELETE FROM {schema}.{table} WHERE %s::text[] IS NULL OR id = ANY(%s)")
        with database.told(self._address), database.connect(self._address) as connection:
            connection.execute(query, [ids, ids])
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """The documents of these ids, in the order in which they were added."""
        query = self._about(
            "SELECT id, content, metadata FROM {schema}.{table} WHERE id = ANY(%s) ORDER BY place"
        )
        with database.told(self._address), self._pool.connection() as connection:
            return [_document(*row) for row in connection.execute(query, [list(ids)])]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """The ``k`` nearest documents."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        """The ``k`` nearest documents and their cosines; ``filter=`` is part of the metadata."""
        vector = self._embedding.embed_query(query)
        return self._search(vector, k, kwargs.get("filter") or {})

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **kwargs: Any
    ) -> list[Document]:
        """The ``k`` documents nearest to a vector."""
        return [found for found, _ in self._search(embedding, k, kwargs.get("filter") or {})]

    def _search(
        self, vector: list[float], k: int, wanted: dict[str, Any]
    ) -> list[tuple[Document, float]]:
        counts = self._about(
            "SELECT count(*) FILTER (WHERE metadata @> %s), count(*) FROM {schema}.{table}"
        )
        query = self._about(
            "SELECT id, content, metadata, 1 - (embedding <=> %s) FROM {schema}.{table} "
            "WHERE metadata @> %s ORDER BY embedding <=> %s LIMIT %s"
        )
        asked = np.array(vector, np.float32)
        with database.told(self._address), self._pool.connection() as connection:
            allowed, total = connection.execute(counts, [Jsonb(wanted)]).fetchall()[0]
            if not allowed or k < 1:
                return []
            nearest = Nearest(SCHEMA, (), is_iterative(connection))
            connection.execute(nearest.plan(k, allowed, total))
            found = connection.execute(query, [asked, Jsonb(wanted), asked, k]).fetchall()
        return [(_document(*row[:3]), float(row[3])) for row in found]

    def _select_relevance_score_fn(self) -> Any:
        return lambda cosine: (1.0 + cosine) / 2.0

    def _about(self, text: LiteralString, **parts: sql.Composable) -> sql.Composed:
        return sql.SQL(text).format(schema=SCHEMA, table=sql.Identifier(self._collection), **parts)


def _document(one: str, content: str, metadata: dict[str, Any]) -> Document:
    return Document(page_content=content, metadata=metadata, id=one)
