"""Opening the shared index: the same `Index` as a folder's, its passages left in the database."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, cast, overload

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool

import settings
from corpus.passage import KINDS, Passage
from index.asked import Asked
from index.encoder import Encoder, load_encoder
from index.errors import IndexDamaged, IndexMissing
from index.manifest import generation_id, sequence_of
from index.open import Index, require_same
from index.retriever import Retriever
from index.spelling import Spelling
from index.stores import database
from index.stores.candidates import Group, Nearest
from index.stores.database import Connection, in_schema, schema_of, vector_table
from index.stores.parts import unpack
from index.stores.retriever import StoreRetriever

_ITERATIVE = (0, 8)  # the first pgvector that goes on walking until a filter is satisfied


@dataclass(frozen=True, slots=True)
class Store:
    """One generation of one database, and the connections to it."""

    address: str
    pool: ConnectionPool[Connection]
    generation: str

    @property
    def schema(self) -> sql.Identifier:
        """Of the generation."""
        return schema_of(self.generation)

    @contextlib.contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection in a transaction of its own, read-only."""
        with database.told(self.address), self.pool.connection() as connection:
            yield connection

    def rows(self, query: sql.Composed, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of one query."""
        with self.session() as connection:
            return connection.execute(query, values).fetchall()


class StoredPassages(Sequence[Passage]):
    """The passages, read when asked for; iterating reads them in portions."""

    def __init__(self, store: Store, size: int) -> None:
        self._store = store
        self._size = size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> Passage: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, place: int | slice) -> Passage | tuple[Passage, ...]:
        if isinstance(place, slice):
            return self._read(list(range(self._size))[place])
        rows = self._read([range(self._size)[place]])
        return rows[0]

    def __iter__(self) -> Iterator[Passage]:
        for start in range(0, self._size, 1000):
            yield from self[start : start + 1000]

    def _read(self, rows: list[int]) -> tuple[Passage, ...]:
        found = self._store.rows(
            in_schema('SELECT "row", body FROM {schema}.passage WHERE "row" = ANY(%s)',
                      self._store.schema),
            [rows],
        )  # fmt: skip
        bodies = dict(found)
        return tuple(Passage.from_json(json.loads(bodies[row])) for row in rows)


@dataclass(frozen=True)
class StoreIndex(Index):
    """An index whose passages and texts stay in the database until they are asked for."""

    store: Store | None = None

    def document_text(self, source_id: str) -> str:
        """The cleaned text of a source.

        Raises:
            KeyError: When the index has no such source.
        """
        query = "SELECT body FROM {schema}.document WHERE id = %s"
        for (body,) in self._store.rows(in_schema(query, self._store.schema), [source_id]):
            text: str = json.loads(body)["text"]
            return text
        raise KeyError(source_id)

    def passage(self, passage_id: str) -> Passage:
        """The passage of an id.

        Raises:
            KeyError: When the index has no such passage.
        """
        query = "SELECT body FROM {schema}.passage WHERE id = %s"
        for (body,) in self._store.rows(in_schema(query, self._store.schema), [passage_id]):
            return Passage.from_json(json.loads(body))
        raise KeyError(passage_id)

    @cached_property
    def documents(self) -> tuple[Any, ...]:
        """The documents as they were indexed, read whole."""
        query = "SELECT body FROM {schema}.document ORDER BY place"
        lines = self._store.rows(in_schema(query, self._store.schema))
        data = "".join(f"{body}\n" for (body,) in lines).encode()
        return Index(
            self.generation, self.info, tuple(self.passages), self.retriever, data
        ).documents

    def is_current(self) -> bool:
        """Whether this is still the generation in use."""
        found = self._store.rows(sql.SQL("SELECT generation FROM secretpro.current").format())
        return found in ([], [(self.generation,)])

    def close(self) -> None:
        """Give the connections back; nothing can be asked afterwards."""
        self._store.pool.close()

    @property
    def _store(self) -> Store:
        assert self.store is not None
        return self.store


def open_store(address: str, encoder: Encoder | None = None) -> StoreIndex:
    """Open the generation in use, or with a ``notice`` the newest earlier one that is whole.

    Args:
        address: ``postgresql://…``.
        encoder: Instead of the one of the settings.

    Raises:
        IndexMissing: If nothing was ever published there.
        IndexDamaged: If no generation can be read.
        IndexStale: If it was built with another encoder or by another version.
        IndexUnreachable: If the database does not answer.
    """
    with database.told(address):
        with database.connect(address) as connection:
            current, known = published(connection, address)
        pool = database.reading_pool(address)
    faults = []
    for generation, manifest, small in known:
        if generation > current:
            continue  # rolled back
        try:
            info = checked(generation, manifest, small)
            store = Store(address, pool, generation)
            loaded = load_encoder(settings.load().encoder) if encoder is None else encoder
            require_same(info, loaded)
            return _opened(store, info, small, loaded, generation == current)
        except (IndexDamaged, IndexMissing) as error:
            faults.append(str(error))
        except BaseException:
            pool.close()
            raise
    pool.close()
    raise IndexDamaged(
        f"no generation in {database.shown(address)} is whole ({'; '.join(faults)}): "
        "rebuild it with `python -m index build --index ADDRESS`"
    )


def published(connection: Connection, address: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The generation in use, and all of them with manifest and spelling, newest first.

    Raises:
        IndexMissing: If nothing was ever published there.
    """
    try:
        current = connection.execute("SELECT generation FROM secretpro.current").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        connection.rollback()
        current = None
    if current is None:
        raise IndexMissing(
            f"no index in {database.shown(address)}: build it with "
            "`python -m index build --index ADDRESS`"
        )
    rows = connection.execute(
        "SELECT id, manifest, spelling FROM secretpro.generation "
        "WHERE NOT withdrawn OR id = %s ORDER BY id DESC",
        [current[0]],
    ).fetchall()
    return current[0], cast(list[tuple[str, bytes, bytes]], rows)


def checked(generation: str, manifest: bytes, small: bytes) -> dict[str, Any]:
    """The manifest's ``info``, once its hash and those of the small files are right.

    Raises:
        IndexDamaged: When they are not.
    """
    if generation_id(sequence_of(generation), manifest) != generation:
        raise IndexDamaged(f"the manifest of {generation} does not match its sha256")
    read = json.loads(manifest)
    for name, data in unpack(small).items():
        if sha256(data).hexdigest() != read["files"].get(name):
            raise IndexDamaged(f"{name} of {generation} does not match its sha256")
    info: dict[str, Any] = read["info"]
    return info | {"created": read["created"]}


def _opened(
    store: Store, info: dict[str, Any], small: bytes, encoder: Encoder, current: bool
) -> StoreIndex:
    files = unpack(small)
    known = json.loads(files["spelling.json"])
    with store.session() as connection:
        groups = _groups(connection, store.schema)
        size = connection.execute(
            in_schema("SELECT count(*) FROM {schema}.passage", store.schema)
        ).fetchall()[0][0]
        iterative = is_iterative(connection)
    if size != info["counts"]["passages"]:
        raise IndexDamaged(f"{store.generation} has {size} passages of {info['counts']}")
    retriever = StoreRetriever(
        store.session,
        store.schema,
        size,
        Nearest(store.schema, groups, iterative),
        encoder,
        Spelling(known["forms"], known["others"]),
        asked=Asked.from_files(files),
    )
    day = info["created"][:10]
    notice = None if current else (
        "L’index en service est endommagé : les réponses viennent de la dernière version intacte, "
        f"publiée le {day[8:]}/{day[5:7]}/{day[:4]}. "
        "Prévenez la personne qui administre l’application."
    )  # fmt: skip
    # Both are used as the folder's are, without being it: one reads on demand, one asks first.
    passages = cast(tuple[Passage, ...], StoredPassages(store, size))
    return StoreIndex(
        store.generation, info, passages, cast(Retriever, retriever), b"", notice, store=store
    )


def is_iterative(connection: Connection) -> bool:
    """Whether the server goes on walking a graph until enough rows pass a filter."""
    query = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    version: str = connection.execute(query).fetchall()[0][0]
    return tuple(int(part) for part in version.split(".")[:2]) >= _ITERATIVE


def _groups(connection: Connection, schema: sql.Identifier) -> tuple[Group, ...]:
    groups = []
    for kind in KINDS:
        query = in_schema(
            "SELECT source, starts, ends, count(*) FROM {schema}.{table} GROUP BY 1, 2, 3",
            schema,
            table=vector_table(kind),
        )
        groups += [Group(kind, *row) for row in connection.execute(query)]
    return tuple(groups)
