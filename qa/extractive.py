"""The default answerer: verbatim sentences, chosen, closed under what they need, and ordered.

Nothing is worded here: an answer is made of slices of the documents. What is decided is which
slices, how many, and in what order: what the guide concludes, then the texts, then the decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.hit import Hit
from qa.answer import Citation, Role, Sentence
from qa.features import Asked
from qa.ranking import Candidate, Ranker
from qa.selection import choose, closed
from qa.units import Unit

_ROLES: dict[str, Role] = {"guide": "conclusion", "article": "texte", "decision": "decision"}
_ORDER: dict[Role, int] = {"conclusion": 0, "texte": 1, "decision": 2, "complement": 3}


@dataclass(frozen=True, slots=True)
class Composition:
    """Sentences in order, with their citations, not yet verified."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]


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
    chosen = closed(choose(asked, ranked, ranker, parts), ranked, ranker)
    return _written(_in_order(chosen, ranked, _leads(asked, ranked)))


def _leads(asked: Asked, ranked: Sequence[Candidate]) -> Role:
    """The part that comes first: that of the text named, else that of the sentence that answers."""
    named = {reference.kind for reference in asked.references}
    if "decision" in named:
        return "decision"
    return "texte" if "article" in named else _ROLES[ranked[0].unit.passage.kind]


def _in_order(
    chosen: Sequence[tuple[Unit, Hit]], ranked: Sequence[Candidate], leads: Role
) -> list[list[tuple[Unit, Hit]]]:
    """Runs of neighbouring sentences: the part that answers first, then by norm.

    In each part the best text comes first, and in a text the conclusion before its grounds, unless
    a list has to stay in its order.
    """
    place = {c.unit.key: i for i, c in enumerate(ranked)}
    runs = _runs(chosen)

    def best(run: Sequence[tuple[Unit, Hit]]) -> int:
        return min(place.get(unit.key, len(place)) for unit, _ in run)

    first: dict[str, int] = {}
    for run in runs:
        ref = run[0][0].passage.ref
        first[ref] = min(first.get(ref, len(place)), best(run))
    listed = {unit.passage.ref for run in runs for unit, _ in run if unit.opens or _opens(unit)}

    def order(run: Sequence[tuple[Unit, Hit]]) -> tuple[bool, int, int, int]:
        passage = run[0][0].passage
        role = _ROLES[passage.kind]
        inside = run[0][0].start if passage.ref in listed else best(run)
        return role != leads, _ORDER[role], first[passage.ref], inside

    return sorted(runs, key=order)


def _opens(unit: Unit) -> bool:
    """Whether the sentence opens a list whose items are passages of their own."""
    return unit.passage.kind == "article" and unit.text.rstrip().endswith(":")


def _runs(chosen: Sequence[tuple[Unit, Hit]]) -> list[list[tuple[Unit, Hit]]]:
    """Sentences that stand one after another in a passage, together."""
    runs: list[list[tuple[Unit, Hit]]] = []
    for unit, hit in sorted(chosen, key=lambda x: (x[0].passage.id, x[0].index)):
        last = runs[-1][-1][0] if runs else None
        if last and last.passage.id == unit.passage.id and last.index + 1 == unit.index:
            runs[-1].append((unit, hit))
        else:
            runs.append([(unit, hit)])
    return runs


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
