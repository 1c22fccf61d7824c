"""How well each sentence of the passages found answers the question.

A linear model over features of the pair (question, sentence in its context): what retrieval said
of the passage, which of the question's words and concepts the sentence and its context hold, what
it means (cosine), the reference asked for, and whether it has the form that the question calls
for. The weights are data (``qa/data/ranking.json``), fitted on the development split alone by
``python -m evaluation.fit_answers``.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from corpus.expansions import Expansion, expansions_of, unanswered
from corpus.passage import Passage
from corpus.references import Reference, names_same
from index.analysis import Word, coarse, words
from index.asked import Asked as EditorialQuestions
from index.asked import Likeness
from index.concepts import trade
from index.encoder import Encoder
from index.hit import Hit
from index.open import Index
from index.query import Query
from qa.question import DATA, Question, QuestionType, normal_form, question_types
from qa.units import Unit, units_of

NAMED = 4.0
"""Logits given to the text that a question names: an exact reference always comes first."""
_CONCLUDES = ("dès lors", "il semble possible", "n’est pas tenu", "ne peut", "est autorisé")
_SAMPLE = 5_000  # passages read for the rarity of words: enough for a stable figure


@dataclass(frozen=True, slots=True)
class Analysis:
    """What scoring knows of a sentence."""

    unit: Unit
    stems: frozenset[str]
    concepts: frozenset[str]
    around: frozenset[str]
    around_concepts: frozenset[str]
    form: str
    length: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage found.

    Attributes:
        features: In the order of `FEATURES`.
        score: A logit, with `NAMED` for the text that the question names.
        plain: The same without it.
    """

    unit: Unit
    hit: Hit
    features: tuple[float, ...]
    score: float
    plain: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What scoring knows of the question: its content words, their rarity, their concepts."""

    question: Question
    words: tuple[tuple[str, frozenset[str], float], ...]
    references: tuple[Reference, ...]
    vector: Any
    likeness: Likeness
    unanswered: Likeness
    types: tuple[QuestionType, ...]

    @property
    def bare(self) -> bool:
        """Whether it is little more than a reference: “226-13 CP”, “que dit R. 4321-55 ?”."""
        others = [f for f, *_ in self.words if ":" not in f and not f.startswith("=")]
        return bool(self.references) and len(others) <= 1


FEATURES = (
    "passage", "first", "rank", "cosine_passage", "coverage_passage", "heading",
    "covered", "covered_stem", "covered_around", "missing_best", "dense", "dense_best",
    "reference", "mentions", "item", "form", "form_missing", "may_form", "conclusion", "guide",
    "article", "decision", "asked_decision", "asked_text", "list_opening", "list_item", "preface",
    "length", "label", "density", "asked_words", "asked_meaning", "asked_words_best",
    "asked_meaning_best", "unasked", "dense_inside", "covered_inside", "alone",
)  # fmt: skip


class Ranker:
    """Scores the sentences of an index; safe to share between threads.

    Args:
        index: The generation that answers; the analysis of its sentences is kept by passage.
        weights: Of `FEATURES`; by default the fitted ones.
    """

    def __init__(self, index: Index, weights: Sequence[float] | None = None) -> None:
        self._index = index
        self._weights = np.asarray(fitted() if weights is None else weights, dtype=np.float64)
        self._analysed: dict[str, tuple[Analysis, ...]] = {}
        self._vectors: dict[str, Any] = {}
        self._asked = EditorialQuestions.build(self._by_sentence(), self.encoder)
        negatives = [Expansion("", i, (text,)) for i, text in enumerate(unanswered())]
        self._unanswered = EditorialQuestions.build(negatives, self.encoder)
        self._refs = tuple({p.ref for p in index.passages if p.kind != "guide"})
        self._by_ref: dict[tuple[str, str], tuple[Passage, ...]] | None = None
        self._frequency, self._total = _frequencies(index.passages[:_SAMPLE])

    def _by_sentence(self) -> Iterable[Expansion]:
        """The editorial questions, each moved to the start of the sentence that holds its words."""
        for expansion in expansions_of(self._index.passages):
            for analysis in self.analyses(self._index.passage(expansion.passage)):
                if analysis.unit.start <= expansion.start < analysis.unit.end:
                    yield replace(expansion, start=analysis.unit.start)

    @property
    def encoder(self) -> Encoder:
        """The encoder of the index."""
        return self._index.retriever.encoder

    def ask(self, question: Question, read: Query, without: int | None = None) -> Asked:
        """Prepare a question for scoring.

        Args:
            question: As understood.
            read: As retrieval reads it: its words as meant, its references.
            without: One of the questions that the documents do not answer, left out of what it
                is compared with, when it trains the model.
        """
        content: list[tuple[str, frozenset[str], float]] = []
        for word in read.words:
            if not word.empty:
                form = coarse(word)
                concepts = frozenset(trade().of((word,)))
                content.append((form, concepts, self.rarity(form, concepts)))
        phrases = set(trade().of(read.words)) - {c for _, held, _ in content for c in held}
        content += [(c, frozenset({c}), self.rarity(c, frozenset({c}))) for c in sorted(phrases)]
        vector = self.encoder.encode_queries([read.meant])[0]
        return Asked(
            question,
            tuple(dict.fromkeys(content)),
            tuple(read.references),
            vector,
            self._asked.likeness(read.words, vector),
            self._unanswered.likeness(read.words, vector, without),
            tuple(t for t in question_types() if t.name in question.types),
        )

    def rarity(self, form: str, concepts: frozenset[str]) -> float:
        """Inverse document frequency of a word, or of its most frequent concept, at least 0.1.

        A word that the documents never hold, nor any word for it, has the highest: what they do
        not speak of matters most.
        """
        seen = max([self._frequency[form], *(self._frequency[c] for c in concepts)])
        return max(0.1, math.log((self._total + 1) / (seen + 0.5)))

    def holds(self, form: str, concepts: frozenset[str]) -> bool:
        """Whether any document, or any of its editorial questions, holds the word or its like."""
        return any(self._frequency[n] or self._asked.holds(n) for n in (form, *concepts))

    def has_reference(self, reference: Reference) -> bool:
        """Whether the documents hold the text of an article or decision."""
        return any(names_same(reference, ref) for ref in self._refs)

    def analysis(self, unit: Unit) -> Analysis:
        """The analysis of one sentence."""
        return self.analyses(unit.passage)[unit.index]

    def analyses(self, passage: Passage) -> tuple[Analysis, ...]:
        """The sentences of a passage, analysed once."""
        known = self._analysed.get(passage.id)
        if known is None or known[0].unit.passage is not passage:
            known = self._analysed[passage.id] = tuple(_analyse(passage))
        return known

    def vectors(self, passage: Passage) -> Any:
        """Vectors of the sentences of a passage, shape ``(sentences, dimension)``."""
        known = self._vectors.get(passage.id)
        if known is None:
            texts = [a.unit.text for a in self.analyses(passage)]
            known = self._vectors[passage.id] = self.encoder.encode_passages(texts)
        return known

    def siblings(self, passage: Passage) -> tuple[Passage, ...]:
        """The other passages of the same reference and source, in the document's order."""
        if self._by_ref is None:
            found: dict[tuple[str, str], list[Passage]] = {}
            for each in self._index.passages:
                found.setdefault((each.source, each.ref), []).append(each)
            self._by_ref = {key: tuple(group) for key, group in found.items()}
        return self._by_ref.get((passage.source, passage.ref), ())

    def rank(self, asked: Asked, hits: Sequence[Hit]) -> tuple[Candidate, ...]:
        """Every sentence of the passages found, best first."""
        rows = [(hit, analysis) for hit in hits for analysis in self.analyses(hit.passage)]
        if not rows:
            return ()
        cosines = np.concatenate([self.vectors(h.passage) @ asked.vector for h in hits])
        matrix = _features(asked, rows, cosines, hits[0].score)
        plain = matrix @ self._weights
        scores = plain + NAMED * matrix[:, FEATURES.index("reference")] * _as_asked(asked, rows)
        found = [
            Candidate(
                analysis.unit, hit, tuple(matrix[i].tolist()), float(scores[i]), float(plain[i])
            )
            for i, (hit, analysis) in enumerate(rows)
        ]
        return tuple(sorted(found, key=lambda c: (-c.score, c.unit.key)))


@cache
def fitted() -> tuple[float, ...]:
    """The fitted weights, in the order of `FEATURES`."""
    data = json.loads((DATA / "ranking.json").read_text(encoding="utf-8"))
    return tuple(float(data["weights"].get(name, 0.0)) for name in FEATURES)


def _frequencies(passages: Iterable[Passage]) -> tuple[Counter[str], int]:
    counts: Counter[str] = Counter()
    total = 0
    for passage in passages:
        found = words(f"{' '.join(passage.section)} {passage.text}")
        counts.update(_stems(found) | frozenset(trade().of(found)))
        total += 1
    return counts, total


def _stems(found: Iterable[Word]) -> frozenset[str]:
    return frozenset(coarse(word) for word in found if not word.empty)


def _analyse(passage: Passage) -> Iterable[Analysis]:
    units = units_of(passage)
    heading = words(" ".join(passage.section[-2:]) + f" {passage.title} {passage.ref}")
    read = [words(unit.text) for unit in units]
    for i, unit in enumerate(units):
        near = [*heading, *(read[i - 1] if i else ()), *(w for n in unit.needs for w in read[n])]
        yield Analysis(
            unit,
            _stems(read[i]),
            frozenset(trade().of(read[i])),
            _stems(near) | _stems(read[i]),
            frozenset(trade().of(near)) | frozenset(trade().of(read[i])),
            normal_form(unit.text),
            len(unit.text.split()),
        )


def _features(asked: Asked, rows: Sequence[tuple[Hit, Analysis]], cosines: Any, best: float) -> Any:
    total = sum(weight for *_, weight in asked.words) or 1.0
    table = np.zeros((len(rows), len(FEATURES)))
    top = float(cosines.max())
    said, meant = asked.likeness.words, asked.likeness.meaning
    best_said, best_meant = max(said.values(), default=0.0), max(meant.values(), default=0.0)
    held = [
        [form in a.stems or bool(concepts & a.concepts) for form, concepts, _ in asked.words]
        for _, a in rows
    ]
    weights = [weight for *_, weight in asked.words]
    several = bool({"list", "count"} & asked.question.types)
    heaviest = max(range(len(weights)), key=weights.__getitem__) if weights else -1
    inside = _best_inside(asked, rows, cosines)
    for i, (hit, a) in enumerate(rows):
        p = hit.passage
        most_dense, most_covered, size = inside[p.id]
        covered = sum(w for w, there in zip(weights, held[i], strict=True) if there)
        stemmed = sum(w for form, _, w in asked.words if form in a.stems)
        around = sum(w for form, c, w in asked.words if form in a.around or c & a.around_concepts)
        own = any(names_same(r, p.ref) for r in asked.references)
        key = (p.id, a.unit.start)
        values = {
            "passage": hit.score / best if best > 0 else 0.0,
            "first": float(hit.rank == 1),
            "rank": 1.0 / hit.rank,
            "cosine_passage": hit.signals.get("cosine", 0.0),
            "coverage_passage": hit.signals.get("coverage", 0.0),
            "heading": hit.signals.get("heading", 0.0),
            "covered": covered / total,
            "covered_stem": stemmed / total,
            "covered_around": around / total,
            "missing_best": float(heaviest >= 0 and not held[i][heaviest]),
            "dense": float(cosines[i]),
            "dense_best": float(cosines[i]) - top,
            "reference": float(own),
            "mentions": float(not own and any(_mentions(r, p, a) for r in asked.references)),
            "item": float(any(r.item and r.item == p.item for r in asked.references)),
            **_forms(asked, a),
            "conclusion": float(any(mark in a.unit.text.lower() for mark in _CONCLUDES)),
            "guide": float(p.kind == "guide"),
            "article": float(p.kind == "article"),
            "decision": float(p.kind == "decision"),
            "asked_decision": float(p.kind == "decision" and "decision" in asked.question.types),
            "asked_text": float(p.kind == "article" and "text" in asked.question.types),
            "list_opening": float(bool(a.unit.opens) and several),
            "list_item": float(a.unit.text.rstrip().endswith(";")),
            "preface": float(p.section[:1] == ("Édito",)),
            "length": math.log(max(a.length, 1)) / 4,
            "label": float(a.unit.label),
            "density": covered / math.sqrt(a.length + 4),
            "asked_words": said.get(key, 0.0),
            "asked_meaning": meant.get(key, 0.0),
            "asked_words_best": said.get(key, 0.0) - best_said if key in said else -0.5,
            "asked_meaning_best": meant.get(key, 0.0) - best_meant if key in meant else -0.5,
            "unasked": float(key not in said),
            "dense_inside": float(cosines[i]) - most_dense,
            "covered_inside": (covered - most_covered) / total,
            "alone": 1.0 / size,
        }
        table[i] = [values[name] for name in FEATURES]
    return table


def _as_asked(asked: Asked, rows: Sequence[tuple[Hit, Analysis]]) -> Any:
    """1 where the passage is the inner number asked for, or where none was asked for; else 0."""
    items = {r.item for r in asked.references if r.item}
    return np.array([not items or hit.passage.item in items for hit, _ in rows], dtype=np.float64)


def _best_inside(
    asked: Asked, rows: Sequence[tuple[Hit, Analysis]], cosines: Any
) -> dict[str, tuple[float, float, int]]:
    """For each passage, the best cosine and coverage of its sentences, and their number."""
    best: dict[str, tuple[float, float, int]] = {}
    for i, (hit, a) in enumerate(rows):
        covered = sum(w for form, c, w in asked.words if form in a.stems or c & a.concepts)
        dense, most, size = best.get(hit.passage.id, (-1.0, 0.0, 0))
        best[hit.passage.id] = (max(dense, float(cosines[i])), max(most, covered), size + 1)
    return best


def _forms(asked: Asked, a: Analysis) -> dict[str, float]:
    """Whether the sentence has the form that the question calls for."""
    wanted = [t for t in asked.types if t.answers and t.name not in {"may", "must"}]
    met = [any(p.search(a.form) for p in t.answers) for t in wanted]
    modal = [t for t in asked.types if t.name in {"may", "must"}]
    return {
        "form": float(any(met)),
        "form_missing": float(bool(wanted) and not any(met)),
        "may_form": float(any(p.search(a.form) for t in modal for p in t.answers)),
    }


def _mentions(reference: Reference, passage: Passage, a: Analysis) -> bool:
    """Whether the sentence itself cites the reference."""
    number = (reference.number or "").replace(" ", "")
    cited = any(names_same(reference, ref) for ref in passage.cites)
    return cited and number in a.unit.text.replace(" ", "")
