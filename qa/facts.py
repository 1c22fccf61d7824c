"""Exact things a sentence states: references, dates, numbers of decisions, amounts, durations.

Each becomes one value whichever way it is written: ``4 juin 2021`` and ``04/06/2021``, ``15 000
euros`` and ``15000 €``, ``un an`` and ``1 an``. Every expression here is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from corpus.passage import Passage
from corpus.references import DATE, find_references, iso_date

FactKind = Literal[
    "article", "date", "docket", "amount", "duration", "percent", "number", "item", "chamber"
]


@dataclass(frozen=True, slots=True)
class Fact:
    """An exact thing found in a text.

    Attributes:
        value: Its one form (``CP, art. 226-13``, ``2021-06-04``, ``15000``, ``1 an``).
        start: Offset of its first character.
        end: Offset after its last character.
    """

    kind: FactKind
    value: str
    start: int
    end: int


_UNITS = {
    word: value
    for value, words in enumerate(
        ("zéro", "un une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
         "onze", "douze", "treize", "quatorze", "quinze", "seize")
    )
    for word in words.split()
}  # fmt: skip
_TENS = {
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
}  # fmt: skip
_SCALES = {"cent": 100, "cents": 100, "mille": 1000}
_SPELT = "|".join(sorted((*_UNITS, *_TENS, *_SCALES), key=len, reverse=True))
_SPELT_NUMBER = rf"\b(?:{_SPELT})\b(?:[\s-]{{1,2}}(?:et[\s-])?(?:{_SPELT})\b){{0,7}}"
_DIGITS = r"(?<![\w,.])\d{1,3}(?:[  .]\d{3}){1,4}(?!\d)|(?<![\w])\d{1,9}"
_QUANTITY = rf"(?P<digits>{_DIGITS})(?:,(?P<decimals>\d{{1,3}}))?|(?P<spelt>{_SPELT_NUMBER})"
_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)
_PERIODS = {"an": "an", "année": "an", "annee": "an", "mois": "mois", "jour": "jour",
            "semaine": "semaine", "heure": "heure", "minute": "minute"}  # fmt: skip

_DOCKET = re.compile(r"\bn\s?[°ºo]s?\s{0,3}(?P<number>\d[\d/.\u2010-\u2015-]{1,24}[\dA-Z]{0,3})")
_ARTICLE_SHAPE = re.compile(  # no code and no word “article” needed: shape alone is exact
    r"\b(?P<letter>[LRD])\.?\s?(?P<number>\d{3,5}(?:\s?[-\u2010-\u2015]\s?\d{1,3}){1,3})(?!\d)"
)
_UNIT = re.compile(
    r"\s?(?P<kilo>k)?\s?(?P<money>€|euros?\b|EUR\b)"
    rf"|\s(?P<period>{'|'.join(_PERIODS)})s?\b|\s?(?P<percent>%|pour\scent\b)",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(rf"\b(?P<month>{'|'.join(_MONTHS)})\s(?P<year>\d{{4}})\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d/.-])(?:19|20)\d{2}(?![\d/]|[.-]\d)")
_ITEM = re.compile(r"(?<![\w])(?P<item>\d{1,2})\s?°(?!\s?[CF]\b)")
_ROMAN_ITEM = re.compile(
    r"(?:^|«\s?|\b(?:le|du|au|paragraphe)\s)(?P<item>(?:I{1,3}|IV|VI{0,3}|IX|X)(?:\s(?:bis|ter))?)"
    r"(?=\.(?:\s|-)|\s(?:de|du)\b|,|$)"
)
_NUMBER = re.compile(rf"(?:{_QUANTITY})", re.IGNORECASE)
_CHAMBER = re.compile(
    r"\bCDPI\b|\bCDN\b|chambre\sdisciplinaire\s(?P<first>de\spremière\sinstance|nationale)", re.I
)


def find_facts(text: str) -> tuple[Fact, ...]:
    """Every exact thing of a text, in order, none overlapping another."""
    found: list[Fact] = []
    for fact in _candidates(text):
        if fact.kind == "item" or not any(_overlap(fact, other) for other in found):
            found.append(fact)
    return tuple(sorted(found, key=lambda fact: fact.start))


def _overlap(one: Fact, other: Fact) -> bool:
    # An inner number may stand inside a reference (“226-14, 4° du code pénal”): both are facts.
    return other.kind != "item" and one.start < other.end and other.start < one.end


@lru_cache(maxsize=4096)
def passage_facts(passage: Passage) -> frozenset[tuple[FactKind, str]]:
    """What a passage holds: its text, and the reference, item and date that it stands under."""
    found = {(f.kind, f.value) for f in find_facts(passage.text)}
    found |= {(f.kind, f.value) for f in find_facts(f"{passage.ref} {' '.join(passage.section)}")}
    if passage.kind == "article":
        found.add(("article", passage.ref))
    if passage.item:
        found.add(("item", passage.item.rstrip("°")))
    if passage.date and passage.kind == "decision":
        found.add(("date", passage.date))
    return frozenset(found)


def is_held(fact: Fact, held: frozenset[tuple[FactKind, str]]) -> bool:
    """Whether a fact, perhaps less precise (a year, a number without unit), is among others."""
    if (fact.kind, fact.value) in held:
        return True
    if fact.kind == "date":
        return any(k == "date" and v.startswith(f"{fact.value}-") for k, v in held)
    if fact.kind == "number":
        return any(k in ("amount", "duration") and v.split()[0] == fact.value for k, v in held)
    return False


def _candidates(text: str) -> Iterator[Fact]:
    """Facts, the surest readings first: a later one gives way where they overlap."""
    yield from _dates_and_references(text)
    yield from _places(text)
    yield from _quantities(text)


def _dates_and_references(text: str) -> Iterator[Fact]:
    for match in DATE.finditer(text):
        day = iso_date(match.group())
        # An impossible day is kept as written: it is a date, and no passage holds it.
        yield Fact("date", day or match.group(), *match.span())
    for match in _DOCKET.finditer(text):
        number = re.sub("[\u2010-\u2015]", "-", match["number"]).rstrip(".-/")
        yield Fact("docket", number, *match.span())
    for reference in find_references(text):
        if reference.kind == "article":
            yield Fact("article", reference.canonical, reference.start, reference.end)
    for match in _ARTICLE_SHAPE.finditer(text):
        digits = re.sub("\\s?[-\u2010-\u2015]\\s?", "-", match["number"])
        yield Fact("article", f"CSP, art. {match['letter']}. {digits}", *match.span())
    for match in _MONTH_YEAR.finditer(text):
        month = _MONTHS.index(match["month"].lower()) + 1
        yield Fact("date", f"{match['year']}-{month:02d}", *match.span())


def _places(text: str) -> Iterator[Fact]:
    for match in _ITEM.finditer(text):
        yield Fact("item", match["item"], *match.span())
    for match in _ROMAN_ITEM.finditer(text):
        yield Fact("item", match["item"], *match.span("item"))
    for match in _YEAR.finditer(text):
        yield Fact("date", match.group(), *match.span())
    for match in _CHAMBER.finditer(text):
        first = match.group().upper() == "CDPI" or (match["first"] or "").lower().startswith("de")
        yield Fact("chamber", "CDPI" if first else "CDN", *match.span())


def _quantities(text: str) -> Iterator[Fact]:
    """Amounts, durations and percentages, then bare numbers."""
    for match in _NUMBER.finditer(text):
        value, unit = _value(match), _UNIT.match(text, match.end())
        if unit is None:
            if (match["spelt"] or "").lower() not in ("un", "une"):  # an article, not a count
                yield Fact("number", _written(value), *match.span())
        elif unit["money"]:
            thousands = 1000 if unit["kilo"] else 1
            yield Fact("amount", _written(value * thousands), match.start(), unit.end())
        elif unit["period"]:
            period = _PERIODS[unit["period"].lower()]
            yield Fact("duration", f"{_written(value)} {period}", match.start(), unit.end())
        else:
            yield Fact("percent", _written(value), match.start(), unit.end())


def _written(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _value(match: re.Match[str]) -> float:
    if match["digits"]:
        whole = re.sub(r"\D", "", match["digits"])
        return float(f"{whole}.{match['decimals'] or 0}")
    return float(_spelt_value(match["spelt"].lower()))


def _spelt_value(words: str) -> int:
    total = current = 0
    for word in re.split(r"[\s-]+", words):
        if word in ("vingt", "vingts") and current == 4:
            current = 80
        elif word in _UNITS:
            current += _UNITS[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word in ("cent", "cents"):
            current = max(current, 1) * 100
        elif word == "mille":
            total, current = total + max(current, 1) * 1000, 0
    return total + current
