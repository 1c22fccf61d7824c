"""Words of a French legal text: the units that the lexical fields count.

A text becomes a sequence of `Word`. Elisions go (``l’``, ``qu’``), ``œ`` becomes ``oe``, a legal
reference in any spelling becomes one form (``csp:r.4321-55``), a date becomes its ISO day, and
``15 000`` one number. What each field counts is then a function of those words: French Snowball
stems (`stems`), stems without accents (`folded_stems`), character n-grams (`grams`).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import Stemmer

from corpus.references import DATE, Reference, find_references, iso_date

DATA = Path(__file__).parent / "data"
GRAM_SIZES = (3, 4, 5)
MIN_PLURAL = 7  # letters of the shortest plural in -ent: "agent" is none
MAX_WORD = 60  # longer runs of letters are no word; they would only cost n-grams

_WORD = re.compile(r"(?P<number>\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,4}(?!\d))|(?P<word>[^\W_]+)")
_ELISION = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|presqu)['’]", re.I)
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_threads = threading.local()  # a Snowball stemmer must not be shared between threads


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands.

    Attributes:
        text: As written.
        start: Offset of its first character.
        end: Offset after its last character.
        form: Lower case, ligatures undone, accents kept; or the form of a reference or date.
        exact: Whether ``form`` is a reference, a date or a number, which is never stemmed.
    """

    text: str
    start: int
    end: int
    form: str
    exact: bool = False

    @property
    def folded(self) -> str:
        """The form without accents."""
        return fold(self.form)

    @property
    def empty(self) -> bool:
        """Whether it is a stop word, which carries no subject."""
        return not self.exact and self.folded in stop_words()


def words(text: str, references: Iterable[Reference] | None = None) -> tuple[Word, ...]:
    """The words of a text, in order, stop words included.

    Args:
        text: Any text, in NFC or not; offsets are those of ``text`` itself when it is in NFC.
        references: Its legal references, when the caller has found them already.
    """
    text = unicodedata.normalize("NFC", text)
    whole = list(_dates(text))
    found = find_references(text) if references is None else references
    whole += [
        Word(text[r.start : r.end], r.start, r.end, reference_form(r.canonical), exact=True)
        for r in found
        if r.kind == "article"
    ]
    return tuple(_merge(sorted(whole, key=lambda w: w.start), _plain(text)))


def content_words(text: str) -> tuple[Word, ...]:
    """The words of a text without its stop words."""
    return tuple(word for word in words(text) if not word.empty)


def _dates(text: str) -> Iterator[Word]:
    for match in DATE.finditer(text):
        day = iso_date(match.group())
        if day is not None:
            yield Word(match.group(), match.start(), match.end(), day, exact=True)


def _plain(text: str) -> Iterator[Word]:
    elided = {match.end() for match in _ELISION.finditer(text)}
    for match in _WORD.finditer(text):
        written = match.group()
        if match.end() + 1 in elided and len(written) <= 7:
            continue
        if match["number"]:
            digits = re.sub(r"\D", "", written)
            yield Word(written, match.start(), match.end(), digits, exact=True)
            continue
        form = written[:MAX_WORD].lower().translate(_LIGATURES)
        yield Word(written, match.start(), match.end(), form, exact=form.isdigit())


def _merge(whole: list[Word], plain: Iterable[Word]) -> Iterator[Word]:
    """Both lists in order; a plain word inside a reference or date gives way to it."""
    end = 0
    pending = iter(whole)
    following = next(pending, None)
    for word in plain:
        while following is not None and following.start <= word.start:
            if following.start >= end:
                yield following
                end = following.end
            following = next(pending, None)
        if word.start >= end:
            yield word
    if following is not None and following.start >= end:
        yield following


def reference_form(canonical: str) -> str:
    """The one form of a canonical reference: ``CSP, art. R. 4321-55`` → ``csp:r.4321-55``."""
    code, _, number = canonical.lower().partition(", art. ")
    return f"{code.replace(' ', '')}:{number.replace(' ', '')}"


@lru_cache(maxsize=1 << 16)
def fold(form: str) -> str:
    """A form without its accents: ``décès`` → ``deces``."""
    if form.isascii():
        return form
    parts = unicodedata.normalize("NFD", form)
    return "".join(c for c in parts if not unicodedata.combining(c))


@lru_cache(maxsize=65_536)
def stem(form: str) -> str:
    """The French Snowball stem of a form.

    What Snowball cannot know is done before: the forms of irregular verbs become the infinitive
    (``meurt`` → ``mourir``), and plurals that it leaves alone go when what remains is a word
    (``échangent`` → ``échange``, ``bleus`` → ``bleu``).
    """
    known = _words_of_the_language()
    form = irregular_verbs().get(fold(form), form)
    if form.endswith("ent") and len(form) >= MIN_PLURAL and form[:-2] in known:
        form = form[:-2]
    elif form.endswith(("s", "x")) and form[:-1] in known:
        form = form[:-1]
    stemmer = getattr(_threads, "stemmer", None)
    if stemmer is None:
        stemmer = _threads.stemmer = Stemmer.Stemmer("french")
    return str(stemmer.stemWord(form))


def stems(found: Iterable[Word]) -> list[str]:
    """Stems of accented forms, stop words left out."""
    return [word.form if word.exact else stem(word.form) for word in found if not word.empty]


def folded_stems(found: Iterable[Word]) -> list[str]:
    """Stems of unaccented forms, stop words left out: equal whether or not accents were typed."""
    return [word.form if word.exact else stem(word.folded) for word in found if not word.empty]


def coarse(word: Word) -> str:
    """The coarsest form of a word: its unaccented stem without a final ``e``.

    Snowball needs accents to undo participles: typed with or without them, ``échangées`` must meet
    ``échanger``. References, dates and numbers stay as they are.
    """
    if word.exact:
        return word.form
    return fold(stem(word.form)).rstrip("e") or word.folded


def grams(found: Iterable[Word]) -> list[str]:
    """Character 3- to 5-grams inside each unaccented word and its two borders (``_``)."""
    return [gram for word in found if not word.empty for gram in _grams_of(word.folded)]


@lru_cache(maxsize=65_536)
def _grams_of(form: str) -> tuple[str, ...]:
    framed = f"_{form}_"
    return tuple(
        framed[i : i + size] for size in GRAM_SIZES for i in range(max(0, len(framed) - size + 1))
    )


@cache
def common_words() -> tuple[str, ...]:
    """Common French words with their accents, from the file that `index.wordlist` makes."""
    return tuple((DATA / "french-words.txt").read_text(encoding="utf-8").split())


@cache
def irregular_verbs() -> Mapping[str, str]:
    """The infinitive of each irregular form, both without accents."""
    lines = (DATA / "verbs.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and line[0] != "#"]
    return {form: row[0] for row in reversed(rows) for form in row}


@cache
def _words_of_the_language() -> frozenset[str]:
    return frozenset((*common_words(), *map(fold, common_words())))


@cache
def stop_words() -> frozenset[str]:
    """The words that carry no subject, without accents."""
    lines = (DATA / "stopwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if line[:1] != "#" for word in line.split())
