"""Identifiers of fixed shape: social security numbers, telephones, addresses, accounts.

Every expression is bounded. References to the law are found first and never masked.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from corpus.references import DATE, Reference
from index.analysis import fold

Label = Literal[
    "NOM", "NIR", "TELEPHONE", "COURRIEL", "NAISSANCE", "ADRESSE", "RPPS", "IBAN", "NUMERO"
]


@dataclass(frozen=True, slots=True)
class Span:
    """Something to mask: its kind, its offsets, and whether the signs are sure."""

    label: Label
    start: int
    end: int
    sure: bool = True


_S = r"[\s.\-/_]{0,2}"
_NIR = re.compile(
    rf"(?<![\d])[1-478](?:{_S}\d){{4}}{_S}(?:\d{_S}\d|2{_S}[AaBb])(?:{_S}\d){{6}}(?:{_S}\d){{0,2}}(?!\d)"
)
_NIR_SHORT = re.compile(
    r"(?:s[ée]cu(?:rit[ée]\ssociale)?|\bn\.?i\.?r\b\.?|\bn\.?s\.?s\b\.?)\W{0,3}(?:\w{1,6}\W{1,3}){0,2}"
    rf"(?P<v>[1-478](?:{_S}[\dABab]){{5,14}})(?!\d)",
    re.IGNORECASE,
)
_PHONE = re.compile(
    rf"(?<![\d/])(?:(?:\+|00){_S}\d{{1,3}}{_S}(?:\(0\))?(?:{_S}\d){{8,10}}|0{_S}[1-9](?:{_S}\d){{8}})(?!\d)"
)
_MAIL = re.compile(
    r"(?<![\w.+%'-])[\w.+%'-]{1,200}\s{0,2}(?:@|\(at\)|\[at\]|\barobase\b|\(a\))\s{0,2}"
    r"[\w-]{1,63}(?:\s?(?:\.|\bpoint\b|\(point\))\s?[\w-]{2,63}){1,4}",
    re.IGNORECASE,
)
_IBAN = re.compile(
    r"(?<!\w)[A-Za-z]{2}\s?\d{2}(?:[\s-]?[A-Za-z0-9]{4}){2,7}(?:[\s-]?[A-Za-z0-9]{1,4})?(?!\w)"
)
_RPPS = re.compile(
    rf"(?:rpps|adeli|finess|am\b)\W{{0,3}}(?:\w{{1,3}}\W{{1,3}}){{0,2}}(?P<v>\d(?:{_S}\d){{7,10}})(?!\d)"
    rf"|(?<![\d])(?P<bare>10\d(?:{_S}\d){{8}})(?!\d)",
    re.IGNORECASE,
)
_LONG = re.compile(r"(?<![\w])\d(?:[\s.-]?\d){7,22}(?![\d])(?!\s?(?:€|euros?\b))")
_ANY_DATE = (
    r"(?:\d{1,2}\s?[/.\-\s]\s?\d{1,2}\s?[/.\-\s]\s?(?:\d{4}|\d{2})(?!\d)|\d{4}-\d{2}-\d{2}|"
    r"\d{1,2}(?:er)?\s[a-zéûèA-Z]{3,9}\.?\s\d{2,4}|(?:[a-zéû]{3,9}\s)?(?:19|20)\d{2}(?!\d))"
)
_BIRTH = re.compile(
    r"(?:\bn[ée]{1,2}e?s?\s?(?:\(e\))?|\bnaissance|\bddn|\bd\.d\.n\.?|\bnaquit)"
    rf"\W{{0,3}}(?:(?:le|en|date|est|du|:)\W{{1,3}}){{0,3}}(?P<v>{_ANY_DATE})",
    re.IGNORECASE,
)
_LEGAL_CUE = re.compile(
    r"\b(?:lois?|d[ée]crets?|ordonnances?|circulaires?|d[ée]cisions?|jugements?|arr[êe]ts?|affaires?|"
    r"chambres?|cdn|cdpi|audience|guide|version|n\s?[°o]|codes?|articles?|art\.?)\b[^.!?\n]{0,80}$",
    re.IGNORECASE,
)
_LAW_NUMBER = re.compile(r"\bn\s?[°ºo]s?\s{0,3}\d[\d/.\-]{1,24}(?:[A-Z]\d{1,3})?", re.IGNORECASE)


@cache
def _lists() -> dict[str, frozenset[str]]:
    path = Path(__file__).parent / "data" / "privacy.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: frozenset(words.split()) for table in tables.values() for name, words in table.items()
    }


def word_list(name: str) -> frozenset[str]:
    """A list of ``privacy.toml``, without accents."""
    return _lists()[name]


def _street() -> str:
    return "|".join(sorted(map(re.escape, word_list("streets")), key=len, reverse=True))


@cache
def _address() -> re.Pattern[str]:
    street = _street()
    name = (
        r"(?:(?:de|du|des|la|le|les|aux?|saint|sainte|st|ste|general|docteur|dr|marechal)[\s-]|[ld]['’]){0,4}"
        r"[^\W_][\w'’-]{1,30}(?:\s(?:(?:de|du|des|la|le|les|et)\s){0,2}[A-Z][\w'’-]{1,30}){0,3}"
    )
    code = (
        r"(?:\s?[,;-]?\s?(?:a\s)?\d{5}(?:\s[^\W\d_][\w'’-]{1,30}(?:\s[A-Z][\w'’-]{1,30}){0,2})?)?"
    )
    return re.compile(
        rf"(?<![\w-])(?:\d{{1,4}}\s?(?:bis|ter|quater|[a-dA-D]\b)?\s?,?\s?(?:{street})\.?\s{name}{code}"
        rf"|\d{{5}}\s[A-Z][\w'’-]{{1,30}}(?:[\s-][A-Z][\w'’-]{{1,30}}){{0,2}}"
        rf"|(?:{street})\s{name}\s?,?\s?\d{{5}}(?:\s[\w'’-]{{2,30}})?)",
    )


_LIVES = re.compile(
    r"\b(?:habit(?:e|ent|ait|ant)|demeur(?:e|ent|ait|ant)|domicili(?:e|ee|es)|resid(?:e|ait|ant)|adresse)"
    r"\W{1,3}(?:(?:est|au|a|chez|le|la|dans|:)\W{1,2}){0,2}(?P<v>[^.!?\n;,]{3,80})",
    re.IGNORECASE,
)


def find_legal(text: str, references: Sequence[Reference]) -> list[tuple[int, int]]:
    """Offsets of what is law and is never masked: references, and dates and numbers of texts."""
    spans = [(r.start, r.end) for r in references]
    spans += [m.span() for m in _LAW_NUMBER.finditer(text)]
    for match in DATE.finditer(text):
        born = any(m.start("v") <= match.start() < m.end("v") for m in _BIRTH.finditer(text))
        if not born and _LEGAL_CUE.search(text[max(0, match.start() - 100) : match.start()]):
            spans.append(match.span())
    return spans


def find_identifiers(text: str, legal: Sequence[tuple[int, int]]) -> list[Span]:
    """Every identifier of fixed shape, the surest kinds first; overlaps are left to the caller."""
    plain = _aligned_fold(text)
    found = [
        *(Span("COURRIEL", *m.span()) for m in _MAIL.finditer(text)),
        *(Span("NIR", *m.span()) for m in _NIR.finditer(text) if _is_nir(m.group())),
        *(Span("NIR", *m.span("v")) for m in _NIR_SHORT.finditer(text)),
        *(Span("IBAN", *m.span()) for m in _IBAN.finditer(text) if _is_iban(m.group())),
        *(Span("RPPS", *m.span("v" if m["v"] else "bare")) for m in _RPPS.finditer(text)),
        *(Span("NAISSANCE", *m.span("v")) for m in _BIRTH.finditer(text)),
        *(Span("ADRESSE", *m.span()) for m in _address().finditer(plain)),
        *_homes(plain),
    ]
    found += [Span("TELEPHONE", *m.span()) for m in _PHONE.finditer(text)]
    found += [Span("NUMERO", *m.span()) for m in _LONG.finditer(text)]
    return [s for s in found if not any(a < s.end and s.start < b for a, b in legal)]


def _homes(plain: str) -> list[Span]:
    """What follows “habite”, up to the end of its phrase, when it names a place."""
    found = []
    for match in _LIVES.finditer(plain):
        value = re.split(r"\s(?:et|qui|mais|ou|est|me|m|depuis|avec)\b", match["v"], maxsplit=1)[0]
        if (
            re.search(r"\d", value)
            or re.match(r"[A-Z]", value)
            or re.match(rf"(?:{_street()})\s", value)
        ):
            found.append(Span("ADRESSE", match.start("v"), match.start("v") + len(value.rstrip())))
    return found


def _aligned_fold(text: str) -> str:
    """The text without accents, each character in its place."""
    return "".join(folded if len(folded := fold(c)) == 1 else c for c in text)


def nir_key(body: str) -> int:
    """Key of a social security number: 97 − (N mod 97), 2A counting as 19 and 2B as 18."""
    digits = body.upper().replace("2A", "19", 1) if body[5:7].upper() == "2A" else body
    digits = digits.upper().replace("2B", "18", 1) if body[5:7].upper() == "2B" else digits
    return 97 - int(digits) % 97


def _is_nir(written: str) -> bool:
    """Its key is right; or its month is possible, for a number without key or mistyped."""
    body = re.sub(r"[^\dA-Za-z]", "", written)
    if len(body) == 15 and int(body[13:]) == nir_key(body[:13]):
        return True
    month = int(body[3:5])
    return len(body) in (13, 14, 15) and (1 <= month <= 12 or 20 <= month <= 99)


def _is_iban(written: str) -> bool:
    """A French shape, or the international check (ISO 13616: the number modulo 97 is 1)."""
    body = re.sub(r"[\s-]", "", written).upper()
    if body.startswith("FR") and len(body) >= 20:
        return True
    if not 15 <= len(body) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in body[4:] + body[:4])) % 97 == 1
