"""Care of the shared index: is every row what was published, and back to an earlier generation."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import numpy as np
from psycopg import sql

from corpus.passage import KINDS
from index.errors import IndexDamaged, IndexMissing
from index.stores import database
from index.stores.database import Connection, in_schema, schema_of, vector_table
from index.stores.opening import checked, published
from index.stores.upload import LOCK, point


def verify_store(address: str) -> tuple[str, ...]:
    """Read every table of every generation again and compare its hash with the manifest's.

    Returns:
        One line a problem; empty when the index is whole.

    Raises:
        IndexMissing: If nothing was ever published there.
        IndexUnreachable: If the database does not answer.
    """
    problems: list[str] = []
    with database.told(address), database.connect(address) as connection:
        _, known = published(connection, address)
        database.with_vectors(connection)
        for generation, manifest, small in known:
            try:
                checked(generation, manifest, small)
            except IndexDamaged as error:
                problems.append(str(error))
                continue
            problems += _differences(connection, generation, json.loads(manifest))
    return tuple(problems)


def current_store(address: str) -> str:
    """The id of the generation in use.

    Raises:
        IndexMissing: If nothing was ever published there.
        IndexUnreachable: If the database does not answer.
    """
    with database.told(address), database.connect(address) as connection:
        return published(connection, address)[0]


def _differences(connection: Connection, generation: str, manifest: dict[str, Any]) -> list[str]:
    schema = schema_of(generation)
    exists = connection.execute(
        "SELECT 1 FROM pg_namespace WHERE nspname = %s", [f"{database.SHARED}_g{generation[:8]}"]
    ).fetchone()
    if not exists:
        return [f"{generation}: its schema is gone"]
    expected = {
        "passage": manifest["files"]["passages.jsonl"],
        "document": manifest["files"]["documents.jsonl"],
        **manifest["tables"],
    }
    found = {
        "passage": _lines(connection, schema, "passage", "row"),
        "document": _lines(connection, schema, "document", "place"),
        "weights": _weights(connection, schema),
        "vectors": _vectors(connection, schema),
    }
    return [
        f"{generation}: the {name} rows do not match their sha256"
        for name in found
        if found[name] != expected[name]
    ]


def _lines(connection: Connection, schema: sql.Identifier, table: str, order: str) -> str:
    digest = sha256()
    query = in_schema(
        "SELECT body FROM {schema}.{table} ORDER BY {order}",
        schema,
        table=sql.Identifier(table),
        order=sql.Identifier(order),
    )
    with connection.cursor("lines") as cursor:
        for (body,) in cursor.execute(query):
            digest.update(body.encode() + b"\n")
    return digest.hexdigest()


def _weights(connection: Connection, schema: sql.Identifier) -> str:
    digest = sha256()
    with connection.cursor("weights") as cursor:
        query = in_schema('SELECT weights FROM {schema}.passage ORDER BY "row"', schema)
        for (weights,) in cursor.execute(query):
            digest.update(weights)
    return digest.hexdigest()


def _vectors(connection: Connection, schema: sql.Identifier) -> str:
    digest = sha256()
    tables = [
        in_schema("SELECT part, embedding FROM {schema}.{table}", schema, table=vector_table(kind))
        for kind in KINDS
    ]
    query = sql.SQL(" UNION ALL ").join(tables) + sql.SQL(" ORDER BY part")
    with connection.cursor("vectors") as cursor:
        for _, embedding in cursor.execute(query):
            digest.update(embedding.to_numpy().astype(np.float32).tobytes())
    return digest.hexdigest()


def rollback_store(address: str, generation: str | None = None) -> str:
    """Put a generation back in use, and never fall back to a newer one.

    Args:
        address: ``postgresql://…``.
        generation: Its id; by default the one before the one in use.

    Returns:
        The id now in use.

    Raises:
        IndexMissing: If there is no such generation.
        IndexUnreachable: If the database does not answer.
    """
    with database.told(address), database.connect(address) as connection:
        published(connection, address)
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        found = connection.execute(
            "SELECT g.id FROM secretpro.generation g, secretpro.current c "
            "WHERE g.id = %s OR (%s::text IS NULL AND g.id < c.generation) "
            "ORDER BY g.id DESC LIMIT 1",
            [generation, generation],
        ).fetchone()
        if found is None:
            wanted = generation or "earlier than the one in use"
            raise IndexMissing(f"no generation {wanted}: build the index again")
        connection.execute("UPDATE secretpro.generation SET withdrawn = id > %s", [found[0]])
        point(connection, found[0])
    return str(found[0])
