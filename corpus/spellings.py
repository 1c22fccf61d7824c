"""References as people type them, brought to the spelling of the law before anything is looked up.

``56.3``, ``226/14``, ``R.4321.55`` and ``4321-55`` are no references to :mod:`corpus.references`,
which reads documents too and must not take an amount or a telephone number for an article. In a
question they are, when the number is one that the texts of this subject have.
"""

from __future__ import annotations

import re

from corpus.references import DEFAULT_CODES

_LETTER_OF = {
    "1110": "L", "1111": "L", "1130": "L", "4323": "L", "6147": "L", "4321": "R", "4127": "R",
}  # fmt: skip
"""The letter of the public health code's articles on the subject, by the number before the dash."""

_SPACE, _DASHES = r"[ \u00a0]", r"\-\u2010-\u2015\u2212"
_LOOSE = re.compile(
    rf"(?<![\w./{_DASHES}])(?:(?P<letter>[LRD])(?:\s?\*)?\s?\.?\s?)?(?P<first>\d{{2,4}})"
    rf"{_SPACE}?[./_{_DASHES} \u00a0]{_SPACE}?(?P<second>\d{{1,3}}(?:-\d{{1,2}})?)"
    rf"(?![\w/{_DASHES}]|\.\d)(?!{_SPACE}?(?:\d\d|€|euros?\b|ans?\b|%|mois\b|jours?\b))",
    re.IGNORECASE,
)
_DECISION = re.compile(
    rf"\b(?P<court>cdn|cdpi|d[ée]cision|affaire)(?P<of>{_SPACE}(?:mk|m[ée]decins?|kin[ée]s?))?"
    rf"{_SPACE}(?:num[ée]ro{_SPACE}|no?{_SPACE}|#)?"
    rf"(?P<number>\d{{2,5}}[/{_DASHES}]\d{{2,5}}(?:[/{_DASHES}]\d{{1,5}})?)(?![\w/])",
    re.IGNORECASE,
)


def as_in_law(text: str) -> str:
    """A question with its references spelt as the law spells them; all else as typed."""
    text = _LOOSE.sub(_article, text)
    return _DECISION.sub(
        lambda found: f"{found['court']}{found['of'] or ''} n° {found['number']}", text
    )


def _article(found: re.Match[str]) -> str:
    letter = (found["letter"] or "").upper()
    number = f"{found['first']}-{found['second']}"
    if not letter and number in DEFAULT_CODES:
        return number
    letter = letter or _LETTER_OF.get(found["first"], "")
    known = found["first"] in _LETTER_OF or f"{letter}. {number}" in DEFAULT_CODES
    return f"{letter}. {number}" if letter and known else found[0]
