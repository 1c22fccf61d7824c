"""Connections, and the tables of a generation.

secretpro.generation   one row a generation: id, manifest, small files, counts
secretpro.current      one row: the generation in use
secretpro_g00000012    the tables of generation 12, in a schema of their own
    passage            the passage as JSON, its filters, its lexemes, its BM25 weights
    vector_guide, vector_article, vector_decision
                       one table a kind, each with its own HNSW graph: a filter on a kind then
                       never walks over vectors that it must throw away
    term               number and document frequency of each term of each lexical field
    reference          the canonical references quoted or cited
    document           the cleaned texts
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
from pgvector.psycopg import register_vector
from psycopg import sql
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from corpus.passage import KINDS
from index.errors import IndexMissing, IndexUnreachable, IndexUnwritable

Connection = psycopg.Connection[TupleRow]

SHARED = "secretpro"
READER_ROLE = "secretpro_reader"
_CONNECT_SECONDS = 10
_STATEMENT_MS = 15_000
_POOL = 8
_PASSWORD = re.compile(r"(?<=:)[^:@/]{1,200}(?=@)")

SHARED_TABLES: LiteralString = """
CREATE SCHEMA IF NOT EXISTS secretpro;
CREATE SEQUENCE IF NOT EXISTS secretpro.sequence;
CREATE TABLE IF NOT EXISTS secretpro.generation (
    id text PRIMARY KEY, published timestamptz NOT NULL DEFAULT clock_timestamp(),
    manifest bytea NOT NULL, files jsonb NOT NULL, spelling bytea NOT NULL,
    withdrawn boolean NOT NULL DEFAULT false);
CREATE TABLE IF NOT EXISTS secretpro.current (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    generation text NOT NULL REFERENCES secretpro.generation);
"""

GENERATION_TABLES: LiteralString = """
CREATE TABLE {schema}.passage (
    "row" integer PRIMARY KEY, id text NOT NULL UNIQUE, kind text NOT NULL, source text NOT NULL,
    ref text NOT NULL, cites text[] NOT NULL, starts text NOT NULL, ends text NOT NULL,
    body text NOT NULL, lexemes tsvector NOT NULL, weights bytea NOT NULL);
CREATE TABLE {schema}.term (
    field text NOT NULL, term text NOT NULL, number integer NOT NULL, frequency integer NOT NULL);
CREATE TABLE {schema}.reference (ref text PRIMARY KEY, date text, number text);
CREATE TABLE {schema}.document (
    place integer PRIMARY KEY, id text NOT NULL UNIQUE, body text NOT NULL);
"""

VECTOR_TABLE: LiteralString = """
CREATE TABLE {schema}.{table} (
    part integer NOT NULL, owner integer NOT NULL, whole boolean NOT NULL,
    source text NOT NULL, starts text NOT NULL, ends text NOT NULL,
    embedding vector({dimension}) NOT NULL);
"""

# Weights are read a few hundred at a time and are noise to a compressor.
GENERATION_INDEXES: LiteralString = """
CREATE INDEX ON {schema}.passage USING gin (lexemes);
CREATE INDEX ON {schema}.passage USING gin (cites);
CREATE INDEX ON {schema}.passage (ref);
CREATE INDEX ON {schema}.passage (source);
CREATE UNIQUE INDEX ON {schema}.term (term, field) INCLUDE (number, frequency);
"""

VECTOR_INDEXES: LiteralString = """
CREATE INDEX ON {schema}.{table} (owner);
CREATE INDEX ON {schema}.{table} (source);
CREATE INDEX ON {schema}.{table} USING hnsw (embedding vector_ip_ops)
    WITH (m = 24, ef_construction = 200);
"""


def schema_of(generation: str) -> sql.Identifier:
    """The schema that holds a generation's tables."""
    return sql.Identifier(f"{SHARED}_g{generation[:8]}")


def vector_table(kind: str) -> sql.Identifier:
    """The table of a kind's vectors."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    return sql.Identifier(f"vector_{kind}")


def in_schema(text: LiteralString, schema: sql.Identifier, **parts: sql.Composable) -> sql.Composed:
    """A statement about one generation's tables."""
    return sql.SQL(text).format(schema=schema, **parts)


def plain(address: str) -> str:
    """The address as the driver wants it, from SQLAlchemy's spelling of it."""
    return address.replace("postgresql+psycopg://", "postgresql://", 1)


def shown(address: str) -> str:
    """The address without its password, for messages."""
    return _PASSWORD.sub("***", address)


@contextlib.contextmanager
def told(address: str) -> Iterator[None]:
    """Turn the driver's errors into ours, one for each recovery; none repeats a query's values."""
    place = shown(address)
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise IndexMissing(
            f"no index in {place}, or its generation was removed meanwhile: open it again, "
            "or build it with `python -m index build --index ADDRESS`"
        ) from error
    except (psycopg.errors.DiskFull, psycopg.errors.InsufficientPrivilege) as error:
        raise IndexUnwritable(
            f"the database {place} refused the index ({type(error).__name__}); the one in use is "
            "unchanged: free space or grant the right there, then build again"
        ) from error
    except psycopg.errors.QueryCanceled as error:
        raise IndexUnreachable(
            f"the database {place} took more than {_STATEMENT_MS // 1000} s: retry, or look at it"
        ) from error
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise IndexUnreachable(
            f"the database {place} does not answer: start it, or mend the setting 'index'"
        ) from error


def connect(address: str) -> Connection:
    """A connection for a builder, without a time limit; the caller closes it."""
    return psycopg.connect(plain(address), connect_timeout=_CONNECT_SECONDS)


def with_vectors(connection: psycopg.Connection[Any]) -> None:
    """Teach a connection the type ``vector``, once the extension is there."""
    register_vector(connection)


def reading_pool(address: str) -> ConnectionPool[Connection]:
    """Connections for readers: each read-only and with a time limit; opened when first needed."""

    def prepare(connection: Connection) -> None:
        # The just-in-time compiler costs more than these short queries take.
        connection.execute(
            f"SET statement_timeout = {_STATEMENT_MS}; SET jit = off;"
            "SET default_transaction_read_only = on"
        )
        connection.commit()
        with_vectors(connection)
        connection.commit()

    return ConnectionPool(
        plain(address),
        min_size=0,
        max_size=_POOL,
        timeout=_CONNECT_SECONDS,
        kwargs={"connect_timeout": _CONNECT_SECONDS},
        configure=prepare,
        check=ConnectionPool.check_connection,
        open=True,
    )
