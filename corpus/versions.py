"""Which version of an article applies on a day, and what changed between two wordings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal

from corpus.passage import Document, Passage
from corpus.wording import LAW

_TOKEN = re.compile(r"\w+|[^\w\s]")
_SAME = str.maketrans({"’": "'", "‘": "'", "«": '"', "»": '"', "“": '"', "”": '"', "–": "-",
                       "—": "-", "œ": "oe", "É": "E", "È": "E", "À": "A"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """One dated wording of an article: ``start`` ≤ day < ``end`` (``None``: open)."""

    ref: str
    id: str
    source: str
    start: str
    end: str | None
    text: str
    url: str | None

    def applies(self, day: str) -> bool:
        """Whether it is in force on a day (ISO 8601)."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an article on a day.

    Attributes:
        state: ``in_force``; ``ended`` (a version applied before, none does now); ``future``;
            ``unknown`` when no dated version is in the library.
        version: The version in force, else the nearest one that the state is about.
    """

    state: Literal["in_force", "ended", "future", "unknown"]
    version: Version | None = None


@dataclass(frozen=True)
class Versions:
    """Every dated version of a library."""

    all: tuple[Version, ...]

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Versions:
        """The versions among some documents."""
        return cls.among(p for document in documents for p in document.passages)

    @classmethod
    def among(cls, passages: Iterable[Passage]) -> Versions:
        """The versions among some passages: articles whose first day in force is known."""
        dated: dict[tuple[str | None, ...], list[Passage]] = defaultdict(list)
        for passage in passages:
            if passage.kind == "article" and passage.in_force_from:
                key = (passage.source, passage.ref, passage.url, passage.in_force_from)
                dated[key].append(passage)
        return cls(tuple(_version(group) for group in dated.values()))

    @cached_property
    def _by_ref(self) -> dict[str, list[Version]]:
        found: dict[str, list[Version]] = defaultdict(list)
        for version in sorted(self.all, key=lambda v: (v.start, v.id)):
            found[version.ref].append(version)
        return dict(found)

    @property
    def refs(self) -> tuple[str, ...]:
        """References that have at least one version."""
        return tuple(self._by_ref)

    def history(self, ref: str) -> tuple[Version, ...]:
        """Versions of an article, oldest first, those without effect included."""
        return tuple(self._by_ref.get(ref, ()))

    def in_force(self, ref: str, day: str | None = None) -> Version | None:
        """The version in force on a day, today by default; the later one where two overlap."""
        when = day or date.today().isoformat()
        applying = [v for v in self._by_ref.get(ref, ()) if v.applies(when)]
        return applying[-1] if applying else None

    def standing(self, ref: str, day: str | None = None) -> Standing:
        """What may be said of an article on a day, today by default."""
        when = day or date.today().isoformat()
        current = self.in_force(ref, when)
        if current is not None:
            return Standing("in_force", current)
        effective = [v for v in self._by_ref.get(ref, ()) if v.end != v.start]
        past = [v for v in effective if v.start <= when]
        if past:
            return Standing("ended", past[-1])
        return Standing("future", effective[0]) if effective else Standing("unknown")

    def problems(self) -> tuple[str, ...]:
        """Days on which two versions of one article would both apply, in French."""
        found = []
        for ref, versions in self._by_ref.items():
            effective = [v for v in versions if v.end != v.start]
            for i, a in enumerate(effective):
                for b in effective[i + 1 :]:
                    if a.applies(b.start):
                        found.append(LAW["overlap"].format(ref=ref, a=a.id, b=b.id, day=b.start))
        return tuple(found)


def _version(passages: Sequence[Passage]) -> Version:
    first = passages[0]
    return Version(
        ref=first.ref,
        id=first.url.rsplit("/", 1)[-1] if first.url else first.source,
        source=first.source,
        start=first.in_force_from or "",
        end=first.in_force_to,
        text="\n\n".join(p.text for p in passages if p.item != "nota"),
        url=first.url,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of words: in both wordings, only in the first, or only in the second."""

    kind: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A quotation beside the version in force, word by word."""

    ref: str
    source: str
    version: Version
    changes: tuple[Change, ...]

    @property
    def identical(self) -> bool:
        """Whether no word differs (kinds of quotation marks and apostrophes aside)."""
        return all(change.kind == "same" for change in self.changes)


def compare(before: str, after: str) -> tuple[Change, ...]:
    """Differences between two wordings, word by word; typography alone is no difference."""
    old, new = _tokens(before), _tokens(after)
    match = SequenceMatcher(None, _keys(old), _keys(new), autojunk=False)
    changes: list[Change] = []
    for op, a0, a1, b0, b1 in match.get_opcodes():
        if op == "equal":
            changes.append(Change("same", _slice(after, new, b0, b1)))
            continue
        if a1 > a0:
            changes.append(Change("removed", _slice(before, old, a0, a1)))
        if b1 > b0:
            changes.append(Change("added", _slice(after, new, b0, b1)))
    return tuple(changes)


def compare_quotations(
    passages: Sequence[Passage], versions: Versions, day: str | None = None
) -> tuple[Comparison, ...]:
    """Each article that an undated source quotes (the guide), beside the version in force."""
    quoted: dict[tuple[str, str], list[str]] = defaultdict(list)
    for passage in passages:
        if passage.kind == "article" and passage.in_force_from is None:
            quoted[passage.source, passage.ref].append(passage.text)
    found = []
    for (source, ref), texts in quoted.items():
        version = versions.in_force(ref, day)
        if version is not None:
            changes = compare("\n\n".join(texts), version.text)
            found.append(Comparison(ref, source, version, changes))
    return tuple(found)


def _tokens(text: str) -> list[re.Match[str]]:
    """Words and signs, but for the dash of “I.-”, which some editions print and others do not."""
    return [
        token
        for token in _TOKEN.finditer(text)
        if not (token.group() in "-–" and text[max(0, token.start() - 1)] == ".")
    ]


def _keys(tokens: list[re.Match[str]]) -> list[str]:
    return [token.group().translate(_SAME) for token in tokens]


def _slice(text: str, tokens: list[re.Match[str]], start: int, end: int) -> str:
    return text[tokens[start].start() : tokens[end - 1].end()]
