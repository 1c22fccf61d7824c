"""Candidates: what PostgreSQL proposes for a query, a few hundred passages out of any number.

Three proposers, each under the same filters: the nearest vectors, the passages that share the
query's rarest words, and those that a reference of the query names. They only choose whom
`index.retriever.Retriever` scores; they score nothing themselves.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import sql

from corpus.passage import KINDS
from corpus.references import Reference, number_key
from index.stores.database import Connection, in_schema, vector_table
from index.stores.parts import quoted

Floats = npt.NDArray[np.float32]

EXACT_BELOW = 5_000
"""With no more vectors than this behind a filter, all are compared: no graph is as good."""
MAX_EF = 1_000  # pgvector's own limit
MIN_EF = 500
"""Of 100,000 passages, 300 miss nine of a thousand of the ten nearest, and 500 miss five."""
WORD_MATCHES = 4_000
"""Words are taken from the rarest on until they match this many passages: a word of half the
corpus proposes nobody in particular."""
BY_WORDS = 200
BY_REFERENCE = 500

Terms = Mapping[str, tuple[int, int]]
"""Number and frequency of each known term of one field."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which passages are allowed; ``None`` allows all."""

    kinds: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    day: str | None = None

    @classmethod
    def of(
        cls, kinds: Collection[str] | None, sources: Collection[str] | None, day: str | None
    ) -> Filters:
        """From the arguments of a search."""
        freeze = [None if given is None else frozenset(given) for given in (kinds, sources)]
        return cls(freeze[0], freeze[1], day)

    def where(self, *, with_kind: bool) -> tuple[sql.Composed, list[Any]]:
        """As a condition, and its values."""
        conditions: list[sql.Composable] = []
        values: list[Any] = []
        if with_kind and self.kinds is not None:
            conditions.append(sql.SQL("kind = ANY(%s)"))
            values.append(sorted(self.kinds))
        if self.sources is not None:
            conditions.append(sql.SQL("source = ANY(%s)"))
            values.append(sorted(self.sources))
        if self.day is not None:
            conditions.append(sql.SQL("starts <= %s AND %s < ends"))
            values += [self.day, self.day]
        return sql.SQL(" AND ").join([sql.SQL("true"), *conditions]), values


@dataclass(frozen=True, slots=True)
class Group:
    """How many vectors have the same kind, source and days in force."""

    kind: str
    source: str
    starts: str
    ends: str
    vectors: int

    def allowed(self, filters: Filters) -> bool:
        """Whether the filters let it through, its kind apart."""
        return (filters.sources is None or self.source in filters.sources) and (
            filters.day is None or self.starts <= filters.day < self.ends
        )


@dataclass(frozen=True, slots=True)
class Nearest:
    """The search for near vectors in one generation.

    Attributes:
        schema: Of the generation.
        groups: What its vectors are, for knowing beforehand how selective a filter is.
        iterative: Whether the server goes on walking the graph until enough rows pass the filter
            (pgvector 0.8 and later).
    """

    schema: sql.Identifier
    groups: Sequence[Group]
    iterative: bool

    def find(
        self, connection: Connection, vector: Floats, limit: int, filters: Filters
    ) -> list[tuple[float, int, int]]:
        """The ``limit`` best ``(cosine, part, owner)`` over the allowed kinds, best first."""
        found: list[tuple[float, int, int]] = []
        for kind in KINDS:
            if filters.kinds is None or kind in filters.kinds:
                found += self._of_kind(connection, vector, limit, kind, filters)
        return sorted(found, key=lambda row: (-row[0], row[1]))[:limit]

    def _of_kind(
        self, connection: Connection, vector: Floats, limit: int, kind: str, filters: Filters
    ) -> list[tuple[float, int, int]]:
        here = [group for group in self.groups if group.kind == kind]
        total = sum(group.vectors for group in here)
        allowed = sum(group.vectors for group in here if group.allowed(filters))
        if not allowed:
            return []
        where, values = filters.where(with_kind=False)
        query = in_schema(
            "SELECT -(embedding <#> %s), part, owner FROM {schema}.{table} WHERE {where} "
            "ORDER BY embedding <#> %s LIMIT %s",
            self.schema,
            table=vector_table(kind),
            where=where,
        )
        connection.execute(self.plan(limit, allowed, total))
        return connection.execute(query, [vector, *values, vector, limit]).fetchall()

    def compare(
        self, connection: Connection, kind: str, owners: Sequence[int], vector: Floats
    ) -> list[tuple[int, bool, float]]:
        """Exact cosines of these passages.

        Returns:
            For each, ``(row, True, cosine)`` of the whole passage, and ``(row, False, cosine)`` of
            its best sentence if it has several.
        """
        connection.execute("SET LOCAL enable_indexscan = on")
        query = in_schema(
            "SELECT owner, whole, max(-(embedding <#> %s)) FROM {schema}.{table} "
            "WHERE owner = ANY(%s) GROUP BY owner, whole",
            self.schema,
            table=vector_table(kind),
        )
        return connection.execute(query, [vector, list(owners)]).fetchall()

    def plan(self, limit: int, allowed: int, total: int) -> str:
        """The settings under which a search keeps its recall.

        A graph returns at most ``ef_search`` rows *before* the filter. So few vectors are compared
        one by one; a filter that keeps a share of them has ``ef_search`` raised by that share; and
        where this would go beyond what the server allows, it must walk on by itself (iterative
        scan) or else, again, compare them all.
        """
        needed = math.ceil(4 * limit * total / allowed)
        if allowed <= EXACT_BELOW or (needed > MAX_EF and not self.iterative):
            return "SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = on"
        width = min(MAX_EF, max(MIN_EF, limit, needed))
        settings = f"SET LOCAL enable_indexscan = on; SET LOCAL hnsw.ef_search = {width}"
        if self.iterative:
            settings += "; SET LOCAL hnsw.iterative_scan = strict_order"
        # Else the planner, which knows nothing of recall, may prefer to sort a filter's rows.
        return settings


def by_words(
    connection: Connection, schema: sql.Identifier, terms: Terms, size: int, filters: Filters
) -> list[int]:
    """Rows of the passages that hold the rarest of these terms, weighed by their rarity."""
    chosen: list[tuple[str, float]] = []
    matches = 0
    for term, (_, frequency) in sorted(terms.items(), key=lambda item: item[1][1]):
        if chosen and matches + frequency > WORD_MATCHES:
            break
        matches += frequency
        idf = math.log1p((size - frequency + 0.5) / (frequency + 0.5))
        chosen.append((quoted(term), idf))
    if not chosen:
        return []
    where, values = filters.where(with_kind=True)
    score = sql.SQL(" + ").join(
        [sql.SQL("(lexemes @@ %s::tsquery)::int * %s::float8")] * len(chosen)
    )
    query = in_schema(
        'SELECT "row" FROM {schema}.passage WHERE lexemes @@ %s::tsquery AND {where} '
        'ORDER BY {score} DESC, length(lexemes), "row" LIMIT %s',
        schema,
        where=where,
        score=score,
    )
    weighed = [part for pair in chosen for part in pair]
    any_of = " | ".join(word for word, _ in chosen)
    found = connection.execute(query, [any_of, *values, *weighed, BY_WORDS]).fetchall()
    return [row for (row,) in found]


def by_reference(
    connection: Connection, schema: sql.Identifier, references: Sequence[Reference]
) -> list[int]:
    """Rows that quote or cite a reference of the query, under no filter.

    Whether a text is quoted anywhere decides how those that only cite it rank, so the scorer must
    see them all; it applies the filters itself.
    """
    if not references:
        return []
    asked = [reference.canonical for reference in references]
    asked += [
        ref
        for (ref,) in connection.execute(
            in_schema(
                "SELECT ref FROM {schema}.reference WHERE number = ANY(%s) OR date = ANY(%s)",
                schema,
            ),
            [
                [number_key(r.number) for r in references if r.number],
                [r.date for r in references if r.date],
            ],
        )
    ]
    found = connection.execute(
        in_schema(
            "SELECT \"row\" FROM {schema}.passage WHERE (ref = ANY(%s) AND kind <> 'guide') "
            'OR cites && %s::text[] ORDER BY (ref = ANY(%s)) DESC, "row" LIMIT %s',
            schema,
        ),
        [asked, asked, asked, BY_REFERENCE],
    ).fetchall()
    return [row for (row,) in found]
