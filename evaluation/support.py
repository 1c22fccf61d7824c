"""Does a text support a sentence? A test by rules, for French, without a network.

ALCE (Gao et al., EMNLP 2023) asks an English 11-billion-parameter inference model. None for French
fits on an ordinary machine, so this module asks five questions that code can answer. A sentence is
supported by a text when

1. it is found in it word for word (after :func:`evidence.normalise` and case folding); or, failing
   this, when all four hold:
2. every number of the sentence (date, amount, article) is in the text;
3. at least :data:`SHARE` of its content stems (accents and stop words removed, Snowball stemming)
   are in the text;
4. the clause of the text nearest to each of its clauses is negated if and only if that one is;
5. the modal force is no stronger: a duty or a ban is not drawn from a permission, nor a permission
   from a ban.

What it misses, and therefore what the figures do not show: synonyms (a faithful paraphrase in other
words is called unsupported); who does what to whom (exchanging two nouns of the same passage goes
unseen); scope (an exception cut off from its rule); inference over several sentences. It is
stricter than ALCE on paraphrase and blinder than ALCE on roles. For an answer made of verbatim
sentences it is met by rule 1, so that the figure then says "verbatim", no more.

It shares no code with :mod:`qa.verify`, whose work it judges.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

from evaluation.evidence import normalise

SHARE = 0.7
"""Share of content stems that must be found; see the trial in the tests for its error rates."""

_STOP_WORDS = """
a ai ainsi alors as au aussi autre autres aux avec avoir c ce cela ces cet cette ceux chaque
comme d dans de des donc dont du elle elles en encore entre est et etait ete etre eux fait faire
il ils j je l la le les leur leurs lors lorsque lui m ma mais me meme memes mes mon n ne nos
notre nous on ont or ou par pas plus pour puis qu quand que quel quelle quelles quels qui quoi s
sa se selon sera seront ses si soit son sont sur t ta te tel telle tes toi ton tous tout toute
toutes tu un une vers vos votre vous y
"""
_STOP = frozenset(_STOP_WORDS.split())
_NEGATION = re.compile(
    r"\b(?:ne|n'|ni|jamais|aucun|aucune|sans|nul|nulle|interdit|interdite|interdits|interdites|"
    r"interdiction|irrecevable|dispense)\b|\bn'"
)
_DUTY = re.compile(r"\b(?:doit|doivent|devra|tenu|tenue|tenus|oblige|obligatoire|impose)\b")
_MAY = re.compile(r"\b(?:peut|peuvent|pourra|pourront|autorise|autorisee|permet|possible)\b")
_PIECE = re.compile(r"[.,;:!?()\n]+")
_stemmer = Stemmer.Stemmer("french")


def supports(text: str, sentence: str, share: float = SHARE) -> bool:
    """Whether ``text`` supports ``sentence``, by the rules of this module.

    An empty sentence, and any sentence before an empty text, is not supported.
    """
    claim, ground = _fold(sentence), _fold(text)
    if not claim or not ground:
        return False
    if claim.rstrip(" .") in ground:
        return True
    if not _numbers(claim) <= _numbers(ground):
        return False
    stems = _stems(claim)
    if not stems or len(stems & _stems(ground)) < share * len(stems):
        return False
    return all(_same_force(clause, ground) for clause in _clauses(claim))


def _clauses(folded: str) -> list[str]:
    """Pieces between punctuation marks that hold at least two content stems."""
    return [piece for piece in _PIECE.split(folded) if len(_stems(piece)) > 1]


def _same_force(clause: str, ground: str) -> bool:
    """Whether the clause of ``ground`` nearest to ``clause`` is negated and modal like it."""
    stems = _stems(clause)
    nearest = max(
        _clauses(ground) or [ground],
        key=lambda piece: len(stems & _stems(piece)) / (1 + len(stems | _stems(piece))),
    )
    if bool(_NEGATION.search(clause)) != bool(_NEGATION.search(nearest)):
        return False
    duty = bool(_DUTY.search(clause)), bool(_DUTY.search(nearest))
    may = bool(_MAY.search(clause)), bool(_MAY.search(nearest))
    return not (duty[0] and may[1] and not duty[1]) and not (may[0] and duty[1] and not may[1])


@lru_cache(maxsize=4096)
def _fold(text: str) -> str:
    """Lower case, without accents or ligatures; apostrophes and digits stay."""
    plain = normalise(text).casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))


@lru_cache(maxsize=4096)
def _stems(folded: str) -> frozenset[str]:
    words = [w for w in re.findall(r"[a-z0-9]+", folded) if w not in _STOP and len(w) > 1]
    return frozenset(_stemmer.stemWords(words))


def _numbers(folded: str) -> frozenset[str]:
    joined = re.sub(r"(?<=\d) (?=\d{3}\b)", "", folded)
    return frozenset(re.findall(r"\d+", joined))
