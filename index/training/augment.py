"""Questions in a lay person's shape, made from the titles of legal sections.

The pairs hold titles ("Congé non payé"), users ask questions ("ai-je droit à un congé non payé ?").
A title is dressed as a question by a template, sometimes mistyped, always by the given random
generator, so that one seed gives one training.
"""

from __future__ import annotations

import random
import re

TEMPLATES = (
    "{} : que dit la loi ?",
    "que faut-il savoir sur {} ?",
    "quelles sont les règles concernant {} ?",
    "quelle est la règle pour {} ?",
    "je voudrais savoir ce qui est prévu pour {}",
    "est-ce que la loi parle de {} ?",
    "{}, comment ça se passe ?",
    "qu'est-ce qui est prévu en cas de {} ?",
    "dans quels cas {} ?",
    "ai-je droit à {} ?",
    "puis-je avoir des précisions sur {} ?",
    "qui décide de {} ?",
    "que risque-t-on : {} ?",
    "comment fonctionne {} ?",
    "question sur {}",
    "on m'a parlé de {}, de quoi s'agit-il ?",
)
MAX_TITLE_WORDS = 14
_DOCUMENT_TITLE = re.compile(r" – (?:Règlement|Loi|Décret|Ordonnance|Arrêté|Règles)\b.*")
_KEYBOARD = {
    "a": "zq", "e": "zr", "i": "uo", "o": "ip", "u": "yi", "r": "et", "t": "ry",
    "s": "qd", "n": "b", "l": "km", "m": "l", "d": "sf", "p": "o", "c": "xv",
}  # fmt: skip


def as_question(title: str, rng: random.Random) -> str:
    """Dresses a short title as a question; a sentence is returned as it is."""
    if len(title.split()) > MAX_TITLE_WORDS or title.endswith((".", ";", "?")):
        return title
    core = _DOCUMENT_TITLE.sub("", title).replace(" : ", ", ").replace(" – ", ", ")
    if not core.isupper():
        core = core[:1].lower() + core[1:]
    return rng.choice(TEMPLATES).format(core)


def mistype(text: str, rng: random.Random) -> str:
    """One slip in one word of five letters or more: a letter dropped, doubled, swapped, missed."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    if not long:
        return text
    at = rng.choice(long)
    word = words[at]
    i = rng.randrange(1, len(word) - 1)
    slips = (
        word[:i] + word[i + 1 :],
        word[:i] + word[i] + word[i:],
        word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        word[:i] + rng.choice(_KEYBOARD.get(word[i].lower(), word[i])) + word[i + 1 :],
    )
    words[at] = rng.choice(slips)
    return " ".join(words)


def vary(query: str, rng: random.Random, questions: float, typos: float) -> str:
    """Varies one training query.

    Args:
        query: a title or sentence.
        rng: the source of every choice.
        questions: the share of titles dressed as questions.
        typos: the share of queries with one slip.
    """
    if rng.random() < questions:
        query = as_question(query, rng)
    if rng.random() < typos:
        query = mistype(query, rng)
    return query
