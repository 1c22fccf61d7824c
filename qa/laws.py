"""A law or a circular that is all the question names: the documents cite it, and quote none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.references import DATE, iso_date
from qa.question import normal_form

_NUMBER = re.compile(r"\b\d{2,4}-\d{2,5}(?:/[a-z]?\d{1,3})?\b")
_WORD = re.compile(r"[a-z]{1,30}")
_KINDS = frozenset("loi circulaire decret ordonnance".split())
_BESIDE = frozenset(
    "la l le une cette du de d et n no numero crim que qu dit prevoit dispose est ce c quoi".split()
)


@dataclass(frozen=True, slots=True)
class Law:
    """What a law is known by.

    Attributes:
        date: ISO 8601, if the question gives it.
        number: As ``2004-204``, if the question gives it.
    """

    date: str | None
    number: str | None

    def is_cited(self, sentence: str) -> bool:
        """Whether a sentence of the documents cites it."""
        form = normal_form(sentence)
        if self.number:
            return self.number in _NUMBER.findall(form)
        return self.date in {iso_date(match.group()) for match in DATE.finditer(sentence)}


def law_named(question: str) -> Law | None:
    """The law that a question names, where it holds little else; None otherwise."""
    form = normal_form(question)
    number, date = _NUMBER.search(form), iso_date(question)
    held = set(_WORD.findall(_NUMBER.sub(" ", DATE.sub(" ", form))))
    if not held & _KINDS or held - _KINDS - _BESIDE or not (number or date):
        return None
    return Law(date, number and number.group())
