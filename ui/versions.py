"""The versions of an article, and what changed between two of them, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from corpus.passage import Passage
from ui.escape import prose

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


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


def compare(old: Sequence[Passage], new: Sequence[Passage]) -> list[Change]:
    """What stays, goes and comes, in reading order."""
    before, after = _tokens(old), _tokens(new)
    changes: list[Change] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            changes.append(Change("same", "".join(before[a:b])))
            continue
        if a < b:
            changes.append(Change("removed", "".join(before[a:b])))
        if c < d:
            changes.append(Change("added", "".join(after[c:d])))
    return changes


def _tokens(passages: Sequence[Passage]) -> list[str]:
    return _TOKEN.findall("\n\n".join(p.text for p in passages))


def as_markdown(changes: Sequence[Change]) -> str:
    """Inert Markdown: what was removed is struck through, what was added is highlighted."""
    parts = []
    for change in changes:
        lead = change.text[: len(change.text) - len(change.text.lstrip())]
        tail = change.text[len(change.text.rstrip()) :] if change.text.strip() else ""
        inner = prose(change.text.strip())
        if not inner or change.kind == "same" or "\n" in inner:
            parts.append(f"{lead}{inner}{tail}")
        elif change.kind == "removed":
            parts.append(f"{lead}~~:red[{inner}]~~{tail}")
        else:
            parts.append(f"{lead}:green-background[{inner}]{tail}")
    return "".join(parts)
