"""Legal references, both ways: every spelling in use to one canonical form, found in any text.

Canonical forms: ``CSP, art. R. 4321-55`` · ``CP, art. 226-14`` · ``CPP, art. 60-1`` ·
``C. civ., art. 9`` · ``CASF, art. L. 226-3`` · ``CDN médecins, 27/11/2018`` ·
``CDPI MK, 29/03/2022, n° 2020/34-021`` · ``loi n° 2020-936`` (a law is cited, never quoted here).

Every expression is bounded: one megabyte of hostile text costs a fraction of a second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ReferenceKind = Literal["article", "decision", "law"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference found in a text.

    Attributes:
        canonical: Its canonical form, where the text says enough for one.
        start: Offset of its first character.
        end: Offset after its last character.
        item: Inner number asked for with it (``4°``, ``III bis``), if any.
        date: Date of a decision, ISO 8601, if given.
        number: Number of an article (``R. 4321-55``) or of a decision, if given.
    """

    canonical: str
    kind: ReferenceKind
    start: int
    end: int
    item: str | None = None
    date: str | None = None
    number: str | None = None


# Code names as people write them → abbreviation used in canonical references.
_CODES: tuple[tuple[str, str], ...] = (
    (r"code\s{1,3}de\s{1,3}la\s{1,3}sant[ée](?:\s{1,3}publique)?|c\.?\s?s\.?\s?p\b\.?", "CSP"),
    (r"code\s{1,3}de\s{1,3}proc[ée]dure\s{1,3}p[ée]nale|c\.?\s?p\.?\s?p\b\.?|proc\.?\s?p[ée]n\.?",
     "CPP"),
    (r"code\s{1,3}p[ée]nal|c\.\s?p[ée]n\.?|c\.?\s?p\b\.?", "CP"),
    (r"code\s{1,3}civil|c\.?\s?civ\b\.?", "C. civ."),
    (r"code\s{1,3}de\s{1,3}l[’'\s]{0,2}action\s{1,3}sociale(?:\s{1,3}et\s{1,3}des\s{1,3}familles)?"
     r"|c\.?\s?a\.?\s?s\.?\s?f\b\.?", "CASF"),
    (r"code\s{1,3}rural(?:\s{1,3}et\s{1,3}de\s{1,3}la\s{1,3}p[êe]che(?:\s{1,3}maritime)?)?",
     "C. rur."),
)  # fmt: skip
_CODE = re.compile("|".join(f"(?P<c{i}>{p})" for i, (p, _) in enumerate(_CODES)), re.IGNORECASE)

# Which code an article belongs to when the writer leaves the code out. Numbers in L./R./D. of
# this corpus are the public health code's but for those listed; the others are known by number.
DEFAULT_CODES = {
    "226-13": "CP", "226-14": "CP", "132-80": "CP", "521-1": "CP", "521-1-1": "CP",
    "60-1": "CPP", "77-1-1": "CPP", "99-3": "CPP", "56-1": "CPP", "56-2": "CPP", "56-3": "CPP",
    "L. 226-3": "CASF", "L. 312-1": "CASF", "L. 203-6": "C. rur.",
}  # fmt: skip

_DASHES = "\u2010-\u2015\u2212-"  # the plain hyphen last: it opens no range
_DASH = f"[{_DASHES}]"
_NUMBER = rf"\d{{1,5}}(?:\s?{_DASH}\s?\d{{1,4}}){{0,3}}"
_ARTICLE = re.compile(
    rf"(?<![\w/{_DASHES}])(?:(?P<letter>[LRDlrd])(?:\s?\*)?\s?\.?\s?)?(?P<number>{_NUMBER})"
    rf"(?![\w/°])(?!{_DASH}\d)(?!\s?(?:€|euros?\b|ans?\b|%|mois\b|jours?\b))"
)
_ITEM_BEFORE = re.compile(
    r"(?:\b(?:le|la|l['’]|au|du|de|alin[ée]a)\s{0,2})?"
    r"(?P<item>\d{1,2}\s?°|\b(?:I{1,3}|IV|V|VI)(?:\s(?:bis|ter))?)"
    r"\s{1,3}(?:de|du|d['’])\s{0,2}(?:l['’]\s?)?(?:art(?:icle)?\.?\s{0,3})?$"
)
_ITEM_AFTER = re.compile(
    r"\s{0,2},?\s{0,2}(?:\(?(?P<item>\d{1,2}\s?°|(?:I{1,3}|IV|V|VI)(?:\s(?:bis|ter))?\b))"
)
_ARTICLE_WORD = re.compile(r"\bart(?:icle)?s?\b\.?\s{0,3}$", re.IGNORECASE)
_LIST_BEFORE = re.compile(r"(?:,|\bet|\bou|\bà|\bni)\s{1,3}$", re.IGNORECASE)
_GAP = re.compile(r"(?:\s{0,3}\([^()\n]{1,60}\))?[\s,]{0,4}(?:du|de|d['’])?\s{0,3}(?:l['’])?")

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("janvier", "février fevrier", "mars", "avril", "mai", "juin", "juillet", "août aout",
         "septembre", "octobre", "novembre", "décembre decembre"), start=1)
    for name in names.split()
}  # fmt: skip
DATE = re.compile(
    r"(?<![\d/])(?:(?P<d>\d{1,2})\s?[/.]\s?(?P<m>\d{1,2})\s?[/.]\s?(?P<y>\d{4})"
    rf"|(?P<d2>\d{{1,2}})(?:er)?\s{{1,3}}(?P<month>{'|'.join(_MONTHS)})\s{{1,3}}(?P<y2>\d{{4}}))"
    r"(?![\d/])",
    re.IGNORECASE,
)
_DECISION_NUMBER = re.compile(
    rf"\bn\s?[°ºo]s?\s{{0,3}}(?P<number>\d{{2,5}}(?:[/.{_DASHES}]\d{{1,5}}){{1,3}})",
    re.IGNORECASE,
)
_LAW_BEFORE = re.compile(
    r"\b(?:loi|d[ée]cret|ordonnance|circulaire)\b[^.;\n]{0,20}$", re.IGNORECASE
)
_CHAMBERS: tuple[tuple[str, str], ...] = (
    (r"cdpi|chambre\s{1,3}disciplinaire\s{1,3}de\s{1,3}premi[èe]re\s{1,3}instance", "CDPI"),
    (r"cdn|chambre\s{1,3}disciplinaire\s{1,3}nationale", "CDN"),
)
_CHAMBER = re.compile("|".join(f"(?P<h{i}>{p})" for i, (p, _) in enumerate(_CHAMBERS)), re.I)
_PROFESSIONS = (
    (re.compile(r"m[ée]decins?\b", re.I), "médecins"),
    (re.compile(r"\bmk\b|masseur|kin[ée]", re.I), "MK"),
)


_BETWEEN = re.compile(
    rf"[LRD]\s?\.?\s?\d|{_NUMBER}|\b(?:et|à|ou|du|de|des|articles?)\b|[\s,.]", re.IGNORECASE
)


def iso_date(text: str) -> str | None:
    """The first date of a text as ISO 8601, whichever way it is written; None if there is none."""
    match = DATE.search(text)
    return _iso(match) if match else None


def _iso(match: re.Match[str]) -> str | None:
    day = int(match["d"] or match["d2"])
    month = int(match["m"]) if match["m"] else _MONTHS[match["month"].lower()]
    year = int(match["y"] or match["y2"])
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def french_date(iso: str) -> str:
    """``2018-11-27`` as ``27/11/2018``, the form of canonical references."""
    year, month, day = iso.split("-")
    return f"{day}/{month}/{year}"


def article_label(code: str, number: str) -> str:
    """Canonical reference of an article: ``article_label("CP", "226-14")``."""
    return f"{code}, art. {number}"


def decision_label(chamber: str, iso: str | None, number: str | None = None) -> str:
    """Canonical reference of a decision, with whichever of its date and number are known."""
    parts = [chamber]
    if iso:
        parts.append(french_date(iso))
    if number:
        parts.append(f"n° {number}")
    return ", ".join(parts)


def find_references(text: str) -> tuple[Reference, ...]:
    """Every legal reference of a text, in order, canonical, with its offsets."""
    found = [*_articles(text), *_decisions(text)]
    return tuple(sorted(found, key=lambda r: (r.start, r.end)))


def canonical(text: str) -> str | None:
    """The canonical form of the first reference of a text, or None."""
    found = find_references(text)
    return found[0].canonical if found else None


def _articles(text: str) -> list[Reference]:
    taken = [m.span() for m in DATE.finditer(text)]
    taken += [m.span() for m in _DECISION_NUMBER.finditer(text)]
    found: list[Reference] = []
    for match in _ARTICLE.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        reference = _article(text, match, found)
        if reference is not None:
            found.append(reference)
    return found


def _article(text: str, match: re.Match[str], found: list[Reference]) -> Reference | None:
    letter = (match["letter"] or "").upper()
    digits = re.sub(rf"\s?{_DASH}\s?", "-", match["number"])
    number = f"{letter}. {digits}" if letter else digits
    before = text[max(0, match.start() - 40) : match.start()]
    code, end = _code_after(text, match.end())
    code = code or _code_before(before)
    listed = (
        bool(found) and match.start() - found[-1].end < 40 and bool(_LIST_BEFORE.search(before))
    )
    named = bool(_ARTICLE_WORD.search(before))
    if not (code or named or listed or letter or digits in DEFAULT_CODES):
        return None
    if letter and "-" not in digits and not named and not code:
        return None
    if not letter and not named and not code and digits not in DEFAULT_CODES:
        return None
    code = code or _code_of_list(text, match.end()) or _default_code(number, letter)
    if code is None:
        return None
    item = _item(text, match.start(), match.end(), end)
    return Reference(
        article_label(code, number), "article", match.start(), end, item=item, number=number
    )


def _code_after(text: str, end: int) -> tuple[str | None, int]:
    gap = _GAP.match(text, end)
    match = _CODE.match(text, gap.end() if gap else end)
    if match is None:
        # "R. 4321-55, 4° du CSP": an inner number may stand between the article and its code.
        item = _ITEM_AFTER.match(text, end)
        gap = _GAP.match(text, item.end()) if item else None
        match = _CODE.match(text, gap.end()) if gap else None
    return (_code_name(match), match.end()) if match else (None, end)


def _code_before(before: str) -> str | None:
    """The code of the canonical order, “CP, art. 226-14”."""
    stem = re.sub(r",?\s{0,2}(?:art(?:icle)?\.?)?\s{0,2}$", "", before)
    for match in _CODE.finditer(stem):
        if match.end() == len(stem) and len(stem) < len(before):
            return _code_name(match)
    return None


def _code_name(match: re.Match[str]) -> str:
    group = match.lastgroup
    assert group is not None
    return _CODES[int(group[1:])][1]


def _code_of_list(text: str, end: int) -> str | None:
    """The code named once at the end of a list: “60-1 (…), 77-1-1 (…) et 99-3 (…) du code…”."""
    window = text[end : end + 160].split(".\n", 1)[0]
    match = _CODE.search(window)
    if match is None:
        return None
    between = re.sub(r"\([^()\n]{0,60}\)", "", window[: match.start()])
    bare = re.sub(
        rf"[LRD]\s?\.?\s?\d|{_NUMBER}|\b(?:et|à|ou|du|de|des|articles?)\b|[\s,.]", "", between
    )
    return _code_name(match) if not bare.strip() else None


def _default_code(number: str, letter: str) -> str | None:
    if number in DEFAULT_CODES:
        return DEFAULT_CODES[number]
    return "CSP" if letter else None


def _item(text: str, start: int, number_end: int, end: int) -> str | None:
    before = _ITEM_BEFORE.search(text[max(0, start - 40) : start])
    found = before or _ITEM_AFTER.match(text, number_end) or _ITEM_AFTER.match(text, end)
    return re.sub(r"\s°", "°", found["item"]) if found and found["item"] else None


def names_same(asked: Reference, ref: str) -> bool:
    """Whether a reference, perhaps incomplete (a date alone), designates the canonical ``ref``."""
    if asked.kind == "article":
        return asked.canonical == ref
    known = next((r for r in find_references(ref) if r.kind == asked.kind), None)
    if known is None:
        return False
    chamber = asked.canonical.split(",")[0]
    number = number_key(asked.number)
    return (
        asked.date in (None, known.date)
        and number in (None, number_key(known.number))
        and (chamber == "décision" or ref.startswith(chamber))
    )


def number_key(number: str | None) -> str | None:
    """The number of a decision, however its parts are joined: ``012/2020`` is ``12-2020``."""
    return number and "-".join(part.lstrip("0") or "0" for part in re.findall(r"\d{1,5}", number))


def _decisions(text: str) -> list[Reference]:
    found: list[Reference] = []
    used: set[int] = set()
    numbers = [
        m for m in _DECISION_NUMBER.finditer(text)
        if not _LAW_BEFORE.search(text[max(0, m.start() - 30) : m.start()])
        and not DATE.search(m["number"])  # “n° 20/03/2022” gives a date
    ]  # fmt: skip
    for date in DATE.finditer(text):
        iso = _iso(date)
        context = text[max(0, date.start() - 160) : date.start()]
        after = text[date.end() : date.end() + 60]
        chamber = _chamber(context.rsplit(".", 1)[-1], after)
        number = next((m for m in numbers if 0 <= m.start() - date.end() <= 12), None)
        decided = bool(re.search(r"d[ée]cision|jugement|arr[êe]t\b|affaire", context[-60:], re.I))
        if iso is None or not (chamber or number or decided):
            continue
        if _LAW_BEFORE.search(context[-40:]) and not number:
            continue
        if number:
            used.add(number.start())
        value = number["number"] if number else None
        label = decision_label(chamber or "décision", iso, value)
        end = number.end() if number else date.end()
        found.append(Reference(label, "decision", date.start(), end, date=iso, number=value))
    for match in numbers:
        if match.start() not in used:
            label = decision_label("décision", None, match["number"])
            found.append(
                Reference(label, "decision", match.start(), match.end(), number=match["number"])
            )
    return found


def _chamber(before: str, after: str) -> str | None:
    near = list(_CHAMBER.finditer(before))
    match = near[-1] if near else _CHAMBER.search(after)
    if match is None:
        return None
    name = _CHAMBERS[int((match.lastgroup or "h0")[1:])][1]
    context = (before if near else after)[match.start() : match.end() + 60] + " " + after[:40]
    for pattern, profession in _PROFESSIONS:
        if pattern.search(context):
            return f"{name} {profession}"
    return name
