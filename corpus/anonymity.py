"""Names that a published decision should not show.

The chambers publish their decisions with the parties as initials. A file that still shows a name
may be the version that was served, not the published one: the staff is warned before it enters.
"""

from __future__ import annotations

import re

_TITLE = (
    r"(?:MM?\.|M(?=\s[A-ZÀ-Ý]{2})|Mr\.?|M(?:me|mes|lle|elle)s?\.?|Monsieur|Madame|Mademoiselle"
    r"|Dr\.?|Docteur|docteur|Pr\.?|Professeur)"
)
_PARTICLE = r"(?:(?:de|du|des|d[’']|le|la|el|ben|van|von|De|Du|Des|Le|La|El|Ben)\s?){0,3}"
_NAME = (
    r"(?:[DLO][’'])?[A-ZÀ-Ý](?:[a-zà-ÿ]{1,30}|[A-ZÀ-Ý]{1,30})(?:-[A-ZÀ-Ý][A-Za-zÀ-ÿ]{1,30}){0,2}"
)
_INITIALS = r"(?:[A-ZÀ-Ý](?:\.-?|-)\s?){0,3}"
_TITLED = re.compile(
    rf"\b{_TITLE}[ ]{{1,3}}(?P<name>{_INITIALS}{_PARTICLE}{_NAME}(?:[ ]{_PARTICLE}{_NAME}){{0,3}})"
)
# Those who judge, write and plead sign the published version too.
_OFFICE_BEFORE = re.compile(
    r"(?:rapporteure?|pr[ée]sidente?|assesseure?s?|greffi[èe]re?|conseill[èe]re?s?|ma[îi]tre"
    r"|compos[ée]e? de|lecture du rapport de|rapport de|le rapport pr[ée]sent[ée] par)"
    r"[\s:,(]{0,4}$",
    re.IGNORECASE,
)
_OFFICE_AFTER = re.compile(
    r"[\s,(]{1,4}(?:rapporteure?|pr[ée]sidente?|assesseure?s?|greffi[èe]re?|conseill[èe]re?|membre"
    r"|magistrate?)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"Ainsi\s{1,3}(?:fait|d[ée]lib|jug)[^\n]{0,20}")
_CONTACT = re.compile(
    r"(?<!\d)0[1-9](?:[ .-]?\d{2}){4}(?!\d)|[\w.+-]{1,40}@[\w-]{1,40}\.[a-z]{2,6}"
    r"|\bn[ée]e?\s{1,2}le\s{1,2}\d{1,2}\W{1,2}\w{2,9}\W{1,2}\d{4}"
)
_WORDS = frozenset(
    "Monsieur Madame Président Présidente Procureur Rapporteur Ministre Maire Directeur "
    "Directrice Préfet Juge Conseil Ordre Conseiller".split()
)


def names_left(text: str, most: int = 20) -> tuple[str, ...]:
    """Names after a title of civility, telephone numbers, e-mail addresses, dates of birth.

    The text is repaired: a name is looked for on the line of its title.

    Initials (``M. S.``, ``Mme B``, ``M. J.-P. D.``) are what a published decision shows. Members
    of the chamber, and everything after the closing formula, are left out.
    """
    closing = _CLOSING.search(text)
    body = text[: closing.start()] if closing else text
    found: dict[str, None] = {}
    for match in _TITLED.finditer(body):
        if _is_office(body, match):
            continue
        found.setdefault(" ".join(match.group().split()))
    for match in _CONTACT.finditer(body):
        found.setdefault(" ".join(match.group().split()))
    return tuple(found)[:most]


def _is_office(body: str, match: re.Match[str]) -> bool:
    if _WORDS & set(match["name"].split()[:2]):
        return True
    before, after = body[max(0, match.start() - 50) : match.start()], body[match.end() :][:40]
    return bool(_OFFICE_BEFORE.search(before) or _OFFICE_AFTER.match(after))
