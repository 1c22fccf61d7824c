"""Text of the corpus, of users and of file names, made inert for Streamlit's Markdown surfaces.

Backslashes alone are not enough there: after parsing, Streamlit and its Markdown extensions still
rewrite *text*: ``--`` and ``->`` become signs, ``:streamlit:`` a picture, ``www.`` and ``@`` links.
These patterns are therefore cut in two by ``:color[…]{}``, a directive without a colour, which
draws a bare ``<span>``: nothing is added to what is seen, copied or read aloud.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

Span = tuple[int, int]

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# One character of each pattern that is rewritten after parsing; the cut goes around it.
_CUTS = re.compile(
    r"(?<=\w):(?=//)"  # https://
    r"|(?<=www)\.|(?<=\w)@(?=\w)"  # literal links of GitHub's Markdown
    r"|(?<=:)streamlit(?=:)"
    r"|(?<=[-<])-|(?<=-)>|(?<=[<>~])=",  # -- <- -> <-> >= <= ~=
    re.IGNORECASE,
)
_BLANK = re.compile(r"[^\S\n\u00a0\u202f]+")
# Kept although they are control or format characters: they matter to French and to some names.
_KEPT = frozenset("\n\u00ad\u200c\u200d")


def clean(text: str) -> str:
    """Drop what no font draws: controls, direction overrides, tags, lone surrogates."""
    return "".join(
        c
        for c in text.replace("\r\n", "\n").replace("\t", " ").replace("\x00", "\ufffd")
        if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cf", "Cs"}
    )


def escape(text: str) -> str:
    """One line of inert Markdown whose visible text is ``text``, blanks folded as HTML does.

    Safe in Markdown bodies and in labels alike.
    """
    flat = " ".join(clean(text).split(" "))
    return _inert(_BLANK.sub(" ", flat.replace("\n", " ")).strip(" "))


def prose(text: str, marks: Sequence[Span] = ()) -> str:
    """Inert Markdown of a text of several paragraphs; the spans ``marks`` are highlighted.

    Args:
        text: Paragraphs separated by blank lines; single line ends are kept as such.
        marks: Disjoint ``(start, end)`` offsets into ``text``.
    """
    lines: list[str] = []
    for start, end in _line_spans(text):
        inner = [(max(a, start) - start, min(b, end) - start) for a, b in marks]
        lines.append(_line(text[start:end], [(a, b) for a, b in inner if a < b]))
    blocks = "\n".join(lines).strip("\n")
    # A line end inside a paragraph is a hard break; runs of blank lines part paragraphs.
    return re.sub(r"(?<=[^\n])\n(?=[^\n])", "\\\\\n", re.sub(r"\n{2,}", "\n\n", blocks))


def _line_spans(text: str) -> list[Span]:
    spans, start = [], 0
    for match in re.finditer(r"\n", text):
        spans.append((start, match.start()))
        start = match.end()
    return [*spans, (start, len(text))]


def _line(line: str, marks: Sequence[Span]) -> str:
    if not line.strip():
        return ""
    parts, done = [], 0
    for start, end in sorted(marks):
        parts.append(_inert(_fold(line[done:start])))
        marked = _fold(line[start:end])
        inner = marked.strip(" ")  # blanks at a directive's edges would be lost
        lead = marked[: len(marked) - len(marked.lstrip(" "))]
        tail = marked[len(lead) + len(inner) :]
        parts.append(f"{lead}:yellow-background[{_inert(inner)}]{tail}" if inner else marked)
        done = end
    parts.append(_inert(_fold(line[done:])))
    return "".join(parts).strip(" ")


def _fold(text: str) -> str:
    return _BLANK.sub(" ", clean(text))


def _inert(text: str) -> str:
    parts, done = [], 0
    for match in _CUTS.finditer(text):
        parts.append(_backslashed(text[done : match.start()]))
        parts.append(":color[" + _backslashed(match.group()) + "]{}")
        done = match.end()
    parts.append(_backslashed(text[done:]))
    return "".join(parts)


def _backslashed(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", text)
