"""Masking of what identifies a person, before anything leaves the machine.

This is pseudonymisation, never anonymisation: a situation told in detail may still designate
someone, and names are recognised by their surroundings only (see ``docs/privacy.md`` for the
measured share). That is why the author is shown the exact text that would leave, each time.

Fail-closed: a text too long, or still holding an identifier once masked, raises
:class:`MaskingFailed`, and nothing is sent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.references import find_references
from qa.errors import MaskingFailed
from qa.identifiers import Label, Span, find_identifiers, find_legal
from qa.names import find_names

MAX_LENGTH = 8_000  # characters, before any normalisation: NFKC is quadratic on hostile input
_CHECKED_AGAIN: frozenset[Label] = frozenset({"NIR", "TELEPHONE", "COURRIEL", "IBAN", "NUMERO"})


@dataclass(frozen=True, slots=True)
class Masked:
    """A text whose identifiers are replaced by their kinds.

    Attributes:
        text: What may be shown to its author as leaving: ``[NOM 1]``, ``[TELEPHONE 1]``…
        labels: Kinds of what was masked, each once, in order of appearance.
        spans: What was masked, by its offsets in :func:`clean` of the text.
    """

    text: str
    labels: tuple[Label, ...]
    spans: tuple[Span, ...]


def clean(text: str) -> str:
    """Compatibility forms and invisible characters undone, so that no digit or letter hides.

    Raises:
        MaskingFailed: The text is longer than :data:`MAX_LENGTH`.
    """
    if len(text) > MAX_LENGTH:
        raise MaskingFailed(f"the text has more than {MAX_LENGTH} characters: shorten the question")
    kept = "".join(_visible(c) for c in text)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", kept))


def _visible(char: str) -> str:
    """A character as it is seen: invisible ones go, controls become spaces."""
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return " " if category in ("Cc", "Cs") and char != "\n" else char


def mask(text: str) -> Masked:
    """Replace every identifier found by its kind and a number, the same for the same value.

    Raises:
        MaskingFailed: The text is too long, or an identifier is still seen after masking.
    """
    cleaned = clean(text)
    spans = _spans(cleaned)
    numbers: dict[tuple[Label, str], int] = {}
    pieces: list[str] = []
    end = 0
    for span in spans:
        value = (span.label, cleaned[span.start : span.end].casefold())
        if value not in numbers:
            numbers[value] = 1 + sum(label == span.label for label, _ in numbers)
        pieces += [cleaned[end : span.start], f"[{span.label} {numbers[value]}]"]
        end = span.end
    masked = "".join(pieces) + cleaned[end:]
    left = [s.label for s in _spans(masked) if s.label in _CHECKED_AGAIN]
    if left:
        raise MaskingFailed(f"a {left[0]} is left after masking: rewrite the question")
    return Masked(masked, tuple(dict.fromkeys(s.label for s in spans)), spans)


def looks_identifying(text: str) -> tuple[Label, ...]:
    """Kinds of identifiers that a question seems to hold, to warn its author; () when none.

    A capitalised word that is merely unknown is masked, but is no reason to warn.
    """
    spans = _spans(clean(text[:MAX_LENGTH]))
    return tuple(dict.fromkeys(s.label for s in spans if s.sure))


def without_persons(text: str) -> str:
    """A text without the identifiers that are surely some: what is left is what it asks.

    A name or a telephone number finds nothing in the documents, and only hides the question.
    """
    cleaned = clean(text)
    for span in reversed(_spans(cleaned)):
        if span.sure:
            cleaned = f"{cleaned[: span.start]} {cleaned[span.end :]}"
    return cleaned


def names_in(text: str) -> frozenset[str]:
    """The words of what is surely a name of a person in a text."""
    cleaned = clean(text)
    return frozenset(
        word
        for span in _spans(cleaned)
        if span.label == "NOM" and span.sure
        for word in cleaned[span.start : span.end].split()
    )


def _spans(text: str) -> tuple[Span, ...]:
    """What to mask, in order, none overlapping; the surest and then the longest first."""
    kept: list[Span] = []
    legal = find_legal(text, find_references(text))
    identifiers = find_identifiers(text, legal)
    names = find_names(text, legal + [(s.start, s.end) for s in identifiers])
    for span in _by_strength([*identifiers, *names]):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return tuple(sorted(kept, key=lambda s: s.start))


def _by_strength(spans: Iterable[Span]) -> list[Span]:
    return sorted(spans, key=lambda s: (not s.sure, s.start - s.end))
