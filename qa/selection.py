"""Which sentences are worth saying, and what each cannot be said without.

Scores of a ranked list become shares by softmax, as the loss that fitted them has it. Sentences are
taken from the best on until they hold enough of the whole: an answer is short where one sentence
stands out, and longer where several may be right.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from index.hit import Hit
from qa.features import FEATURES, Asked
from qa.question import DATA, normal_form
from qa.ranking import Candidate, Ranker
from qa.units import Unit, concludes, opening_passage


@cache
def limits() -> dict[str, Any]:
    """How much is said, fitted on the development split: see ``qa/data/answering.json``."""
    data: dict[str, Any] = json.loads((DATA / "answering.json").read_text(encoding="utf-8"))
    return data


def choose(
    asked: Asked, ranked: Sequence[Candidate], ranker: Ranker, parts: Sequence[Candidate] = ()
) -> list[Candidate]:
    """The sentences worth saying, the best first."""
    rule = limits()
    cited = [c for c in ranked if asked.law and asked.law.is_cited(c.unit.text)]
    if cited:
        return cited[:2]
    if asked.bare:
        return _named_only(asked, ranked, ranker)
    quotable = [c for c in ranked if not (c.unit.label or c.strays)] or list(ranked[:1])
    share = _shares(quotable)
    faint = _faint(asked, quotable, share, ranker)
    chosen: list[Candidate] = []
    said: set[tuple[str, int]] = set()
    held = 0.0
    several = bool({"list", "count"} & asked.question.types)
    needed = [quotable[0], *parts, *_conclusion(quotable)]
    for candidate in _with_lists(asked, [*needed, *quotable], quotable):
        enough = held >= rule["mass"] or len(chosen) >= rule["most"] + several
        forced = not chosen or candidate in needed
        needless = enough or candidate.unit.key in faint
        if (needless and not forced) or candidate.unit.key in said:
            continue
        added = [u for u, _ in closed([candidate], ranked, ranker) if u.key not in said]
        size = sum(len(u.text.split()) for u in added)
        total = sum(len(c.unit.text.split()) for c in chosen)
        full = total + size > rule["words"] and candidate not in parts  # each part is answered
        if chosen and (full or _repeats(candidate.unit, chosen)):
            continue
        chosen.append(candidate)
        said |= {u.key for u in added}
        held += sum(share.get(u.key, 0.0) for u in added)
    return chosen


def _shares(ranked: Sequence[Candidate]) -> dict[tuple[str, int], float]:
    top = max(c.plain for c in ranked)
    raised = {c.unit.key: math.exp(c.plain - top) for c in ranked}
    total = sum(raised.values())
    return {key: value / total for key, value in raised.items()}


def _faint(
    asked: Asked,
    ranked: Sequence[Candidate],
    share: Mapping[tuple[str, int], float],
    ranker: Ranker,
) -> frozenset[tuple[str, int]]:
    """What is on the subject and does not answer: said beside the best, it would be padding.

    A small share is enough to be said where the editorial questions, too, hold that it answers.
    """
    rule = limits()
    wanted = rule["agreed"] * _taught(asked, ranked[0])
    return frozenset(
        c.unit.key
        for c in ranked
        if share[c.unit.key] < rule["least"]
        or (
            share[c.unit.key] < rule["doubtful"]
            and ranker.taught(c.unit.passage)
            and _taught(asked, c) < wanted
        )
    )


def _taught(asked: Asked, candidate: Candidate) -> float:
    """How far the editorial questions hold that a sentence answers."""
    return asked.likeness.learnt.get((candidate.unit.passage.id, candidate.unit.start), 0.0)


def _with_lists(
    asked: Asked, wanted: Iterable[Candidate], ranked: Sequence[Candidate]
) -> list[Candidate]:
    """Before an item, the words that open its list, where they answer as well: the list whole.

    “Encourt trois types de sanctions:” is not to be followed by one of the three, unless the
    question is about that one.
    """
    share = limits()["listed"]
    by_key = {c.unit.key: c for c in ranked}
    found: list[Candidate] = []
    for item in wanted:
        openings = [by_key.get((item.unit.passage.id, place)) for place in item.unit.needs]
        found += [
            opening for opening in openings
            if opening is not None and item.unit.index in opening.unit.opens
            and _taught(asked, opening) > share * _taught(asked, item) > 0
        ]  # fmt: skip
        found.append(item)
    return found


def _conclusion(ranked: Sequence[Candidate]) -> list[Candidate]:
    """What the guide concludes in the section of the best sentence, where it concludes."""
    best = ranked[0].unit.passage
    if best.kind != "guide":
        return []
    return [
        c for c in ranked
        if c.unit.passage.ref == best.ref and concludes(c.unit.text)
        and c.plain >= ranked[0].plain - limits()["conclusion"]
    ][:1]  # fmt: skip


def _named_only(asked: Asked, ranked: Sequence[Candidate], ranker: Ranker) -> list[Candidate]:
    """The sentences of the text that is all the question names, in the order of the text.

    An article too long to be read whole keeps its best sentences.
    """
    named = FEATURES.index("reference")
    items = {r.item for r in asked.references if r.item}
    own = [c for c in ranked if c.features[named] and not c.unit.label]
    own = [c for c in own if not items or c.unit.passage.item in items] or own
    if not own:
        own = [c for c in ranked if c.features[FEATURES.index("mentions")]] or list(ranked[:1])
        return own[:2]
    own = _paragraph(own, asked.question.paragraph) or own
    kept: list[Candidate] = []
    words = 0
    for candidate in own:
        words += len(candidate.unit.text.split())
        if kept and words > limits()["whole"]:
            break
        kept.append(candidate)
    return sorted(kept, key=lambda c: c.unit.start)


def _paragraph(own: Sequence[Candidate], place: int | None) -> list[Candidate]:
    """The sentences of the first (0) or the last (-1) paragraph of a text; none for None."""
    if place is None:
        return []
    lines: dict[tuple[int, int], list[Candidate]] = {}
    for c in sorted(own, key=lambda c: c.unit.start):
        passage = c.unit.passage
        before = passage.text[: c.unit.start - passage.start].count("\n")
        lines.setdefault((passage.start, before), []).append(c)
    return list(lines.values())[place]


def _repeats(unit: Unit, chosen: Iterable[Candidate]) -> bool:
    """Whether what the sentence says stands already (the guide quotes articles at length)."""
    own = set(normal_form(unit.text).split())
    for other in chosen:
        words = set(normal_form(other.unit.text).split())
        if len(own & words) / max(1, min(len(own), len(words))) > limits()["repeat"]:
            return True
    return False


def closed(
    chosen: Sequence[Candidate], ranked: Sequence[Candidate], ranker: Ranker
) -> list[tuple[Unit, Hit]]:
    """The sentences chosen, with what each needs, what limits it, and the words that open it."""
    wanted: dict[tuple[str, int], tuple[Unit, Hit]] = {}
    hits = {c.hit.passage.id: c.hit for c in ranked}
    for candidate in chosen:
        passage = candidate.unit.passage
        opening = opening_passage(passage, ranker.siblings(passage))
        if opening is not None:
            hit = hits.get(opening.id, Hit(opening, 0.0, {"opening": 1.0}))
            for analysis in ranker.analyses(opening):
                wanted.setdefault(analysis.unit.key, (analysis.unit, hit))
        for unit in _linked(candidate.unit, [a.unit for a in ranker.analyses(passage)]):
            wanted.setdefault(unit.key, (unit, candidate.hit))
    return list(wanted.values())


def _linked(unit: Unit, units: Sequence[Unit]) -> list[Unit]:
    """A sentence with those of its passage that it cannot be said without."""
    passage = unit.passage
    numbered = passage.kind == "article" and passage.item is not None and "°" in passage.item
    if numbered or passage.kind == "decision":
        return list(units)  # an item or a decision cut in two says what it does not
    before: list[int] = []
    needed = list(unit.needs)
    while needed and len(before) < 2:
        index = needed.pop()
        before.append(index)
        needed += [n for n in units[index].needs if n not in before]
    short = [i for i in unit.limits if len(units[i].text.split()) <= limits()["limit_words"]]
    listed = unit.opens if len(unit.opens) <= limits()["list_items"] else ()
    return [units[i] for i in sorted({*before, unit.index, *short, *listed})]
