"""Whether the documents answer: a calibrated probability, and the reason when they do not.

A logistic model over features of the question and of its best candidates, fitted on the
development split (``python -m evaluation.fit_answers``), with rules in front of it for what no
score may decide: a reference that the documents do not hold, a form of answer that no passage
has (a duration, an amount), a request for an identity.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from corpus.references import names_same
from qa.answer import Reason
from qa.features import FEATURES, Asked
from qa.question import DATA, QuestionType, normal_form
from qa.ranking import Candidate, Ranker

# Words by which the guide tells what an article provides, when it does not reproduce it.
_TELLS = re.compile(
    r"\b(?:dispos|énonc|prévoi|précis|mentionn|termes de|étendu|qui soumet)", re.IGNORECASE
)
ABSENT = 0.7
"""A sentence known to answer and held by no document silences, if it scores this share of the best
that is held. It never weighs where the whole guide is indexed."""
REFUSED = 0.2
"""Learnt score from which silence is said to be a refusal, and not a lack of evidence."""
_FAINT = 0.1  # learnt scores below which nothing that was ever asked is near
SIGNALS = (
    "score", "second", "gap", "third", "cosine", "covered", "covered_around", "missing_best",
    "unknown", "unknown_most", "reference", "form_missing", "strict_missing", "union",
    "passage_cosine", "asked_words", "asked_meaning", "asked_best", "unanswered_words",
    "unanswered_meaning", "nearer_words", "nearer_meaning", "agreed",
    "typed_covered", "mentions", "untaught", "learnt", "learnt_second", "learnt_sum",
    "learnt_none", "learnt_refused", "learnt_margin", "case_missing", "learnt_answered",
    "answered_margin", "answered_share",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure it is that the documents answer.

    Attributes:
        confidence: Probability that the best candidates answer, calibrated on the development set.
        reason: Why not, or None to answer.
        missing: The reference asked for whose text is not in the documents, if that is why.
    """

    confidence: float
    reason: Reason | None
    missing: str | None = None


def judge(asked: Asked, ranked: Sequence[Candidate], ranker: Ranker) -> Judgement:
    """Decide whether to answer."""
    ruled = by_rule(asked, ranked, ranker)
    if ruled is not None:
        return ruled
    confidence = probability(signals(asked, ranked, ranker))
    rule = _model()
    if confidence >= rule["threshold"]:
        return Judgement(confidence, None)
    silence = asked.likeness.silence
    if silence.refused > max(silence.unanswered, REFUSED):
        return Judgement(confidence, "demande_refusee")
    near = ranked[0].hit.signals.get("coverage", 0.0) >= rule["near_coverage"]
    return Judgement(confidence, "preuve_insuffisante" if near else "hors_corpus")


def by_rule(asked: Asked, ranked: Sequence[Candidate], ranker: Ranker) -> Judgement | None:
    """What no score may decide, or None when the score does."""
    if not ranked:
        return Judgement(0.0, "hors_corpus")
    if asked.law and any(asked.law.is_cited(c.unit.text) for c in ranked):
        return Judgement(0.98, None)
    missing = _missing_reference(asked, ranked, ranker)
    if missing is not None:
        return Judgement(0.02, "preuve_insuffisante", missing)
    near = asked.likeness
    if near.silence.absent > ABSENT * max(near.learnt.values(), default=0.0):
        return Judgement(0.02, "preuve_insuffisante")  # its answer stands in a text that is absent
    if ranked[0].strays:
        return Judgement(0.02, "preuve_insuffisante")  # what answers best answers another case
    if asked.bare:
        return Judgement(0.98, None)
    given = [t for t in asked.types if t.name == "sanction_given"]
    if given and not _met(given, ranked[:3], ranker):
        return Judgement(0.02, "preuve_insuffisante")
    return None


def signals(asked: Asked, ranked: Sequence[Candidate], ranker: Ranker) -> tuple[float, ...]:
    """The features of a question, in the order of `SIGNALS`."""
    best = ranked[0]
    value = dict(zip(FEATURES, best.features, strict=True))
    scores = [c.score for c in ranked[:3]] + [best.score - 8.0] * 3
    total = sum(weight for *_, weight in asked.words) or 1.0
    unknown = [weight for form, concepts, weight in asked.words if not ranker.holds(form, concepts)]
    union = _union(asked, ranked[:5], ranker)
    strict = [t for t in asked.types if t.strict]
    found = {
        "score": best.score,
        "second": scores[1],
        "gap": scores[0] - scores[1],
        "third": scores[2],
        "cosine": max(dict(zip(FEATURES, c.features, strict=True))["dense"] for c in ranked[:5]),
        "covered": value["covered"],
        "covered_around": value["covered_around"],
        "missing_best": value["missing_best"],
        "unknown": sum(unknown) / total,
        "unknown_most": max(unknown, default=0.0) / 5,
        "reference": value["reference"],
        "form_missing": value["form_missing"],
        "mentions": value["mentions"],
        "case_missing": value["case_missing"],
        "strict_missing": float(bool(strict) and not _met(strict, ranked[:3], ranker)),
        "union": union,
        "passage_cosine": value["cosine_passage"],
        **_taught(asked, best, value, ranker),
        "typed_covered": _typed_coverage(strict, ranked),
    }
    return tuple(found[name] for name in SIGNALS)


def probability(values: Sequence[float]) -> float:
    """The fitted probability that the documents answer."""
    model = _model()
    weights = np.array([model["weights"].get(name, 0.0) for name in SIGNALS])
    z = float(np.dot(weights, values)) + float(model["intercept"])
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, z))))


_TAUGHT = (
    "asked_words", "asked_meaning", "asked_best", "unanswered_words", "unanswered_meaning",
    "nearer_words", "nearer_meaning", "agreed", "learnt", "learnt_second", "learnt_sum",
    "learnt_none", "learnt_refused", "learnt_margin", "learnt_answered", "answered_margin",
    "answered_share",
)  # fmt: skip


def _taught(
    asked: Asked, best: Candidate, value: Mapping[str, float], ranker: Ranker
) -> dict[str, float]:
    """What the editorial questions say; nothing where the best candidate's passage has none.

    A document just added may answer what the others do not: it is judged by its own words.
    """
    if not ranker.taught(best.unit.passage):
        return {**dict.fromkeys(_TAUGHT, 0.0), "untaught": 1.0}
    near, silence = asked.likeness, asked.likeness.silence
    said, meant = max(near.words.values()), max(near.meaning.values())
    learnt = sorted(near.learnt.values(), reverse=True)
    key = max(near.learnt, key=near.learnt.__getitem__)
    silent = silence.unanswered + silence.refused
    known = abs(silence.answered) + abs(silent) + _FAINT
    return {
        "untaught": 0.0,
        "asked_words": said,
        "asked_meaning": meant,
        "asked_best": value["asked_words"] + value["asked_meaning"],
        "unanswered_words": silence.words,
        "unanswered_meaning": silence.meaning,
        "nearer_words": said - silence.words,
        "nearer_meaning": meant - silence.meaning,
        "agreed": float(key == (best.unit.passage.id, best.unit.start)),
        "learnt": learnt[0],
        "learnt_second": learnt[1] if len(learnt) > 1 else 0.0,
        "learnt_sum": sum(v for v in learnt if v > 0),
        "learnt_none": silent,
        "learnt_refused": silence.refused,
        "learnt_margin": learnt[0] - silent,
        "learnt_answered": silence.answered,
        "answered_margin": silence.answered - silent,
        "answered_share": (silence.answered - silent) / known,
    }


def _typed_coverage(strict: Sequence[QuestionType], ranked: Sequence[Candidate]) -> float:
    """How much of the question the best sentence of the form asked for holds; 1 without a form."""
    if not strict:
        return 1.0
    around = FEATURES.index("covered_around")
    return max(
        (
            c.features[around]
            for c in ranked
            if all(any(p.search(normal_form(c.unit.text)) for p in t.answers) for t in strict)
        ),
        default=0.0,
    )


def _met(types: Sequence[QuestionType], best: Sequence[Candidate], ranker: Ranker) -> bool:
    """Whether each form of answer that the question calls for stands in the best candidates."""
    forms = [ranker.analysis(c.unit).form for c in best]
    return all(any(p.search(form) for p in t.answers for form in forms) for t in types)


def _union(asked: Asked, best: Sequence[Candidate], ranker: Ranker) -> float:
    """Share of the question, by rarity, that the best candidates hold together."""
    total = sum(weight for *_, weight in asked.words)
    if not total:
        return 0.0
    seen = [ranker.analysis(c.unit) for c in best]
    return (
        sum(
            weight
            for form, concepts, weight in asked.words
            if any(form in a.around or concepts & a.around_concepts for a in seen)
        )
        / total
    )


def _missing_reference(asked: Asked, ranked: Sequence[Candidate], ranker: Ranker) -> str | None:
    """A reference that the question is about and whose text the documents do not hold.

    The guide says what some of the articles that it does not reproduce provide: these are
    answered from its prose, unless their very words are asked for.
    """
    for reference in asked.references:
        if ranker.lacks_item(reference):
            return f"{reference.canonical}, {reference.item}"
        if ranker.has_reference(reference):
            continue
        told = any(
            names_same(reference, cited) and _TELLS.search(c.unit.text)
            for c in ranked
            for cited in c.hit.passage.cites
            if (reference.number or "") in c.unit.text
        )
        if "verbatim" in asked.question.types or not told:
            return reference.canonical
    return None


@cache
def _model() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((DATA / "abstention.json").read_text(encoding="utf-8"))
    return data
