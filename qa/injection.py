"""Passages that speak to the assistant instead of stating a rule: they are never answered from.

A defence in depth, by known turns of phrase. What truly protects is elsewhere: documents enter by
the hand of staff, the extractive way obeys nothing, and the gate holds every sentence to a source.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from corpus.text import sentence_spans
from index.hit import Hit
from qa.question import normal_form

# What no statute, decision or guide says, and every order to an assistant does; in normal form.
_ORDER = re.compile(
    r"\b(?:reponds|repondez|ecris|ecrivez|affirme|conclus|confirme|dis|dites|pretends)\b"
    r"\s(?:\w{1,20}\s){0,2}qu(?:e\b|')"
)


def trusted(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """The hits whose passage gives no order, in the same order."""
    return tuple(hit for hit in hits if not gives_orders(hit.passage.text))


@lru_cache(maxsize=8192)
def gives_orders(text: str) -> bool:
    """Whether a passage speaks to the assistant. Remembered: never call it with a question."""
    if _ORDER.search(normal_form(text)):
        return True
    sentences = [normal_form(text[a:b]) for a, b in sentence_spans(text)]
    return any(pattern.search(s) for s in sentences for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    path = Path(__file__).parent / "data" / "refusals.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(re.compile(pattern) for pattern in data["instruction"]["patterns"])
