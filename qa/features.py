"""What scoring knows of a question, of a sentence in its context, and of the pair."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus.passage import Passage
from corpus.references import Reference, names_same
from index.analysis import Word, coarse, words
from index.concepts import trade
from index.hit import Hit
from index.likeness import Likeness
from qa.cases import particular_cases
from qa.laws import Law
from qa.question import Question, QuestionType, normal_form
from qa.units import Unit, units_of

_CONCLUDES = ("dès lors", "il semble possible", "n’est pas tenu", "ne peut", "est autorisé")
_CASE = "Cas particulier"  # such a section speaks of the case that its heading tells, of no other


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
    case: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What scoring knows of the question: its content words, their rarity, their concepts."""

    question: Question
    words: tuple[tuple[str, frozenset[str], float], ...]
    references: tuple[Reference, ...]
    vector: Any
    likeness: Likeness
    types: tuple[QuestionType, ...]
    law: Law | None = None

    @property
    def concepts(self) -> frozenset[str]:
        """The concepts of its words."""
        return frozenset(concept for _, held, _ in self.words for concept in held)

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
    "other_case", "learnt", "learnt_best", "case_missing", "kin",
)  # fmt: skip


def stems_of(found: Iterable[Word]) -> frozenset[str]:
    """The coarse forms of the words that carry a subject."""
    return frozenset(coarse(word) for word in found if not word.empty)


def analyse(passage: Passage) -> Iterable[Analysis]:
    """Analyse the sentences of a passage."""
    units = units_of(passage)
    heading = words(" ".join(passage.section[-2:]) + f" {passage.title} {passage.ref}")
    read = [words(unit.text) for unit in units]
    title = passage.section[-1] if passage.section else ""
    case = stems_of(words(title)) if title.startswith(_CASE) else frozenset()
    for i, unit in enumerate(units):
        near = [*heading, *(read[i - 1] if i else ()), *(w for n in unit.needs for w in read[n])]
        yield Analysis(
            unit,
            stems_of(read[i]),
            frozenset(trade().of(read[i])),
            stems_of(near) | stems_of(read[i]),
            frozenset(trade().of(near)) | frozenset(trade().of(read[i])),
            normal_form(unit.text),
            len(unit.text.split()),
            case,
        )


def features(asked: Asked, rows: Sequence[tuple[Hit, Analysis]], cosines: Any, best: float) -> Any:
    """The features of candidate sentences, shape ``(rows, FEATURES)``.

    Args:
        asked: The question.
        rows: Each sentence, with the passage found that holds it.
        cosines: Of each sentence with the question, shape ``(rows,)``.
        best: Score of the best passage found.
    """
    total = sum(weight for *_, weight in asked.words) or 1.0
    table = np.zeros((len(rows), len(FEATURES)))
    top = float(cosines.max())
    said, meant, learnt = asked.likeness.words, asked.likeness.meaning, asked.likeness.learnt
    best_said, best_meant, best_learnt = (
        max(values.values(), default=0.0) for values in (said, meant, learnt)
    )
    held = [
        [form in a.stems or bool(concepts & a.concepts) for form, concepts, _ in asked.words]
        for _, a in rows
    ]
    weights = [weight for *_, weight in asked.words]
    several = bool({"list", "count"} & asked.question.types)
    heaviest = max(range(len(weights)), key=weights.__getitem__) if weights else -1
    inside = _best_inside(asked, rows, cosines)
    terms = {form for form, *_ in asked.words}
    meant_concepts = asked.concepts
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
            "case_missing": float(bool((a.concepts & particular_cases()) - meant_concepts)),
            "learnt": learnt.get(key, 0.0),
            "learnt_best": learnt.get(key, best_learnt - 0.5) - best_learnt,
            "kin": asked.likeness.kin.get(key, 0.0),
            "dense_inside": float(cosines[i]) - most_dense,
            "covered_inside": (covered - most_covered) / total,
            "alone": 1.0 / size,
            "other_case": len(a.case - terms) / len(a.case) if a.case else 0.0,
        }
        table[i] = [values[name] for name in FEATURES]
    return table


def as_asked(asked: Asked, rows: Sequence[tuple[Hit, Analysis]]) -> Any:
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
