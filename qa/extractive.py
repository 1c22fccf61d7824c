"""The default answerer: verbatim sentences, chosen, closed under what they need, and ordered.

Nothing is worded here: an answer is made of slices of the documents. What is decided is which
slices, how many, and in what order: what the guide concludes, then the texts, then the decisions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from index.hit import Hit
from qa.answer import Citation, Role, Sentence
from qa.question import DATA, normal_form
from qa.ranking import FEATURES, Asked, Candidate, Ranker
from qa.units import Unit, opening_passage

_ROLES: dict[str, Role] = {"guide": "conclusion", "article": "texte", "decision": "decision"}
_ORDER: dict[Role, int] = {"conclusion": 0, "texte": 1, "decision": 2, "complement": 3}


@dataclass(frozen=True, slots=True)
class Composition:
    """Sentences in order, with their citations, not yet verified."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]


@cache
def limits() -> dict[str, Any]:
    """How much is said, fitted on the development split: see ``qa/data/answering.json``."""
    data: dict[str, Any] = json.loads((DATA / "answering.json").read_text(encoding="utf-8"))
    return data


def compose(
    asked: Asked,
    ranked: Sequence[Candidate],
    ranker: Ranker,
    parts: Sequence[Candidate] = (),
) -> Composition:
    """Compose an answer of the best candidates.

    Args:
        asked: The question, prepared.
        ranked: Candidates, best first; must not be empty.
        ranker: Gives the other sentences of their passages.
        parts: The best candidate of each part of a question that has several.
    """
    chosen = _closed(choose(asked, ranked, parts), ranked, ranker)
    return _written(_in_order(chosen, ranked, _leads(asked)))


def choose(
    asked: Asked, ranked: Sequence[Candidate], parts: Sequence[Candidate] = ()
) -> list[Candidate]:
    """The sentences worth saying: the best, then those near enough to it that add something."""
    rule = limits()
    if asked.bare:
        ranked = _named_only(asked, ranked)
    best = next((c for c in ranked if not c.unit.label), ranked[0])
    chosen = [best, *(c for c in parts if c.unit != best.unit and not c.unit.label)]
    most = max(c.plain for c in ranked)
    words = sum(len(c.unit.text.split()) for c in chosen)
    several = bool({"list", "count"} & asked.question.types)
    for candidate in ranked:
        if len(chosen) >= rule["most"] + (1 if several else 0) and not asked.bare:
            break
        if candidate in chosen or candidate.unit.label:
            continue
        if not asked.bare and candidate.plain < most - rule["margin"]:
            continue
        length = len(candidate.unit.text.split())
        if words + length > rule["words"] or _repeats(candidate.unit, chosen):
            continue
        chosen.append(candidate)
        words += length
    return chosen


def _named_only(asked: Asked, ranked: Sequence[Candidate]) -> Sequence[Candidate]:
    """The sentences of the text that is all the question names, in the order of the text.

    An article too long to be read whole keeps its best sentences, as for any question.
    """
    named = FEATURES.index("reference")
    own = [c for c in ranked if c.features[named]]
    items = {r.item for r in asked.references if r.item}
    own = [c for c in own if not items or c.unit.passage.item in items] or own
    if sum(len(c.unit.text.split()) for c in own) <= limits()["whole"]:
        return sorted(own, key=lambda c: c.unit.start) or ranked
    return own or ranked


def _repeats(unit: Unit, chosen: Iterable[Candidate]) -> bool:
    """Whether what the sentence says stands already (the guide quotes articles at length)."""
    own = set(normal_form(unit.text).split())
    for other in chosen:
        words = set(normal_form(other.unit.text).split())
        if len(own & words) / max(1, min(len(own), len(words))) > limits()["repeat"]:
            return True
    return False


def _closed(
    chosen: Sequence[Candidate], ranked: Sequence[Candidate], ranker: Ranker
) -> list[tuple[Unit, Hit]]:
    """Add to each sentence what it needs and what limits it."""
    wanted: dict[tuple[str, int], tuple[Unit, Hit]] = {}
    hits = {c.hit.passage.id: c.hit for c in ranked}
    for candidate in chosen:
        passage = candidate.unit.passage
        units = [a.unit for a in ranker.analyses(passage)]
        links = _linked(candidate.unit, units)
        opening = opening_passage(passage, ranker.siblings(passage))
        if opening is not None:
            hit = hits.get(opening.id, Hit(opening, 0.0, {"opening": 1.0}))
            for analysis in ranker.analyses(opening):
                wanted.setdefault(analysis.unit.key, (analysis.unit, hit))
        for unit in links:
            wanted.setdefault(unit.key, (unit, candidate.hit))
    return list(wanted.values())


def _linked(unit: Unit, units: Sequence[Unit]) -> list[Unit]:
    """A sentence with those before it that it needs (two at most), its limits, and its list."""
    before: list[int] = []
    needed = list(unit.needs)
    while needed and len(before) < 2:
        index = needed.pop()
        before.append(index)
        needed += [n for n in units[index].needs if n not in before]
    after = [*unit.limits, *(unit.opens if len(unit.opens) <= limits()["list_items"] else ())]
    return [units[i] for i in sorted({*before, unit.index, *after})]


def _leads(asked: Asked) -> Role | None:
    """The part that comes first when a question names an article or a decision."""
    named = {reference.kind for reference in asked.references}
    return "decision" if "decision" in named else "texte" if "article" in named else None


def _in_order(
    chosen: Sequence[tuple[Unit, Hit]], ranked: Sequence[Candidate], leads: Role | None
) -> list[list[tuple[Unit, Hit]]]:
    """Runs of neighbouring sentences, by part, the best first: a conclusion before its grounds."""
    place = {c.unit.key: i for i, c in enumerate(ranked)}
    runs: list[list[tuple[Unit, Hit]]] = []
    for unit, hit in sorted(chosen, key=lambda x: (x[0].passage.id, x[0].index)):
        last = runs[-1][-1][0] if runs else None
        if last and last.passage.id == unit.passage.id and last.index + 1 == unit.index:
            runs[-1].append((unit, hit))
        else:
            runs.append([(unit, hit)])

    def best(run: Sequence[tuple[Unit, Hit]]) -> int:
        return min(place.get(unit.key, len(place)) for unit, _ in run)

    first: dict[str, int] = {}
    for run in runs:
        ref = run[0][0].passage.ref
        first[ref] = min(first.get(ref, len(place)), best(run))

    def order(run: Sequence[tuple[Unit, Hit]]) -> tuple[bool, int, int, bool, int]:
        passage = run[0][0].passage
        role = _ROLES[passage.kind]
        opens = passage.item is None and passage.text.rstrip().endswith(":")
        return role != leads, _ORDER[role], first[passage.ref], not opens, best(run)

    return sorted(runs, key=order)


def _written(runs: Sequence[Sequence[tuple[Unit, Hit]]]) -> Composition:
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    for n, run in enumerate(runs, 1):
        passage, hit = run[0][0].passage, run[0][1]
        start, end = run[0][0].start, run[-1][0].end
        quote = passage.text[start - passage.start : end - passage.start]
        citations.append(Citation(n, hit, quote, start, end))
        role = _ROLES[passage.kind]
        sentences += [Sentence(unit.text, (n,), role) for unit, _ in run if not unit.label]
    return Composition(tuple(sentences), tuple(citations))
