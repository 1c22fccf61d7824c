"""The known structure of a printed guide, kept as data: see ``corpus/outlines``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "outlines"
_KNOWN_SHARE = 0.9  # of an outline's headings found in a text, for the text to be that guide


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: see the outline's own comments for ``keep`` and ``heads``."""

    text: str
    level: int
    keep: bool = False
    heads: str | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the heading alone on its lines, however these are broken."""
        words = r"\s{1,6}".join(re.escape(word) for word in self.text.split())
        inline = r"(?:\s{0,3}:)?" if self.keep else r"(?:\s{0,3}:)?[ ]{0,4}$"
        return re.compile(rf"^[ ]{{0,8}}(?:[•-] ?)?{words}{inline}(?!\w)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outline:
    """Headings of one guide in the order of its printed text, and its page furniture."""

    title: str
    label: str
    headings: tuple[Heading, ...] = ()
    furniture: tuple[re.Pattern[str], ...] = ()

    def matches(self, text: str) -> bool:
        """Whether ``text`` is this guide: nearly all its headings stand in it."""
        found = sum(1 for heading in self.headings if heading.pattern.search(text))
        return bool(self.headings) and found >= _KNOWN_SHARE * len(self.headings)


@cache
def known_outlines() -> tuple[Outline, ...]:
    """Every outline that ships with the product."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.toml")))


def outline_of(text: str) -> Outline | None:
    """The outline of the guide that ``text`` is, or None when it is none that we know."""
    return next((outline for outline in known_outlines() if outline.matches(text)), None)


def _read(path: Path) -> Outline:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Outline(
        title=data["title"],
        label=data["label"],
        headings=tuple(Heading(**heading) for heading in data["heading"]),
        furniture=tuple(re.compile(p, re.MULTILINE) for p in data["furniture"]),
    )
