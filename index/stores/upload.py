"""Publishing a generation to PostgreSQL, in one transaction: it is there whole or not at all."""

from __future__ import annotations

import contextlib
import json
import logging
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import numpy as np
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from corpus.passage import KINDS, Passage
from corpus.references import find_references, number_key
from index.errors import IndexBusy, IndexDamaged
from index.generations import Generation
from index.manifest import canonical, generation_id
from index.publication import GRACE_SECONDS, KEPT
from index.stores import database
from index.stores.database import Connection, in_schema, schema_of, vector_table
from index.stores.parts import SMALL, Parts, digests, forward, lexemes_of, numbered_terms, quoted

LOCK = 0x5EC8E7  # one builder in a database: an advisory lock, freed by the server if he dies
_PRUNE_WAIT_MS = 2_000

_log = logging.getLogger(__name__)


def upload(generation: Generation, address: str) -> str:
    """Publish a generation of a folder to a database; every reader that opens next has it.

    Args:
        generation: As opened from its folder: its bytes are verified already.
        address: ``postgresql://…``; its user must be allowed to create schemas there.

    Returns:
        The id that it has in the database: numbers there are the database's own.

    Raises:
        IndexBusy: If another builder is at work in that database.
        IndexDamaged: If the files do not fit together.
        IndexUnreachable: If the database does not answer.
        IndexUnwritable: If it refuses.
    """
    parts = Parts.read(generation.files)
    with database.told(address):
        with database.connect(address) as connection:
            _lock(connection, address)
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            connection.execute(database.SHARED_TABLES)
            database.with_vectors(connection)
            published = _publish(connection, generation, parts)
        _prune(address)
    return published


def _lock(connection: Connection, address: str) -> None:
    if connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK]).fetchone() == (True,):
        return
    holder = connection.execute(
        "SELECT pid, usename, coalesce(host(client_addr), 'its own machine'), xact_start::text "
        "FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE locktype = 'advisory' AND objid = %s AND granted",
        [LOCK],
    ).fetchone()
    who = "session {} of {} on {} (since {})".format(*holder) if holder else "another session"
    raise IndexBusy(
        f"{who} is building in {database.shown(address)}: wait for it to end, then retry"
    )


def _publish(connection: Connection, generation: Generation, parts: Parts) -> str:
    (sequence,) = _one(connection, "SELECT nextval('secretpro.sequence')")
    manifest = canonical({
        "sequence": sequence,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "info": dict(generation.info),
        "files": {
            name: sha256(generation.files[name]).hexdigest()
            for name in ("passages.jsonl", "documents.jsonl", *SMALL)
        },
        "tables": digests(parts),
    })  # fmt: skip
    made = generation_id(sequence, manifest)
    schema = schema_of(made)
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
    connection.execute(in_schema(database.GENERATION_TABLES, schema))
    _fill(connection, schema, parts)
    connection.execute(in_schema(database.GENERATION_INDEXES, schema))
    _fill_vectors(connection, schema, parts)
    _check(connection, schema, parts)
    _let_readers_in(connection, schema)
    connection.execute(
        "INSERT INTO secretpro.generation (id, manifest, files, spelling) VALUES (%s, %s, %s, %s)",
        [made, manifest, Jsonb(json.loads(manifest)["files"]), parts.small],
    )
    point(connection, made)
    return made


def point(connection: Connection, generation: str) -> None:
    """Put a generation in use; part of the caller's transaction."""
    connection.execute(
        "INSERT INTO secretpro.current (generation) VALUES (%s) "
        "ON CONFLICT (one) DO UPDATE SET generation = EXCLUDED.generation",
        [generation],
    )


def _fill(connection: Connection, schema: sql.Identifier, parts: Parts) -> None:
    lexemes = lexemes_of(parts)
    with connection.cursor() as cursor:
        with cursor.copy(in_schema("COPY {schema}.passage FROM STDIN", schema)) as copy:
            turned = forward(parts.lexical, len(parts.passages))
            rows = zip(parts.passages, parts.lines, lexemes, turned, strict=True)
            for row, (passage, line, words, own) in enumerate(rows):
                copy.write_row((
                    row, passage.id, passage.kind, passage.source, passage.ref,
                    list(passage.cites), *_force(passage), line.decode(),
                    " ".join(map(quoted, words)), own.as_bytes(),
                ))  # fmt: skip
        with cursor.copy(in_schema("COPY {schema}.term FROM STDIN", schema)) as copy:
            for field, term, number, frequency in numbered_terms(parts.lexical):
                copy.write_row((field, term, number, frequency))
        with cursor.copy(in_schema("COPY {schema}.document FROM STDIN", schema)) as copy:
            for place, line in enumerate(parts.documents):
                copy.write_row((place, json.loads(line)["source"]["id"], line.decode()))
        with cursor.copy(in_schema("COPY {schema}.reference FROM STDIN", schema)) as copy:
            refs = {r for p in parts.passages for r in (p.ref, *p.cites)}
            for ref in sorted(refs):
                known = find_references(ref)[:1]
                decision = known[0] if known and known[0].kind == "decision" else None
                joined = number_key(decision.number) if decision else None
                copy.write_row((ref, decision and decision.date, joined))
    connection.execute(in_schema("ANALYZE {schema}.passage", schema))


def _fill_vectors(connection: Connection, schema: sql.Identifier, parts: Parts) -> None:
    (dimension, kinds) = parts.dense.dimension, np.array([p.kind for p in parts.passages])
    of_row = kinds[parts.dense.owners]
    # Parallel workers would ask the system for shared memory that a container often lacks.
    connection.execute("SET LOCAL max_parallel_maintenance_workers = 0")
    connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
    for kind in KINDS:
        names = {"table": vector_table(kind), "dimension": sql.Literal(dimension)}
        connection.execute(in_schema(database.VECTOR_TABLE, schema, **names))
        copied = in_schema("COPY {schema}.{table} FROM STDIN (FORMAT BINARY)", schema, **names)
        with connection.cursor().copy(copied) as copy:
            copy.set_types(["int4", "int4", "bool", "text", "text", "text", "vector"])
            for part in np.flatnonzero(of_row == kind).tolist():
                owner = int(parts.dense.owners[part])
                passage = parts.passages[owner]
                copy.write_row((
                    part, owner, part < len(parts.passages), passage.source, *_force(passage),
                    parts.dense.vectors([part])[0],
                ))  # fmt: skip
        connection.execute(in_schema(database.VECTOR_INDEXES, schema, **names))
        connection.execute(in_schema("ANALYZE {schema}.{table}", schema, **names))


def _check(connection: Connection, schema: sql.Identifier, parts: Parts) -> None:
    """What was written answers: some passages are found by their own vectors."""
    for row in range(0, len(parts.passages), max(1, len(parts.passages) // 5)):
        found = connection.execute(
            in_schema(
                "SELECT -(embedding <#> %s) FROM {schema}.{table} "
                "ORDER BY embedding <#> %s LIMIT 1",
                schema,
                table=vector_table(parts.passages[row].kind),
            ),
            [parts.dense.vectors([row])[0]] * 2,
        ).fetchone()
        if found is None or found[0] < 0.99 * float(np.sum(parts.dense.vectors([row]) ** 2)):
            raise IndexDamaged(f"{parts.passages[row].id} is not found by its vector: build again")


def _let_readers_in(connection: Connection, schema: sql.Identifier) -> None:
    role = sql.Identifier(database.READER_ROLE)
    known = connection.execute(
        "SELECT 1 FROM pg_roles WHERE rolname = %s", [database.READER_ROLE]
    ).fetchone()
    for place in (schema, sql.Identifier(database.SHARED)) if known else ():
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(place, role))
        connection.execute(
            sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(place, role)
        )


def _prune(address: str) -> None:
    """Drop old generations, in transactions of their own; a reader still in one only delays it."""
    with contextlib.suppress(psycopg.errors.LockNotAvailable), database.connect(address) as session:
        session.execute(f"SET LOCAL lock_timeout = {_PRUNE_WAIT_MS}")
        session.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        old = session.execute(
            "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id DESC) AS place, "
            "lag(published) OVER (ORDER BY id DESC) AS followed FROM secretpro.generation) g "
            "WHERE place > %s AND followed < clock_timestamp() - make_interval(secs => %s) "
            "AND id NOT IN (SELECT generation FROM secretpro.current)",
            [KEPT, GRACE_SECONDS],
        ).fetchall()
        for (generation,) in old:
            session.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema_of(generation)))
            session.execute("DELETE FROM secretpro.generation WHERE id = %s", [generation])
            _log.info("generation %s dropped", generation)


def _force(passage: Passage) -> tuple[str, str]:
    return passage.in_force_from or "", passage.in_force_to or "9999"


def _one(connection: Connection, query: Any) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row
