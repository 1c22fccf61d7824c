"""The patterns of a gold set: what may stand in one, and what it does to a text.

They come from files, so they are held to a form whose cost is known: bounded repeats, none inside
another. On a text of n characters such a pattern takes time linear in n.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\]){0,500}\]|\{\d{0,9}(?:,\d{0,9})?\}|.", re.DOTALL)


def fault(pattern: str) -> str | None:
    """Return why a pattern is refused, or ``None``.

    Refused: what does not compile, a repeat without an upper bound, a repeat of a group that itself
    repeats, and what matches the empty text and so every text.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # `[[` and the like will change meaning: refuse them now
            compiled = re.compile(pattern, re.IGNORECASE)
    except (re.error, Warning, OverflowError) as error:
        return f"does not compile ({error})"
    return _repeats(pattern) or ("matches the empty text" if compiled.search("") else None)


def met(patterns: Iterable[str], text: str) -> bool:
    """Whether any of the patterns matches somewhere in the text, case aside."""
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def _repeats(pattern: str) -> str | None:
    inside = [False]  # one entry an open group: does it hold a repeat?
    group = False  # was the last thing read a group that holds one?
    for piece in _TOKEN.findall(pattern):
        most = _most(piece)
        if piece == "(":
            inside.append(False)
        if most is None:
            return f"has a repeat without an upper bound ({piece}): write {{0,60}}"
        if most > 1 and group:
            return f"repeats ({piece}) a group that repeats"
        inside[-1] |= most > 1
        group = piece == ")" and len(inside) > 1 and inside.pop()
        inside[-1] |= group
    return None


def _most(token: str) -> int | None:
    """How often a quantifier allows what it follows, ``None`` for no bound; 1 for other tokens."""
    if token in ("*", "+"):
        return None
    if len(token) < 3 or token[0] != "{":
        return 1
    high = token[1:-1].rpartition(",")[2]
    return int(high) if high else None
