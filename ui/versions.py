"""The versions of an article, and what changed between two of them, word by word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from corpus.passage import Passage
from ui import norms, wording
from ui.escape import prose

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_FOLDED = {"’": "'", "\u2010": "-", "\u2011": "-"}


@dataclass(frozen=True, slots=True)
class Change:
    """A run of text, and whether it stands in both versions or in one."""

    kind: Literal["same", "removed", "added"]
    text: str


def group(passages: Sequence[Passage]) -> list[tuple[Passage, ...]]:
    """The passages of one article by version, oldest first; those without a date come first."""
    found: dict[tuple[str, str], list[Passage]] = {}
    for passage in passages:
        found.setdefault((passage.in_force_from or "", passage.source), []).append(passage)
    return [tuple(sorted(found[key], key=lambda p: p.start)) for key in sorted(found)]


def names(by_version: Sequence[Sequence[Passage]], titles: Mapping[str, str]) -> list[str]:
    """What tells each version from the others: its dates; its document's title too where needed.

    Args:
        by_version: As :func:`group` gives them.
        titles: Source id to title.
    """
    dated = []
    for own in by_version:
        known = norms.version(own[0]) or wording.NO_VERSION
        dated.append(known[0].upper() + known[1:])
    return [
        f"{said} · {titles[own[0].source]}" if dated.count(said) > 1 else said
        for said, own in zip(dated, by_version, strict=True)
    ]


def compare(old: Sequence[Passage], new: Sequence[Passage]) -> list[Change]:
    """What stays, goes and comes, in reading order; what stays is given as the new one has it.

    Apostrophes, hyphens and blanks differ from one publisher to another, not from one law to
    another: they are compared alike.
    """
    before, after = _tokens(old), _tokens(new)
    changes: list[Change] = []
    matcher = SequenceMatcher(None, [*map(_alike, before)], [*map(_alike, after)], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            changes.append(Change("same", "".join(after[c:d])))
            continue
        if a < b:
            changes.append(Change("removed", "".join(before[a:b])))
        if c < d:
            changes.append(Change("added", "".join(after[c:d])))
    return changes


def fold(text: str) -> str:
    """A text as it is compared."""
    return "".join(map(_alike, _TOKEN.findall(text)))


def _alike(token: str) -> str:
    return _FOLDED.get(token, token) if token.strip() else ("\n\n" if "\n\n" in token else " ")


def _tokens(passages: Sequence[Passage]) -> list[str]:
    return _TOKEN.findall("\n\n".join(p.text for p in passages))


def as_markdown(changes: Sequence[Change]) -> str:
    """Inert Markdown: each change in a colour, with its name, which the style sheet hides.

    Directives rather than ``~~``, which Markdown does not read beside an apostrophe.
    """
    return "".join(
        part if change.kind == "same" or not part.strip() else _marked(change.kind, part)
        for change in changes
        for part in _parts(change)
    )


def _parts(change: Change) -> list[str]:
    """A change is marked paragraph by paragraph; its blanks stay outside the marks."""
    if change.kind != "same":
        return re.split(r"(\n+)", change.text)
    lead = change.text[: len(change.text) - len(change.text.lstrip())]
    tail = change.text[len(change.text.rstrip()) :] if change.text.strip() else ""
    return [lead, prose(change.text), tail]


def _marked(kind: Literal["removed", "added"], text: str) -> str:
    inner = text.strip()
    lead, tail = text[: text.index(inner)], text[text.index(inner) + len(inner) :]
    colour = {"removed": "red", "added": "green-background"}[kind]
    label = f":small[{wording.CHANGES[kind]}\\: ]"
    return f"{lead}:{colour}[{label}{prose(inner)}]{tail}"
