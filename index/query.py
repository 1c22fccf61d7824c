"""A question, read once: its references, its words, and what was meant by mistyped ones."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from corpus.references import Reference, find_references
from corpus.spellings import as_in_law
from index.analysis import Word, words
from index.spelling import Spelling

MAX_CHARACTERS = 2_000
"""What is read of a question. The cut comes before any other work: normalising a hostile text of
a hundred thousand combining marks would take seconds."""


@dataclass(frozen=True, slots=True)
class Query:
    """What retrieval knows of a question.

    Attributes:
        text: As typed, in NFC, cut at `MAX_CHARACTERS`, references spelt as the law spells them.
        meant: The same with accents put back and mistyped words corrected, for the encoder.
        typed: Its words as typed.
        words: Its words as meant, one for each of ``typed``.
        references: Its legal references.
    """

    text: str
    meant: str
    typed: tuple[Word, ...]
    words: tuple[Word, ...]
    references: tuple[Reference, ...]

    @classmethod
    def read(cls, text: str, spelling: Spelling) -> Query:
        """Read a question."""
        text = as_in_law(unicodedata.normalize("NFC", text[:MAX_CHARACTERS]))
        references = find_references(text)
        typed = words(text, references)
        meant = tuple(_meant(word, spelling) for word in typed)
        return cls(text, _rewrite(text, typed, meant), typed, meant, references)


def _meant(word: Word, spelling: Spelling) -> Word:
    if word.exact or word.empty:
        return word
    form = spelling.restore(word.form)
    return word if form == word.form else replace(word, form=form)


def _rewrite(text: str, typed: tuple[Word, ...], meant: tuple[Word, ...]) -> str:
    parts: list[str] = []
    end = 0
    for before, after in zip(typed, meant, strict=True):
        if before.form != after.form:
            parts += [text[end : before.start], after.form]
            end = before.end
    return "".join((*parts, text[end:]))
