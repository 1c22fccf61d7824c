"""Staff verdicts leaving the database: a table for people, gold questions for the evaluation."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from qa.agreement import Agreement, cohen
from qa.reviews import Judgement, Submission
from qa.wording_reviews import CSV_HEADER

ABSTAIN_KINDS = ("unanswerable_near", "unanswerable_far", "refused")
ANSWER_KINDS = ("direct", "spoken", "reworded", "keywords", "reference", "situation", "multi",
                "negation", "false_premise", "hops", "version", "typo", "noaccent")  # fmt: skip
NEEDED = 2
"""Reviewers who must say the same before a question enters the gold set: its two readings."""

Missing = Literal["one_reading", "disagree", "partial", "no_citation", "no_fact", "no_kind"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class GoldLine:
    """A gold question, as the evaluation reads it, and the answer that it comes from."""

    submission: int
    line: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """How far two reviewers agree: on whole answers, and on single citations."""

    first: str
    second: str
    answers: Agreement
    citations: Agreement


def pairs(judgements: Sequence[Judgement]) -> tuple[Pair, ...]:
    """Agreement of every two reviewers who have judged at least one answer both."""
    by: dict[str, dict[int, Judgement]] = defaultdict(dict)
    for one in judgements:
        by[one.reviewer][one.submission] = one
    found = []
    for first, second in combinations(sorted(by), 2):
        shared = sorted(by[first].keys() & by[second].keys())
        if not shared:
            continue
        answers = cohen(*([by[who][n].verdict for n in shared] for who in (first, second)))
        citations = cohen(*(
            [c.verdict for n in shared for c in sorted(by[who][n].citations, key=lambda c: c.n)]
            for who in (first, second)
        ))  # fmt: skip
        found.append(Pair(first, second, answers, citations))
    return tuple(found)


def as_csv(submissions: Sequence[Submission], judgements: Sequence[Judgement]) -> bytes:
    """One row a citation judged (or a verdict without citation), for a French spreadsheet.

    Semicolons and a byte order mark, as Excel expects in French; a cell that a spreadsheet would
    take for a formula is preceded by an apostrophe.
    """
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    table.writerow(CSV_HEADER)
    known = {one.id: one for one in submissions}
    for one in judgements:
        if one.submission not in known:
            continue
        kept = known[one.submission]
        head = [
            kept.id, kept.question, "oui" if kept.answered else "non",
            kept.outcome.get("generation") or "", kept.submitted_at, one.reviewer, one.verdict,
            one.comment, one.kind, " | ".join(one.facts),
        ]  # fmt: skip
        cited = {c["n"]: c for c in kept.citations}
        for c in one.citations:
            quoted = [c.n, cited[c.n]["ref"], cited[c.n]["quote"], c.verdict, c.comment]
            table.writerow([_cell(value) for value in (*head, *quoted, one.at)])
        if not one.citations:
            table.writerow([_cell(value) for value in (*head, *[""] * 5, one.at)])
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_gold(
    submissions: Sequence[Submission], judgements: Sequence[Judgement]
) -> tuple[tuple[GoldLine, ...], tuple[tuple[int, Missing], ...]]:
    """Gold questions out of what two reviewers agree on.

    An answer that both found right gives its supported quotes as evidence and their words as
    facts; one from which both would have abstained, or an abstention that both found right, gives
    a question to abstain from. ``evaluation import`` judges each line again.

    Returns:
        The lines, and what each remaining answer still lacks.
    """
    by: dict[int, list[Judgement]] = defaultdict(list)
    for one in judgements:
        by[one.submission].append(one)
    lines: list[GoldLine] = []
    missing: list[tuple[int, Missing]] = []
    for kept in submissions:
        made = _gold(kept, by[kept.id])
        if isinstance(made, str):
            missing.append((kept.id, made))
        else:
            lines.append(GoldLine(kept.id, made))
    return tuple(lines), tuple(missing)


def as_jsonl(lines: Sequence[GoldLine]) -> bytes:
    """The file that ``python -m evaluation import`` takes."""
    return "".join(json.dumps(one.line, ensure_ascii=False) + "\n" for one in lines).encode()


def _gold(kept: Submission, given: Sequence[Judgement]) -> dict[str, Any] | Missing:
    if len(given) < NEEDED:
        return "one_reading"
    verdicts = {one.verdict for one in given}
    if len(verdicts) > 1:
        return "disagree"
    verdict = verdicts.pop()
    abstain = verdict == ("abstain" if kept.answered else "right")
    if not abstain and not (kept.answered and verdict == "right"):
        return "partial"
    kind = _kind(given, ABSTAIN_KINDS if abstain else ANSWER_KINDS)
    if kind is None:
        return "no_kind"
    supported = [] if abstain else _supported(kept, given)
    if not abstain and not supported:
        return "no_citation"
    facts = [] if abstain else _facts(kept.question, supported, given)
    if not abstain and not facts:
        return "no_fact"
    second = sorted(given, key=lambda one: one.at)[NEEDED - 1]
    name = "staff-" + hashlib.sha256(kept.question.encode()).hexdigest()[:12]
    return {
        "id": name, "question": kept.question, "kind": kind, "group": name,
        "evidence": [c["quote"] for c in supported], "evidence_mode": "any",
        "refs": list(dict.fromkeys(c["ref"] for c in supported)),
        "answer_facts": facts, "must_not": [],
        "review": {"reader": "council staff, second reading", "date": second.at[:10],
                   "verdict": "ok"},
        "generation": kept.outcome.get("generation"),
        "verdicts": [
            {"reading": i, "verdict": one.verdict,
             "citations": {str(c.n): c.verdict for c in one.citations}}
            for i, one in enumerate(sorted(given, key=lambda one: one.at), start=1)
        ],
    }  # fmt: skip


def _kind(given: Sequence[Judgement], allowed: Sequence[str]) -> str | None:
    """The last reviewer who named a fitting kind decides."""
    named = [one.kind for one in sorted(given, key=lambda one: one.at) if one.kind in allowed]
    return named[-1] if named else None


def _supported(kept: Submission, given: Sequence[Judgement]) -> list[Any]:
    """Citations that every reviewer says support the answer."""
    doubted = {c.n for one in given for c in one.citations if c.verdict != "supports"}
    return [c for c in kept.citations if c["n"] not in doubted]


def _facts(question: str, supported: Sequence[Any], given: Sequence[Judgement]) -> list[list[str]]:
    """Words that reviewers asked for, as patterns; only those that a supported quote holds."""
    quotes = [_level(c["quote"]) for c in supported]
    asked = dict.fromkeys(_level(fact) for one in given for fact in one.facts)
    return [
        [pattern_of(fact)] for fact in asked
        if fact and fact not in _level(question) and any(fact in quote for quote in quotes)
    ]  # fmt: skip


def pattern_of(words: str) -> str:
    """Plain words as a pattern without repeats, either apostrophe accepted."""
    return re.escape(words).replace(r"\ ", " ").replace("'", "['’]")


def _level(text: str) -> str:
    """One apostrophe, one blank, lower case: as the evaluation levels before comparing."""
    return " ".join(text.replace("’", "'").replace("‑", "-").split()).lower()
