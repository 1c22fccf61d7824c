"""Hybrid retrieval: what is written, what is meant, and what is cited by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.passage import Passage
from index.analysis import stem
from index.asked import Asked
from index.citations import CITING, ITEM, QUOTED, Citations, Found, lift
from index.dense import Dense
from index.encoder import Encoder
from index.fusion import by_maximum, by_range, fuse, weights_for
from index.hit import Hit
from index.lexical import Lexical, terms_of
from index.likeness import Compared
from index.query import Query
from index.reading import Reading
from index.spelling import Spelling

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


UNASKED = 0.9
"""What a passage's own signals count in place of its editorial questions, if it has none. Chosen
on the development split with the questions of half of the passages taken away, at random."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Every signal of every passage for one query.

    Attributes:
        signals: Normalised to [0, 1], by name, each of shape ``(passages,)``.
        cosine: The dense score before scaling.
        found: The query's legal references, looked up.
        rows: For each of the query's content words, the passages that hold it.
    """

    signals: Mapping[str, Floats]
    cosine: Floats
    found: tuple[Found, ...]
    rows: Mapping[int, npt.NDArray[np.int32]]


class Retriever:
    """Finds passages; immutable, so that threads may share it.

    Args:
        passages: In the order of the lexical and dense rows.
        weights: Of the signals; by default those fitted with the encoder.
        asked: Editorial questions of these passages, and perhaps of others.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        lexical: Lexical,
        dense: Dense,
        encoder: Encoder,
        spelling: Spelling,
        weights: Mapping[str, float] | None = None,
        asked: Asked | None = None,
    ) -> None:
        self.passages = tuple(passages)
        self.encoder = encoder
        self.weights = weights_for(encoder.name) if weights is None else weights
        self._lexical = lexical
        self._dense = dense
        self._spelling = spelling
        self._citations = Citations(self.passages)
        self._asked = asked if asked is not None and len(asked) else None
        ids = [passage.id for passage in self.passages]
        self._asked_rows = self._rows_of_sentences(ids)
        self._order = np.argsort(np.argsort(np.asarray(ids, dtype=object))).astype(np.int64)
        self._kinds = np.asarray([p.kind for p in self.passages], dtype=object)
        self._sources = np.asarray([p.source for p in self.passages], dtype=object)
        self._from = np.asarray([p.in_force_from or "" for p in self.passages], dtype=object)
        self._to = np.asarray([p.in_force_to or "9999" for p in self.passages], dtype=object)

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
        """The ``k`` best passages, best first; ties in the order of their ids.

        Args:
            query: A question, as typed, or as `read` gives it; what follows its first 2,000
                characters is not read.
            k: How many at most.
            kinds: Only passages of these kinds.
            sources: Only passages of these sources, by id.
            day: Only what is in force on that day (ISO 8601), where that is known.

        Returns:
            Nothing for a query without a letter or digit, or when no passage passes the filters.
        """
        reading = self.read(query) if isinstance(query, str) else query
        mask = self._mask(kinds, sources, day)
        if k < 1 or not reading.query.words or not mask.any():
            return ()
        evidence = self.evidence(reading, mask)
        scores = self.fused(evidence)
        best = self._best(scores, mask, k)
        held = {i: np.isin(best, rows) for i, rows in evidence.rows.items()}
        return tuple(
            self._hit(
                evidence, row, float(scores[row]), rank, _matched(reading.query, held, rank - 1)
            )
            for rank, row in enumerate(best.tolist(), 1)
        )

    def read(self, query: str) -> Reading:
        """Read a query as `search` does."""
        return Reading.of(query, self._spelling, self.encoder, self._asked)

    def evidence(self, reading: Reading, mask: Mask | None = None) -> Evidence:
        """Every signal of every passage; passages outside ``mask`` have none."""
        query = reading.query
        allowed = np.ones(len(self.passages), np.bool_) if mask is None else mask
        lexical = self._lexical.scores(query.words, allowed)
        cosine = self._dense.scores(reading.vector, None if mask is None or mask.all() else mask)
        signals = {name: by_maximum(values) for name, values in lexical.items()}
        signals["dense"] = by_range(cosine, allowed)
        signals |= self._likeness(reading.compared, signals, allowed)
        rows = self._rows(query)
        signals["coverage"] = self._coverage(query, rows) * allowed
        return Evidence(signals, cosine, self._citations.find(query.references, allowed), rows)

    def fused(self, evidence: Evidence, weights: Mapping[str, float] | None = None) -> Floats:
        """The score of every passage: fused signals in [0, 1], above them the references'.

        Args:
            evidence: Of a query.
            weights: In place of the retriever's own.
        """
        fused = fuse(evidence.signals, self.weights if weights is None else weights)
        return fused + lift(evidence.found, fused)

    def _rows_of_sentences(self, ids: Sequence[str]) -> npt.NDArray[np.int64]:
        """The passage of each sentence that has editorial questions; -1 if it is not here."""
        if self._asked is None:
            return np.zeros(0, np.int64)
        row_of = {passage_id: row for row, passage_id in enumerate(ids)}
        return np.array([row_of.get(passage_id, -1) for passage_id, _ in self._asked.keys])

    def _likeness(
        self, compared: Compared | None, signals: Mapping[str, Floats], allowed: Mask
    ) -> dict[str, Floats]:
        """How near the passages' editorial questions are to the query: by words, meaning, and both.

        A passage without any is judged by its own words and meaning in their place, for a little
        less: a document is hardly harder to find for being new to whoever writes them.
        """
        own = {
            "asked": signals["terms"],
            "asked_meaning": signals["dense"],
            "learnt": signals["terms"],
        }
        if self._asked is None or compared is None:
            return own
        own = {name: np.float32(UNASKED) * values for name, values in own.items()}
        here = self._asked_rows >= 0
        rows = self._asked_rows[here]
        asked = np.zeros(len(self.passages), np.bool_)
        asked[rows] = True
        asked &= allowed
        for name, found in zip(own, self._asked.by_key(compared), strict=True):
            best = np.full(len(self.passages), -1.0, np.float32)
            np.maximum.at(best, rows, found[here])
            if name == "asked_meaning":
                scaled = by_range(best, asked)
            else:
                scaled = by_maximum(np.where(asked, np.maximum(best, 0), 0))
            own[name] = np.where(asked, scaled, own[name])
        return own

    def _rows(self, query: Query) -> dict[int, npt.NDArray[np.int32]]:
        """The passages that hold each content word of the query, or one of its concepts."""
        terms = self._lexical.fields["terms"]
        rows = {}
        for i, word in enumerate(query.words):
            if not word.empty:
                held = [terms.rows(term) for term in terms_of((word,))]
                rows[i] = np.unique(np.concatenate(held))
        return rows

    def _coverage(self, query: Query, rows: Mapping[int, npt.NDArray[np.int32]]) -> Floats:
        """Share of the query's content words that a passage holds, each by its rarity."""
        terms = self._lexical.fields["terms"]
        total, covered = 0.0, np.zeros(len(self.passages), np.float32)
        for i, held in rows.items():
            word = query.words[i]
            weight = terms.idf(word.form if word.exact else stem(word.folded))
            covered[held] += np.float32(weight)
            total += weight
        return covered / np.float32(total) if total else covered

    def _mask(
        self, kinds: Collection[str] | None, sources: Collection[str] | None, day: str | None
    ) -> Mask:
        mask = np.ones(len(self.passages), np.bool_)
        if kinds is not None:
            mask &= np.isin(self._kinds, list(kinds))
        if sources is not None:
            mask &= np.isin(self._sources, list(sources))
        if day is not None:
            mask &= (self._from <= day) & (day < self._to)
        return mask

    def _best(self, scores: Floats, mask: Mask, k: int) -> npt.NDArray[np.int64]:
        rows = np.flatnonzero(mask)
        if len(rows) > k:
            threshold = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
            rows = rows[scores[rows] >= threshold]
        return rows[np.lexsort((self._order[rows], -scores[rows]))][:k]

    def _hit(
        self, evidence: Evidence, row: int, score: float, rank: int, matched: tuple[str, ...]
    ) -> Hit:
        signals = {name: round(float(v[row]), 4) for name, v in evidence.signals.items()}
        signals["bm25"] = signals.pop("words")
        signals["cosine"] = round(max(0.0, float(evidence.cosine[row])), 4)
        signals["reference"] = max(
            (_reference(found, row) for found in evidence.found), default=0.0
        )
        return Hit(self.passages[row], score, signals, matched, rank)


def _matched(query: Query, held: Mapping[int, Mask], place: int) -> tuple[str, ...]:
    """The words of a query, as typed, that the passage found at a place holds."""
    return tuple(dict.fromkeys(query.typed[i].text for i, rows in held.items() if rows[place]))


def _reference(found: Found, row: int) -> float:
    """1 for the item asked for, less for its article, still less for what cites it."""
    held = ((ITEM, found.item), (QUOTED, found.quoted), (CITING, found.citing))
    return next((tier / ITEM for tier, rows in held if row in rows), 0.0)
