"""The word lists of the gate (``qa/data/claims.toml``), and the key by which words are compared."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from index.analysis import stem


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists, ready for look-up."""

    marks: Mapping[str, str]
    before_link: Mapping[str, str]
    conditions: tuple[tuple[str, str], ...]
    not_conditions: tuple[str, ...]
    groups: Mapping[str, str]
    equals: Mapping[str, str]
    antonyms: frozenset[frozenset[str]]
    implied: frozenset[tuple[str, str]]
    frame: frozenset[str]
    function: frozenset[str]
    sensitive: frozenset[str]
    absolute: frozenset[str]
    auxiliary: frozenset[str]
    clitics: frozenset[str]
    not_infinitive: frozenset[str]
    determiner: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The word lists of ``claims.toml``."""
    path = Path(__file__).parent / "data" / "claims.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    equals = _equals(data["equals"]["lines"])
    groups = {key_of(w, equals): name for name, ws in data["classes"].items() for w in ws.split()}
    pairs = [pair.split() for pair in data["antonyms"]["pairs"]]
    implied = [pair.split() for pair in data["implied"]["pairs"]]
    return Lexicon(
        marks=_by_word(data["marks"]),
        before_link=_by_word(data["marks_before_a"]),
        conditions=tuple(
            (phrase.strip(), family)
            for family, phrases in data["conditions"].items()
            if family != "not_cond"
            for phrase in " ".join(phrases.split()).split("|")
        ),
        not_conditions=tuple(data["conditions"]["not_cond"].split("|")),
        groups=groups,
        equals=equals,
        antonyms=frozenset(frozenset((key_of(a, equals), key_of(b, equals))) for a, b in pairs),
        implied=frozenset((key_of(a, equals), key_of(b, equals)) for a, b in implied),
        frame=frozenset(_stem(w) for w in data["frame"]["words"].split()),
        function=frozenset(data["function"]["words"].split()),
        **{
            name: frozenset(data["small"][name].split())
            for name in (
                "sensitive",
                "absolute",
                "auxiliary",
                "clitics",
                "not_infinitive",
                "determiner",
            )
        },
    )


def _by_word(table: Mapping[str, Any]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words.split()}


def _equals(lines: list[str]) -> dict[str, str]:
    return {_stem(w): _stem(line.split()[0]) for line in lines for w in line.split()}


# Nouns and adjectives in “-ent”, which is otherwise the plural of a verb (“protègent”).
_NOT_PLURAL = frozenset(
    "patient parent agent adolescent imminent president present precedent urgent accident incident"
    " different frequent recent dent talent equivalent competent consequent accent argent client"
    " appartient convient detient contient obtient vient tient intervient".split()
)


def _stem(form: str) -> str:
    """The Snowball stem, mended for forms without accents and for the third person plural."""
    stemmed = stem(form)
    plural = form.endswith("ent") and not form.endswith("ment") and stemmed == form
    if plural and len(form) > 5 and form not in _NOT_PLURAL:
        stemmed = stem(f"{form[:-3]}e")
    return stemmed.rstrip("e")  # participles keep one (“divulguees”)


def key_of(form: str, equals: Mapping[str, str]) -> str:
    """The stem by which a form without accents is compared: that of its class of equals."""
    stemmed = _stem(form)
    return equals.get(stemmed, stemmed)
