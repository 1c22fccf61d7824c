"""What must hold of a gold set before a figure drawn from it means anything.

A problem is one line, ``file:line: id: problem``. Nothing here judges whether a question is a good
one, which a second reader does; it proves what code can prove: the evidence is in the documents,
the facts are in the documents and not in the question, and the two splits share no paraphrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Final

import Stemmer

from corpus.library import load_library
from corpus.references import canonical
from evaluation.evidence import normalise
from evaluation.gold import ABSTAINING_KINDS, GOLD_DIR, KINDS, GoldQuestion, read_gold
from evaluation.patterns import fault, met

#: Share of stems in common (Jaccard) from which two questions must be of one group. Below it the
#: paraphrases are told by people: no measure of words sees that two sayings are one need.
NEAR_DUPLICATE: Final = 0.8

_GUIDE_REF = re.compile(r"Guide [^«]{1,80}, « [^»]{1,300} »")
_STEMMER = Stemmer.Stemmer("french")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a gold file."""

    origin: str
    id: str
    text: str

    def __str__(self) -> str:
        """The line that a person reads and an editor jumps from."""
        return f"{self.origin}: {self.id}: {self.text}"


def run(paths: Sequence[Path] = (GOLD_DIR,), texts: Sequence[str] | None = None) -> int:
    """Print every problem of the gold files at `paths`; return 0 if there is none, else 1.

    Args:
        paths: Files, or folders of them; they are judged together.
        texts: Cleaned texts of the documents; by default, those of the corpus.

    Raises:
        GoldFileError: A file is missing or misshapen.
        CorpusError: The documents cannot be read.
    """
    questions = tuple(question for path in paths for question in read_gold(path))
    problems = check(questions, _corpus() if texts is None else texts)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def check(questions: Sequence[GoldQuestion], texts: Sequence[str]) -> tuple[Problem, ...]:
    """Every problem of a gold set, judged against the cleaned texts of the documents.

    Problems of single questions come first, in their order, then those of pairs.
    """
    documents = tuple(normalise(text) for text in texts)
    found: list[Problem] = []
    for question in questions:
        for text in _alone(question, documents):
            found.append(Problem(question.origin, question.id, text))
    found += _repeated(questions, "id", lambda question: question.id)
    found += _repeated(questions, "question", _plain)
    found += _strayed(questions)
    return tuple(found)


def _corpus() -> tuple[str, ...]:
    return tuple(document.text for document in load_library().documents)


def _alone(question: GoldQuestion, documents: Sequence[str]) -> Iterator[str]:
    yield from _shape(question)
    yield from _reviewed(question)
    for ref in question.refs:
        if not (_GUIDE_REF.fullmatch(ref) or canonical(ref) == ref):
            yield f"reference not in its canonical form: {ref}"
    for span in question.evidence:
        if not any(normalise(span) in document for document in documents):
            yield f"evidence in no document: {_short(span)}"
        if normalise(span).lower() in normalise(question.question).lower():
            yield f"the question holds its own evidence: {_short(span)}"
    yield from _patterns(question, documents)


def _shape(question: GoldQuestion) -> Iterator[str]:
    if question.kind not in KINDS:
        yield f"unknown kind {question.kind!r}"
    if (question.kind in ABSTAINING_KINDS) is question.answerable:
        yield f"kind {question.kind!r} {'with' if question.answerable else 'without'} evidence"
    if question.answerable and not question.answer_facts:
        yield "answerable without a fact"
    if question.answerable and not question.refs:
        yield "answerable without a reference"
    if not question.answerable and (question.answer_facts or question.refs):
        yield "facts or references, and no evidence"
    if question.kind == "followup" and not question.history:
        yield "a follow-up without the question that it follows"


def _reviewed(question: GoldQuestion) -> Iterator[str]:
    review = question.review
    if review is None:
        yield "no second reading recorded"
        return
    if review.verdict != "ok":
        yield f"second reading says {review.verdict!r}: mend the question, then read it again"
    if not review.reader.strip() or review.reader == "author":
        yield "second reading by nobody, or by the author"
    try:
        date.fromisoformat(review.date)
    except ValueError:
        yield f"date of the second reading is not ISO 8601: {review.date}"


def _patterns(question: GoldQuestion, documents: Sequence[str]) -> Iterator[str]:
    patterns = [pattern for fact in question.answer_facts for pattern in fact]
    faults = {p: why for p in (*patterns, *question.must_not) if (why := fault(p))}
    yield from (f"pattern {why}: {pattern}" for pattern, why in faults.items())
    for fact in question.answer_facts:
        sound = [pattern for pattern in fact if pattern not in faults]
        if not fact:
            yield "a fact without a pattern"
        elif met(sound, question.question) or met(sound, normalise(question.question)):
            yield f"a fact is met by the question itself: {fact[0]}"
        elif sound and not any(met(sound, document) for document in documents):
            yield f"a fact is met by no document: {fact[0]}"
    for pattern in question.must_not:
        if pattern not in faults and any(met([pattern], span) for span in question.evidence):
            yield f"the evidence itself holds what must not be said: {pattern}"


def _repeated(
    questions: Sequence[GoldQuestion], what: str, key: Callable[[GoldQuestion], str]
) -> list[Problem]:
    counts = Counter(key(question) for question in questions)
    return [
        Problem(question.origin, question.id, f"{what} given {counts[key(question)]} times")
        for question in questions
        if counts[key(question)] > 1
    ]


def _strayed(questions: Sequence[GoldQuestion]) -> list[Problem]:
    """Near-duplicates that are not declared one group, and so could lie on both sides."""
    stems = [(question, _stems(question.question)) for question in questions]
    return [
        Problem(b.origin, b.id, f"reads like {a.id}, of another group: give both one group")
        for (a, left), (b, right) in combinations(stems, 2)
        if a.group != b.group and jaccard(left, right) >= NEAR_DUPLICATE
    ]


def jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    """Share of the union that is in common, |A∩B| / |A∪B|; 0 for two empty sets."""
    union = len(left | right)
    return len(left & right) / union if union else 0.0


def _stems(text: str) -> frozenset[str]:
    return frozenset(_STEMMER.stemWords(_words(text)))


def _plain(question: GoldQuestion) -> str:
    return " ".join(_words(question.question))


def _words(text: str) -> list[str]:
    """Words in lower case without accents, so that spelling does not hide a repetition."""
    bare = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"\w{1,50}", "".join(c for c in bare if not unicodedata.combining(c)))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
