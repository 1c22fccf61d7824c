"""Names of persons, by what surrounds them: civilities, “mon patient …”, first names, capitals.

No list of surnames is kept: there are too many, and most are ordinary words too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.analysis import fold
from qa.identifiers import Span, word_list

_WORD = re.compile(
    r"(?<![\w/])[^\W\d_](?:[^\W\d_]|['’]){0,39}(?:-(?:[^\W\d_]|['’]){1,39}){0,4}(?![\w])\.?"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n«»(\[\]]\s{0,3}|^\W{1,4})$")
_ELIDED = re.compile(r"^(?:[cdjlmnstCDJLMNST]|[qQ]u|[Ll]orsqu|[Pp]uisqu|[Jj]usqu)['’](?=\w)")
_JOINT = re.compile(r"\.?[ \u00a0]{0,2}|\.?\s?[ldLDnNoO]['’]|[ ]?:[ ]?")
_ACRONYM = 5  # letters; a longer word all in capitals is taken for a surname
_LONGEST_NAME = 5  # words, particles included
_SHOUTED = 0.6  # share of capitals from which capitals say nothing
_OWNERS = frozenset("mon ma notre son sa leur votre".split())
_ADJECTIVE = re.compile(
    r"(?:i[fv]e?s?|iques?|el(?:le)?s?|eu[xs]e?s?|[ai]bles?|[ei]e?s?|u[est]?|ants?|antes?|ents?|entes?|"
    r"aires?|als?|ales?|aux|istes?|iens?|iennes?|ois|aises?|ogues?|ines?|er|ir|re|t)$"
)
_VERB = re.compile(r"(?:ais|ait|aient|ez|ons|era|erait|eront|ant)$")


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    form: str
    first: bool  # it opens a sentence

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


@cache
def common_words() -> frozenset[str]:
    """Ordinary French words, without accents."""
    path = Path(__file__).parent / "data" / "common_words.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if line[:1] != "#" for word in line.split())


def find_names(text: str, taken: Sequence[tuple[int, int]]) -> list[Span]:
    """Names of a text, outside the offsets already taken by references and identifiers."""
    words = [w for w in _words(text) if not any(a < w.end and w.start < b for a, b in taken)]
    shouted = _is_shouted(text)
    found: list[Span] = []
    i = 0
    while i < len(words):
        span, i = _name_from(words, i, text, shouted)
        if span is not None:
            found.append(span)
    return found + _repeated(words, found, text)


def _words(text: str) -> list[_Word]:
    words = []
    for match in _WORD.finditer(text):
        start, written = match.start(), match.group()
        if (elided := _ELIDED.match(written)) and not _is_particle_name(written):
            start += elided.end()
            written = written[elided.end() :]
        if written.endswith(".") and fold(written[:-1].lower()) not in word_list("civilities"):
            written = written if len(written) == 2 and written[0].isupper() else written[:-1]
        if written:
            first = bool(_SENTENCE_START.search(text[max(0, match.start() - 5) : match.start()]))
            form = fold(written.rstrip(".").lower().replace("’", "'"))
            words.append(_Word(written, start, start + len(written), form, first))
    return words


def _is_particle_name(written: str) -> bool:
    """“D’Almeida”, “N’Diaye”, “L’Hostis”: the elided letter and the word are both capitals."""
    return len(written) > 3 and written[0].isupper() and written[2].isupper()


def _is_shouted(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 12 and sum(c.isupper() for c in letters) > _SHOUTED * len(letters)


def _name_from(words: list[_Word], i: int, text: str, shouted: bool) -> tuple[Span | None, int]:
    """The name that the word at ``i`` announces or opens, and where to go on."""
    word = words[i]
    civil = word.form in word_list("civilities") and _is_civility(word)
    if civil or word.form in word_list("naming"):
        end = _run(words, i + 1, text, lower=True, shouted=shouted)
        return _span(words, i + 1, end, sure=True)
    if word.form in word_list("persons"):
        end = _run(words, i + 1, text, lower=shouted, shouted=shouted)
        if end > i + 1:
            return _span(words, i + 1, end, sure=True)
        first = i + 2 if _is_linked(words, i, text) else i + 1
        if _is_plain_name(words, i, first, text):
            end = _run(words, first + 1, text, lower=True, shouted=shouted)
            return _span(words, first, end, sure=False)
        return None, i + 1
    if _is_first_name(word, words, i, text, shouted):
        end = _run(words, i + 1, text, lower=not word.capital or shouted, shouted=shouted)
        return _span(words, i, end, sure=True)
    if not shouted and word.capital and _opens_name(words, i, text):
        end = _run(words, i + 1, text, lower=False, shouted=shouted)
        return _span(words, i, end, sure=False)
    if _is_pair(words, i, text):
        end = _run(words, i + 1, text, lower=True, shouted=shouted)
        return _span(words, i, end, sure=False)
    return None, i + 1


def _opens_name(words: list[_Word], i: int, text: str) -> bool:
    """An unknown word with a capital; at the start of a sentence, only before another one."""
    word = words[i]
    after = words[i + 1] if i + 1 < len(words) and _adjoin(word, words[i + 1], text) else None
    followed = after is not None and after.capital and _is_unknown(after, acronym=False)
    if word.form in word_list("particles"):
        return followed and not word.first
    return _is_unknown(word) and (not word.first or followed)


def _is_pair(words: list[_Word], i: int, text: str) -> bool:
    """Two unknown words side by side in lower case, or one beside a first name."""
    if i + 1 >= len(words) or not _adjoin(words[i], words[i + 1], text):
        return False
    pair = words[i], words[i + 1]
    first = [all(part in word_list("first") for part in w.form.split("-")) for w in pair]
    strange = [
        not (
            _is_common(w) or w.form in word_list("capitalised") or w.form in word_list("particles")
        )
        and len(w.form) > 2
        and not _VERB.search(w.form)
        for w in pair
    ]
    plain = not any(_ADJECTIVE.search(w.form) for w in pair)
    return all(s or f for s, f in zip(strange, first, strict=True)) and (plain or any(first))


def _is_linked(words: list[_Word], i: int, text: str) -> bool:
    """“la mère de dupont”, “l’employeur de dupont”."""
    return (
        i + 2 < len(words) and words[i + 1].form == "de" and _adjoin(words[i], words[i + 1], text)
    )


def _is_plain_name(words: list[_Word], i: int, first: int, text: str) -> bool:
    """“mon patient dupont”: an unknown word in lower case that has no ending of an adjective."""
    if first >= len(words) or not _adjoin(words[first - 1], words[first], text):
        return False
    word, linked = words[first], first > i + 1
    if not linked and (i == 0 or words[i - 1].form not in _OWNERS):
        return False
    known = word.form in word_list("particles") or word.form in word_list("capitalised")
    return (
        not (known or _is_common(word))
        and len(word.form) > 2
        and (linked or not _ADJECTIVE.search(word.form))
    )


def _span(words: list[_Word], first: int, end: int, *, sure: bool) -> tuple[Span | None, int]:
    if end <= first:
        return None, first
    return Span("NOM", words[first].start, words[end - 1].end, sure), end


def _is_civility(word: _Word) -> bool:
    # “m” and “me” are also pronouns: they count with a capital or a full stop.
    return len(word.form) > 2 or word.form in ("mr", "mm", "dr") or (
        word.capital or word.text.endswith(".")
    )  # fmt: skip


def _run(words: list[_Word], i: int, text: str, *, lower: bool, shouted: bool) -> int:
    """Index after the last word of the name that starts at ``i``; ``i`` when there is none."""
    end = j = i
    while j < len(words) and j - i < _LONGEST_NAME:
        if j > 0 and not _adjoin(words[j - 1], words[j], text):
            break
        word = words[j]
        if _is_name_like(word, lower=lower, later=end > i, shouted=shouted):
            end = j + 1
        elif word.form in word_list("civilities") and end == i and len(word.form) > 1:
            pass  # “Madame le Dr …”
        elif word.form not in word_list("particles"):
            break
        j += 1
    return end


def _adjoin(one: _Word, other: _Word, text: str) -> bool:
    joint = text[one.end : other.start]
    if "." in joint and one.form not in word_list("civilities") and len(one.form) > 1:
        return False  # a full stop ends the sentence, but for “M.” and initials
    return _JOINT.fullmatch(joint) is not None


def _is_name_like(word: _Word, *, lower: bool, later: bool, shouted: bool) -> bool:
    common = _is_common(word) or word.form in word_list("capitalised")
    if word.capital and not shouted:
        return not (word.form in word_list("capitalised") or (common and word.form in _LEGAL))
    if not lower:
        return False
    return not common and len(word.form) > 1 and not (later and _VERB.search(word.form))


def _is_common(word: _Word) -> bool:
    """Whether it is an ordinary word, or a verb before its subject (“peut-il”, “est-ce”)."""
    return word.form in common_words() or bool(_INVERTED.search(word.form))


_INVERTED = re.compile(r"-(?:t-)?(?:ils?|elles?|on|je|tu|nous|vous|ce|moi|les?|la|lui|en|y)$")
_LEGAL = frozenset(
    "conseil ordre president presidente procureur juge maire prefet ministre directeur directrice"
    " qui que est a le la les un une de du en et ou il elle on je nous vous si mon ma mes".split()
)


def _is_first_name(word: _Word, words: list[_Word], i: int, text: str, shouted: bool) -> bool:
    parts = word.form.split("-")
    if not all(part in word_list("first") for part in parts):
        return False
    if len(parts) > 1 or (word.capital and not shouted and not word.first):
        return True
    ambiguous = word.form in word_list("ambiguous") or word.form in common_words()
    if not ambiguous:
        return True
    return _run(words, i + 1, text, lower=not word.capital or shouted, shouted=shouted) > i + 1


def _is_unknown(word: _Word, *, acronym: bool = True) -> bool:
    parts = [p for p in re.split(r"[-'.]", word.form) if p]
    known = common_words() | word_list("capitalised") | word_list("civilities")
    short = acronym and word.text.isupper() and len(word.text) <= _ACRONYM
    return len(word.form) > 1 and not short and not all(p in known or len(p) < 2 for p in parts)


def _repeated(words: list[_Word], found: list[Span], text: str) -> list[Span]:
    """Other occurrences of a word already known to be a name."""
    sure = [s for s in found if s.sure]
    names = (
        {
            fold(piece.lower())
            for span in sure
            for piece in re.findall(r"[^\W\d_][\w-]{2,}", text[span.start : span.end])
        }
        - common_words()
        - word_list("particles")
    )
    return [
        Span("NOM", w.start, w.end)
        for w in words
        if w.form in names and not any(s.start <= w.start < s.end for s in found)
    ]
