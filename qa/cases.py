"""Particular cases: what the documents say of one situation, and of no other (``cases.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from qa.question import DATA


@dataclass(frozen=True, slots=True)
class Confined:
    """Rules of one situation.

    Attributes:
        rule: What such a rule holds, in its normal form.
        spoken: What a question about that situation holds, in its normal form.
        concepts: Or the concepts of which it holds one (``=deces``), in whatever spelling.
    """

    rule: re.Pattern[str]
    spoken: re.Pattern[str]
    concepts: frozenset[str]


@cache
def particular_cases() -> frozenset[str]:
    """Concepts that make a sentence speak of one case only."""
    return frozenset(f"={name}" for name in _table()["concepts"])


@cache
def confined() -> tuple[Confined, ...]:
    """The rules that would mislead whoever is in another situation."""
    return tuple(
        Confined(
            re.compile("|".join(row["rule"])),
            re.compile("|".join(row["spoken"])),
            frozenset(f"={name}" for name in row["concepts"]),
        )
        for row in _table()["confined"]
    )


def unspoken(question: str, concepts: Set[str]) -> tuple[re.Pattern[str], ...]:
    """What the rules hold of the situations that a question does not speak of.

    Args:
        question: In its normal form.
        concepts: That it holds.
    """
    return tuple(
        c.rule for c in confined() if not (c.concepts & concepts or c.spoken.search(question))
    )


def _table() -> dict[str, Any]:
    return tomllib.loads((DATA / "cases.toml").read_text(encoding="utf-8"))
