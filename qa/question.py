"""Understanding a question: what is asked, of what form, and what it must not obtain.

Word lists and patterns are data (``qa/data``); nothing here knows a particular question.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.analysis import content_words, fold
from qa import wording
from qa.errors import QuestionEmpty, QuestionTooLong
from qa.privacy import names_in, without_persons

DATA = Path(__file__).parent / "data"
LONGEST = 2_000
"""Characters. Checked before any other work: normalising a hostile text of a hundred thousand
combining marks takes seconds (quadratic)."""

# A rule of signs ends a sentence too: injected orders are often fenced (“### SYSTÈME … ###”). The
# point of an initial or of a title ends none: parted from “M.”, a name is no longer known for one.
_SENTENCE_END = re.compile(
    r"(?<=[.!?;\n])(?<!\b[a-z]\.)(?<!\b(?:mm|mr|dr|pr|me)\.)(?<!\bmme\.)(?<!\b(?:mlle|prof)\.)\s{1,8}"
    r"|\n{1,8}|\s{0,3}(?:#{2,9}|={3,9}|-{3,9}|\*{3,9}|`{3,9}|~{3,9})\s{0,3}",
    re.IGNORECASE,
)
_FOLLOW_UP = re.compile(
    r"^(?:et\b|mais\b|meme\b|dans ce cas|du coup\b|alors\b|pareil|idem|sinon\b|quel article"
    r"|quelle (?:sanction|peine|loi)\b|ou est-ce|pourquoi\b|lequel|laquelle|c'est quoi l'article)"
)
_PRONOUN = re.compile(r"\b(?:il|elle|ils|elles|lui|leur|ca|cela|celui-ci|celle-ci|en|y)\b")
_CONJUNCTION = re.compile(
    r",?\s(?:et|ou|mais)\s(?:alors\s)?(?!(?:de\s|à\s)?l[’']autre\b)"
    # One subject and a plural verb: “le médecin et le kiné sont-ils…” is one part.
    r"(?!(?:le|la|un|une|mon|ma|son|sa)\s[^,;:?]{1,30}-(?:ils|elles)\b)"
    r"(?=(?:qu[’']|que\s|quel|qui\s|quoi|comment|pourquoi|combien|où\s"
    r"|dois|doit|puis-|peut|peux|faut|est-ce|ai-je|suis-je|à qu|au regard|dans quel|en fait|en qu"
    r"|sous quel|de quel|ma\sresponsabilité|[^,;:?]{0,40}-(?:t-)?(?:il|elle|on|ils|elles|ce)\b))"
    r"|,\s(?=(?:(?:à|de|dans|sous|par)\s)?(?:quel|quelle|quels|quelles|combien|comment|pourquoi)\s)",
    re.IGNORECASE,
)
# The first and the last alone: in between, a document may have joined two lines of the text.
_PARAGRAPH = re.compile(
    r"(?<!avant-)\b(premier|1er|dernier)\s(?:et\sunique\s)?(?:alin[ée]a|paragraphe)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"\bl[’'](?:un|une|autre)\b|\bchacune?\b|\bqu[’']en\b", re.IGNORECASE)
_PART_WORDS = 3
_WHO_WORDS = 2  # “Mon patient est au 06…”, “C’est M. Martin”: words left beside what names somebody
_FRENCH = frozenset(
    "le la les un une des du de et est je il elle on que qui quoi dans pour sur avec mon ma mes son"
    " sa ses au aux ce cette pas ne ou si par secret kine patient article".split()
)
_ENGLISH = frozenset(
    "the is are of and to in for what which who how can may must should my his her patient's do"
    " does a an with without have has i you it this that be about when where".split()
)


@dataclass(frozen=True, slots=True)
class QuestionType:
    """A form of question: how it is asked, and what a sentence that answers it holds."""

    name: str
    asks: tuple[re.Pattern[str], ...]
    answers: tuple[re.Pattern[str], ...]
    strict: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    Attributes:
        text: As typed, cleaned of invisible characters.
        asked: What is left once sentences addressed to the tool are set aside.
        query: What is searched: ``asked``, completed by the conversation for a follow-up, without
            names, numbers and addresses of persons, nor the place of a paragraph.
        types: Names of its forms (``penalty``, ``may``…).
        alerts: ``urgence`` when a life may be at stake.
        forbidden: Whether it asks for an identity, or for something made up.
        instructed: Whether a part of it was addressed to the tool.
        french: Whether it can be read as French.
        follows: Whether it is understood from the question before it.
        paragraph: Which paragraph of a text it names: 0 for the first, -1 for the last.
    """

    text: str
    asked: str
    query: str
    types: frozenset[str]
    alerts: tuple[str, ...] = ()
    forbidden: bool = False
    instructed: bool = False
    french: bool = True
    follows: bool = False
    paragraph: int | None = None


def clean(text: str) -> str:
    """The question as it is read: normalised, without invisible characters.

    Raises:
        QuestionTooLong: Over `LONGEST` characters.
        QuestionEmpty: Without a letter or a digit.
    """
    if len(text) > LONGEST:
        raise QuestionTooLong(wording.TOO_LONG.format(limit=f"{LONGEST:,}".replace(",", " ")))
    text = unicodedata.normalize("NFC", text)
    kept = "".join(
        " " if c in "\t\r" else c
        for c in text
        if c in "\n\t\r" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    ).strip()
    if not any(c.isalnum() for c in kept):
        raise QuestionEmpty(wording.EMPTY)
    return kept


def read(text: str, history: Sequence[str] = ()) -> Question:
    """Understand a question.

    Args:
        text: As typed.
        history: Questions asked before it in the same conversation, oldest first.

    Raises:
        QuestionEmpty: There is nothing to read.
        QuestionTooLong: It is over `LONGEST` characters.
    """
    text = clean(text)
    asked, instructed = _without_instructions(text)
    form = normal_form(asked)
    follows = bool(history) and _follows(form)
    query = f"{clean(history[-1])}\n{asked}" if follows else asked
    return Question(
        text=text,
        asked=asked,
        query=without_persons(_PARAGRAPH.sub(" ", query)),
        types=types_of(asked),
        alerts=("urgence",) if _urgent(normal_form(query)) else (),
        forbidden=_any(_patterns("forbidden"), normal_form(text)),
        instructed=instructed,
        french=_is_french(form),
        follows=follows,
        paragraph=_paragraph(asked),
    )


def types_of(text: str) -> frozenset[str]:
    """The names of the forms of a question."""
    form = normal_form(text)
    return frozenset(t.name for t in question_types() if _any(t.asks, form))


def parts_of(asked: str) -> tuple[str, ...]:
    """The parts of a question that has several, each a question of its own; one or none otherwise.

    A situation told first is no part: only what ends in a question mark, and what a conjunction
    joins to it with an interrogative of its own (“…, et que risque-t-il ?”). Nor is what only
    points back (“et quelle règle pour l’autre ?”): alone, it asks nothing.
    """
    found: list[str] = []
    for sentence in _SENTENCE_END.split(asked):
        if sentence.rstrip().endswith("?"):
            found += [part.strip() for part in _CONJUNCTION.split(sentence)]
    alone = len(found) == 1
    return tuple(
        part for part in found
        if len(part.split()) >= _PART_WORDS and (alone or not _POINTS_BACK.search(part))
    )  # fmt: skip


def normal_form(text: str) -> str:
    """Lower case, without accents, apostrophes as ``'``, single spaces: what patterns read."""
    folded = fold(text.lower().replace("’", "'").replace("œ", "oe"))
    return " ".join(folded.split())


@cache
def question_types() -> tuple[QuestionType, ...]:
    """The forms of question, from the data file."""
    data = tomllib.loads((DATA / "questions.toml").read_text(encoding="utf-8"))
    return tuple(
        QuestionType(
            name,
            tuple(re.compile(p) for p in row["asks"]),
            tuple(re.compile(p) for p in row["answers"]),
            bool(row["strict"]),
        )
        for name, row in data["type"].items()
    )


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    data = tomllib.loads((DATA / "refusals.toml").read_text(encoding="utf-8"))
    return tuple(re.compile(pattern) for pattern in data[name]["patterns"])


def _any(patterns: Sequence[re.Pattern[str]], text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _without_instructions(text: str) -> tuple[str, bool]:
    """Set aside the sentences that give orders to the tool, and those that ask nothing."""
    sentences = _SENTENCE_END.split(text)
    kept = [s for s in sentences if not _any(_patterns("instruction"), normal_form(s))]
    asking = [s for s in kept if not (_any(_patterns("aside"), normal_form(s)) or _says_who(s))]
    left = " ".join(asking or kept).strip()
    if names_in(text) & set(without_persons(left).split()):
        left = text  # cut so, it would show a name that is known for one in the whole
    return left, len(kept) < len(sentences)


def _says_who(sentence: str) -> bool:
    """Whether a sentence says who somebody is, or how to reach them, and nothing else."""
    left = without_persons(sentence)
    asks = sentence.rstrip().endswith("?")
    return left != sentence and not asks and len(content_words(left)) <= _WHO_WORDS


def _urgent(form: str) -> bool:
    if not _any(_patterns("urgency"), form):
        return False
    hard = [p for p in _patterns("urgency") if p not in _patterns("urgency_soft")]
    return _any(hard, form) or _any(_patterns("situation"), form)


def _follows(form: str) -> bool:
    short = len(form.split()) <= 7
    return bool(_FOLLOW_UP.match(form)) or (short and bool(_PRONOUN.search(form)))


def _paragraph(text: str) -> int | None:
    found = _PARAGRAPH.search(text)
    return None if found is None else -1 if found[1].lower() == "dernier" else 0


def _is_french(form: str) -> bool:
    """Whether more of its small words are French than English (English needs a clear majority)."""
    words = re.findall(r"[a-z']{1,30}", form)
    french = sum(1 for word in words if word in _FRENCH or word[:2] in {"l'", "d'", "j'", "s'"})
    english = sum(1 for word in words if word in _ENGLISH)
    return english < 3 or english <= french
