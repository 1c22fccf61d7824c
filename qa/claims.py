"""What a sentence asserts: its content words, and what denies, permits or conditions each.

Grammar is not parsed. Each mark (a negation, “peut”, “sans”…) is attached to the content word
that it governs, its host, by rules short enough to be read; ``qa.support`` then compares the
marks of two sentences host by host. The words are in ``qa/data/claims.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from index.analysis import fold
from qa.facts import Fact, find_facts
from qa.lexicon import Lexicon, key_of, lexicon

_WORD = re.compile(r"[^\W_]+")
_STRONG = frozenset(".;:!?")
_NEGATIVE = frozenset("pas point jamais plus guere aucun aucune nul nulle rien".split())
_BEFORE_NE = frozenset("aucun aucune nul nulle ni rien personne".split())
_LINKS = frozenset("a de d du des au aux par pour".split())
# “ne peut” and “ne doit” both forbid, yet one is not shown for the other: a reader who checks
# the quotation must find its verb.
_DENIED = {"may": "cannot", "must": "mustnot", "bound": "neednot", "forbid": "may"}
_REACH = 30  # words between “il convient” and its infinitive, in the longest sentence of the guide


@dataclass(frozen=True, slots=True)
class Content:
    """A word that carries matter.

    Attributes:
        key: What it is compared by: the stem of its class of equals, or the fact's value.
        group: Class within which an exchange is a contradiction (``actor``, ``article``…), or "".
        marks: What governs it: ``neg``, ``may``, ``must``, ``forbid``, ``without``…
        small: Sensitive small words between the content word before and this one.
        text: As written.
        fact: The exact thing it is, if any.
        infinitive: Whether it looks like an infinitive.
        noun: Whether a determiner or preposition stands before it.
    """

    key: str
    group: str
    marks: frozenset[str]
    small: frozenset[str]
    text: str
    fact: Fact | None = None
    infinitive: bool = False
    noun: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence's content words in order, and the families of marks that hold for all of it."""

    contents: tuple[Content, ...]
    flags: frozenset[str]
    absolutes: frozenset[str]


@dataclass(slots=True)
class _Token:
    form: str
    text: str
    strong: bool  # a strong stop stands before it
    fact: Fact | None = None
    mark: str = ""
    content: int = -1


@lru_cache(maxsize=4096)
def claim_of_source(text: str) -> Claim:
    """:func:`claim_of` for a sentence of a source, remembered. Never call it with a user's text."""
    return claim_of(text)


def claim_of(text: str) -> Claim:
    """What one sentence asserts."""
    words = lexicon()
    tokens = _tokens(text, words)
    forms = " ".join(token.form for token in tokens)
    flags = _conditions(forms, words) | {
        token.mark for token in tokens if token.mark in ("hedge", "except")
    }
    marks = _attach(tokens, words)
    contents = _contents(tokens, _combine(marks), words)
    absolutes = frozenset(t.form for t in tokens if t.form in words.absolute)
    return Claim(contents, frozenset(flags), frozenset(map(_lemma, absolutes)))


def _lemma(form: str) -> str:
    families = ("aucun", "nul", "tou", "jamais", "toujours", "chaque")
    return next((f for f in families if form.startswith(f)), form)


def _tokens(text: str, words: Lexicon) -> list[_Token]:
    facts = list(find_facts(text))
    tokens: list[_Token] = []
    end = 0
    for match in _WORD.finditer(text):
        strong = any(c in _STRONG for c in text[end : match.start()])
        inside = next((f for f in facts if f.start <= match.start() < f.end), None)
        if inside is not None:
            if inside is not (tokens[-1].fact if tokens else None):
                written = text[inside.start : inside.end]
                tokens.append(_Token(f"#{inside.value}", written, strong, inside))
            end = inside.end
            continue
        form = fold(match.group().lower().replace("œ", "oe"))
        if form.startswith("kinesitherapeute") and tokens and tokens[-1].form.startswith("masseur"):
            tokens.pop()  # one person, one word
        tokens.append(_Token(form, match.group(), strong))
        end = match.end()
    _mark(tokens, words)
    return tokens


def _mark(tokens: list[_Token], words: Lexicon) -> None:
    """Tell marks from content words, and number the latter."""
    count = 0
    for i, token in enumerate(tokens):
        after = tokens[i + 1].form if i + 1 < len(tokens) else ""
        if token.fact is None:
            if token.form == "seulement" and i and tokens[i - 1].form == "non":
                continue  # “non seulement” adds; it restricts nothing
            if token.form in words.before_link and after in _LINKS:
                token.mark = words.before_link[token.form]
            elif token.form in ("saurait", "sauraient"):
                token.mark = "may"
            elif token.form == "peut" and after == "etre" and token.text != token.text.upper():
                token.mark = "hedge" if _hyphenated(tokens, i) else "may"
            elif token.form in words.marks:
                token.mark = words.marks[token.form]
        if not token.mark and (token.fact or token.form not in words.function):
            token.content = count
            count += 1


def _hyphenated(tokens: list[_Token], i: int) -> bool:
    # “peut-être” (perhaps) is followed by no participle; “peut être levé” is.
    after = tokens[i + 2].form if i + 2 < len(tokens) else ""
    return not re.search(r"(?:e|ee|es|ees|i|ie|is|u|ue|us|t|te|ts)$", after)


def _conditions(forms: str, words: Lexicon) -> set[str]:
    padded = f" {forms} "
    for phrase in words.not_conditions:
        padded = padded.replace(f" {phrase} ", " ")
    return {family for phrase, family in words.conditions if f" {phrase} " in padded}


def _attach(tokens: list[_Token], words: Lexicon) -> list[tuple[int, str]]:
    """Every mark with the content word that it governs."""
    found: list[tuple[int, str]] = []
    for i, token in enumerate(tokens):
        if token.mark and token.mark not in ("hedge", "except"):
            found.append((_host(tokens, i, words), token.mark))
        elif token.form in ("ne", "n") and token.fact is None:
            found += _negation(tokens, i, words)
        elif _denies_alone(tokens, i):
            found.append((_host(tokens, i, words), "neg"))
    return [(host, kind) for host, kind in found if host >= 0]


def _denies_alone(tokens: list[_Token], i: int) -> bool:
    """“non” (but for “non seulement”), and the “pas” of spoken French, without its “ne”."""
    if tokens[i].form == "non":
        return [t.form for t in tokens[i + 1 : i + 2]] != ["seulement"]
    before = tokens[max(0, i - 7) : i]
    return tokens[i].form == "pas" and not any(t.form in ("ne", "n") for t in before)


def _negation(tokens: list[_Token], i: int, words: Lexicon) -> list[tuple[int, str]]:
    j = i + 1
    while j < len(tokens) and tokens[j].form in words.clitics:
        j += 1
    if j == len(tokens):
        return []
    window = _clause(tokens, j)
    verb = tokens[j]
    host = verb.content if verb.content >= 0 else _host(tokens, j, words)
    if any(t.form in _NEGATIVE for t in window[:9]):
        return [(host, "neg")]
    que = next((k for k, t in enumerate(window[:12]) if t.form in ("que", "qu")), None)
    if que is not None and verb.form not in ("saurait", "sauraient"):
        return [(_host(tokens, j + que, words), "only")]
    bare = verb.mark in ("may", "must") or any(
        t.form in _BEFORE_NE for t in tokens[max(0, i - 10) : i]
    )
    return [(host, "neg")] if bare else []  # otherwise an expletive “ne”


def _clause(tokens: list[_Token], start: int) -> list[_Token]:
    end = start + 1
    while end < len(tokens) and not tokens[end].strong:
        end += 1
    return tokens[start:end]


def _host(tokens: list[_Token], i: int, words: Lexicon) -> int:
    """The content word that the mark at ``i`` governs; -1 when there is none."""
    ahead = _clause(tokens, i)[1:]
    impersonal = tokens[i].form.startswith(("convien", "possible", "appartient", "incombe"))
    if impersonal:
        for one, two in pairwise(ahead[:_REACH]):
            if one.form in ("de", "d") and _is_infinitive(two, words):
                return two.content
    for token in ahead:
        if token.content >= 0:
            return token.content
    before = [t.content for t in tokens[:i] if t.content >= 0]
    return before[-1] if before else -1


def _is_infinitive(token: _Token, words: Lexicon) -> bool:
    form = token.form
    return (
        token.content >= 0
        and len(form) > 3
        and form.endswith(("er", "ir", "re"))
        and form not in words.not_infinitive
    )


def _combine(marks: list[tuple[int, str]]) -> dict[int, frozenset[str]]:
    """Marks by host, a denied permission becoming a prohibition, and so on."""
    by_host: dict[int, set[str]] = {}
    for host, kind in marks:
        by_host.setdefault(host, set()).add(kind)
    for kinds in by_host.values():
        for kind, denied in _DENIED.items():
            if {"neg", kind} <= kinds:
                kinds -= {"neg", kind}
                kinds.add(denied)
    return {host: frozenset(kinds) for host, kinds in by_host.items()}


def _contents(
    tokens: list[_Token], marks: Mapping[int, frozenset[str]], words: Lexicon
) -> tuple[Content, ...]:
    found: list[Content] = []
    small: set[str] = set()
    before = ""
    for token in tokens:
        if token.content < 0:
            if token.form in words.sensitive:
                small.add(_lemma(token.form))
        else:
            fact = token.fact
            key = f"{fact.kind}:{fact.value}" if fact else key_of(token.form, words.equals)
            found.append(
                Content(
                    key=key,
                    group=fact.kind if fact else words.groups.get(key, ""),
                    marks=marks.get(token.content, frozenset()),
                    small=frozenset(small),
                    text=token.text,
                    fact=fact,
                    infinitive=_is_infinitive(token, words),
                    noun=before in words.determiner,
                )
            )
            small = set()
        before = token.form
    return tuple(found)
