"""Repair of text as it comes out of a page layout, and its division into sentences.

The words are kept verbatim: only what the layout added is undone (line ends, line-end hyphens,
ligatures, kinds of spaces). Every expression here is bounded, so its cost is linear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st"}
)
_SPACES = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]")
_INVISIBLE = re.compile(
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]"
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+){0,6}")
# A hyphen at the end of a line, between two letters or two digits.
_LINE_END_HYPHEN = re.compile(r"(\w{1,60})-[ ]{0,4}\n[ ]{0,8}([\w-]{1,60})")
_ITEM_START = re.compile(
    r"[ ]{0,8}(?:[-•–]\s|\d{1,2}°\s|[IVX]{1,5}(?:\s(?:bis|ter|quater))?\.\s|$)"
)

# Abbreviations whose full stop does not end a sentence, in legal French.
_ABBREVIATIONS = frozenset(
    "art al l r d a n p c v m mm mme mlle dr pr me rec cf éd obs chap ch fasc dir req crim civ"
    " soc com cass bull égal préc st ste s t no vol ibid op cit".split()
)
_BOUNDARY = re.compile(
    r"(?<=[.!?…])(?:\][ ]?»|[ ]?»|[ ]?\)|\]|”)?[ ]+(?=[«“(]?[ ]?[A-ZÀ-ÖØ-ÞŒ0-9\[])|\n+"
)
_LAST_TOKEN = re.compile(r"([^\s’'(«]{1,30})\.$")
_ITEM_LABEL = re.compile(r"\s{0,4}(?:[IVX]{1,5}|\d{1,3})(?:\s(?:bis|ter|quater))?\.$")
# A single leading space is what a page break leaves at the start of the first line of a page.
_PAGE_START = re.compile(r" (?=[^\s\da-z])|[ ](?=\d{1,2}°)")


def normalise(raw: str) -> str:
    """Undo encodings of the layout: NFC, ligatures, invisible characters, kinds of spaces."""
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INVISIBLE.sub("", text.translate(_LIGATURES))
    return _SPACES.sub(" ", text)


def vocabulary(text: str) -> frozenset[str]:
    """Lower-cased words of a text that no line end has cut (hyphenated words as one)."""
    whole = _LINE_END_HYPHEN.sub(" ", text)
    return frozenset(word.lower() for word in _WORD.findall(whole))


def dehyphenate(text: str, words: Iterable[str] = ()) -> str:
    """Join the words cut at line ends, keeping the hyphens that belong to the word.

    The words that stand whole elsewhere in the text, or in ``words``, decide: a cut word that
    exists joined is joined (``kiné-⏎sithérapeute``), one that exists hyphenated keeps its hyphen
    (``masseur-⏎kinésithérapeute``), two halves that are both words keep it (``ayants-⏎droits``),
    and so do digits (``4321-⏎55``). Anything else is a syllable break, and is joined.
    """
    known = vocabulary(text) | {word.lower() for word in words}

    def join(match: re.Match[str]) -> str:
        left, right = match.group(1), match.group(2)
        return f"{left}{'-' if _keeps_hyphen(left, right, known) else ''}{right}"

    return _LINE_END_HYPHEN.sub(join, text)


def _keeps_hyphen(left: str, right: str, known: frozenset[str]) -> bool:
    if left[-1].isdigit() or right[0].isdigit():
        return True
    head = right.split("-", 1)[0].lower()
    left, right = left.lower(), right.lower()
    if left + right in known:
        return False
    if f"{left}-{right}" in known or f"{left}-{head}" in known:
        return True
    if left + head in known:
        return False
    return len(left) > 3 and len(head) > 3 and left in known and head in known


def join_lines(text: str) -> str:
    """Make each paragraph one line; paragraphs are separated by one blank line.

    A list item, a numbered item or the first line of a page opens a paragraph of its own, even
    without a blank line before it.
    """
    paragraphs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if paragraphs[-1] and (_ITEM_START.match(line) or _PAGE_START.match(line)):
            paragraphs.append([])
        if line.strip():
            paragraphs[-1].append(" ".join(line.split()))
    return "\n\n".join(" ".join(lines) for lines in paragraphs if lines)


def repair(raw: str, words: Iterable[str] = ()) -> str:
    """The whole repair of a plain text: normalise, join cut words, join lines.

    Args:
        raw: Text as extracted, one layout line a line.
        words: Further words known to be whole, for short texts.
    """
    return join_lines(dehyphenate(normalise(raw), words))


def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Offsets ``(start, end)`` of the sentences of a text, without surrounding spaces.

    A full stop after a legal abbreviation (``art. L. 1110-4``, ``M. S.``) ends nothing; a line
    end always does; text between French quotation marks is cut like any other.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        if "\n" not in match.group() and _is_abbreviation(text[start : match.start() + 1]):
            continue
        if _inside_cut_quotation(text, match):
            continue
        end = match.start() + len(match.group().rstrip(" \n"))
        _append(spans, text, start, end)
        start = match.end()
    _append(spans, text, start, len(text))
    return tuple(spans)


@lru_cache(maxsize=1 << 13)
def passage_sentences(text: str) -> tuple[tuple[int, int], ...]:
    """The same of a passage's text, kept since several stages ask for it; never for a question."""
    return sentence_spans(text)


def _inside_cut_quotation(text: str, match: re.Match[str]) -> bool:
    """Whether the boundary touches “[…]”, which stands for words of the sentence quoted."""
    if "\n" in match.group():
        return False
    return text.startswith("[…]", match.end()) or text[: match.end()].rstrip().endswith("« […]")


def _is_abbreviation(before: str) -> bool:
    if _ITEM_LABEL.fullmatch(before.rstrip()):
        return True
    match = _LAST_TOKEN.search(before.rstrip())
    if match is None:
        return False
    token = match.group(1)
    return token.lower() in _ABBREVIATIONS or (len(token) == 1 and token.isupper())


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if piece.strip():
        left = start + len(piece) - len(piece.lstrip())
        spans.append((left, left + len(piece.strip())))
