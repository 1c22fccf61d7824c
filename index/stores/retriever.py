"""The retriever of the shared index: PostgreSQL chooses whom to score, `Retriever` scores."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from psycopg import sql

from corpus.passage import Passage
from index.asked import Asked
from index.dense import SENTENCE_SHARE, Dense
from index.encoder import Encoder
from index.fusion import weights_for
from index.hit import Hit
from index.lexical import FIELDS, Field, Lexical, query_terms
from index.query import Query
from index.reading import Reading
from index.retriever import Retriever
from index.spelling import Spelling
from index.stores.candidates import Filters, Nearest, Terms, by_reference, by_words
from index.stores.database import Connection, in_schema
from index.stores.parts import LEXEMES, Forward

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int32]

ALL_BELOW = 1_000
"""With no more passages than this, every one is a candidate: the answer is the folder's own."""
BY_VECTOR = 300
BY_QUESTION = 60


@dataclass(frozen=True, slots=True, eq=False)
class _Column(Field):
    """A field over candidates only, with the frequencies of the whole corpus."""

    frequency: Mapping[str, int]
    corpus: int

    def idf(self, term: str) -> float:
        n = self.frequency.get(term, 0)
        return float(np.log1p((self.corpus - n + 0.5) / (n + 0.5)))


@dataclass(frozen=True, slots=True, eq=False)
class _Cosines(Dense):
    """Cosines that the database has computed, passage by passage."""

    cosines: Floats

    def scores(self, query: Floats, mask: npt.NDArray[np.bool_] | None = None) -> Floats:
        return self.cosines if mask is None else np.where(mask, self.cosines, np.float32(-1.0))


class StoreRetriever:
    """Finds passages in one generation of the shared index; threads may share it.

    Args:
        session: Gives a connection, in a transaction of its own.
        schema: Of the generation.
        size: Passages in it.
        nearest: Searches its vectors.
        encoder: The one that it was built with.
        spelling: Of its vocabulary.
        weights: Of the signals; by default those fitted with the encoder.
        asked: Editorial questions of its passages.
    """

    def __init__(
        self,
        session: Callable[[], AbstractContextManager[Connection]],
        schema: sql.Identifier,
        size: int,
        nearest: Nearest,
        encoder: Encoder,
        spelling: Spelling,
        weights: Mapping[str, float] | None = None,
        asked: Asked | None = None,
    ) -> None:
        self.encoder = encoder
        self.weights = weights_for(encoder.name) if weights is None else weights
        self.nearest = nearest
        self._session = session
        self._schema = schema
        self._size = size
        self._spelling = spelling
        self._asked = asked

    def read(self, query: str) -> Reading:
        """Read a query as `search` does."""
        return Reading.of(query, self._spelling, self.encoder, self._asked)

    @property
    def asked(self) -> Asked | None:
        """The editorial questions of the index, if it has any."""
        return self._asked

    def search(
        self,
        query: str | Reading,
        k: int = 10,
        *,
        kinds: Collection[str] | None = None,
        sources: Collection[str] | None = None,
        day: str | None = None,
    ) -> tuple[Hit, ...]:
        """As `index.retriever.Retriever.search`, whose scores these are.

        Raises:
            IndexUnreachable: If the database does not answer.
            IndexMissing: If the generation was removed meanwhile: open the index again.
        """
        reading = self.read(query) if isinstance(query, str) else query
        if k < 1 or not reading.query.words:
            return ()
        with self._session() as connection:
            terms = self._terms(connection, reading.query)
            filters = Filters.of(kinds, sources, day)
            rows = self._candidates(connection, reading, terms[LEXEMES], filters, k)
            if not rows:
                return ()
            scorer = self._scorer(connection, rows, reading.vector, terms)
        return scorer.search(reading, k, kinds=kinds, sources=sources, day=day)

    def _candidates(
        self,
        connection: Connection,
        reading: Reading,
        terms: Terms,
        filters: Filters,
        k: int,
    ) -> list[int]:
        vector = reading.vector
        if self._size <= ALL_BELOW:
            return list(range(self._size))
        near = self.nearest.find(connection, vector, max(BY_VECTOR, 2 * k), filters)
        # The farthest is the foot of the scale on which the scorer puts the cosines.
        far = self.nearest.find(connection, -vector, 1, filters)
        rows = {owner for _, _, owner in (*near, *far)}
        rows.update(by_words(connection, self._schema, terms, self._size, filters))
        rows.update(by_reference(connection, self._schema, reading.query.references))
        rows.update(self._by_question(connection, reading))
        return sorted(rows)

    def _by_question(self, connection: Connection, reading: Reading) -> list[int]:
        """Rows of the passages whose editorial questions are nearest to the query."""
        if self._asked is None or reading.compared is None:
            return []
        ids = self._asked.nearest(reading.compared, BY_QUESTION)
        found = connection.execute(
            in_schema('SELECT "row" FROM {schema}.passage WHERE id = ANY(%s)', self._schema),
            [list(ids)],
        )
        return [row for (row,) in found]

    def _terms(self, connection: Connection, read: Query) -> Mapping[str, Terms]:
        """Those of the query's terms that the corpus knows, by field."""
        wanted = {
            (spec.name, term)
            for spec in FIELDS
            for words in (read.words, *((word,) for word in read.words))
            for term in query_terms(spec.name, words)
        }
        if not wanted:
            return {spec.name: {} for spec in FIELDS}
        names, sought = zip(*sorted(wanted), strict=True)
        found = connection.execute(
            in_schema(
                "SELECT field, term, number, frequency FROM {schema}.term "
                "JOIN unnest(%s::text[], %s::text[]) AS wanted(field, term) USING (field, term)",
                self._schema,
            ),
            [list(names), list(sought)],
        )
        terms: dict[str, dict[str, tuple[int, int]]] = {spec.name: {} for spec in FIELDS}
        for name, term, number, frequency in found:
            terms[name][term] = (number, frequency)
        return terms

    def _scorer(
        self, connection: Connection, rows: list[int], vector: Floats, terms: Mapping[str, Terms]
    ) -> Retriever:
        """The ordinary retriever, over the candidates."""
        query = in_schema(
            'SELECT body, weights FROM {schema}.passage WHERE "row" = ANY(%s) ORDER BY "row"',
            self._schema,
        )
        found = connection.execute(query, [rows], binary=True).fetchall()
        passages = [Passage.from_json(json.loads(body)) for body, _ in found]
        return Retriever(
            passages,
            self._lexical([Forward.from_bytes(weights) for _, weights in found], terms),
            self._dense(connection, rows, [passage.kind for passage in passages], vector),
            self.encoder,
            self._spelling,
            self.weights,
            self._asked,
        )

    def _lexical(self, held: Sequence[Forward], terms: Mapping[str, Terms]) -> Lexical:
        """The fields over the candidates, with the query's terms only."""
        numbers = np.concatenate([own.numbers for own in held])
        weights = np.concatenate([own.weights for own in held])
        rows = np.repeat(np.arange(len(held), dtype=np.int32), [len(h.numbers) for h in held])
        wanted = [number for known in terms.values() for number, _ in known.values()]
        kept = np.flatnonzero(np.isin(numbers, np.array(wanted, np.int32)))
        kept = kept[np.lexsort((rows[kept], numbers[kept]))]
        columns = (numbers[kept], weights[kept], rows[kept])
        return Lexical({
            spec.name: self._field(terms[spec.name], *columns, len(held)) for spec in FIELDS
        })  # fmt: skip

    def _field(self, terms: Terms, numbers: Rows, weights: Floats, rows: Rows, size: int) -> Field:
        own = sorted((number, term) for term, (number, _) in terms.items())
        ids = np.array([number for number, _ in own], np.int32)
        kept = np.isin(numbers, ids)
        starts = np.searchsorted(numbers[kept], [*ids, np.iinfo(np.int32).max])
        return _Column(
            {term: column for column, (_, term) in enumerate(own)},
            weights[kept],
            rows[kept],
            starts.astype(np.int32),
            size,
            {term: frequency for term, (_, frequency) in terms.items()},
            self._size,
        )

    def _dense(
        self, connection: Connection, rows: list[int], kinds: list[str], vector: Floats
    ) -> Dense:
        whole = dict.fromkeys(rows, -1.0)
        best: dict[int, float] = {}
        for kind in sorted(set(kinds)):
            own = [row for row, of in zip(rows, kinds, strict=True) if of == kind]
            for owner, is_whole, cosine in self.nearest.compare(connection, kind, own, vector):
                (whole if is_whole else best)[owner] = cosine
        mixed = [
            (1 - SENTENCE_SHARE) * whole[row] + SENTENCE_SHARE * best.get(row, whole[row])
            for row in rows
        ]
        return _Cosines(np.clip(np.array(mixed, np.float32), -1.0, 1.0))
