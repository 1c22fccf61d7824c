"""The gate: no sentence is shown unless all that it cites is real, exact and says the same.

Pure functions without input or output. Only this module sets ``Citation.verified``. What is checked
and what is not is told in ``docs/gate.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from corpus.passage import Passage
from corpus.text import sentence_spans
from index.hit import Hit
from qa.answer import Citation, Sentence
from qa.claims import Claim, claim_of_source
from qa.facts import find_facts, is_held, passage_facts
from qa.failure import Failure
from qa.support import compare, fact_code

MAX_SENTENCE = 2_000  # characters; the longest sentence of the guide has about 900
# The one normalisation, for finding only: kinds of spaces, and the two apostrophes.
_LIKE = str.maketrans({"’": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\n": " ", "\t": " "})
_QUOTED = re.compile(r"[«“]([^«»“”]{1,2000})[»”]")
_ELISION_MARK = re.compile(r"\s?(?:\[…\]|\[\.\.\.\]|\(…\)|\(\.\.\.\))\s?")
_OUTER = ' .;:,!?…«»“”"()'
_CLAUSE_END = re.compile(r";\s|\n")


@dataclass(frozen=True, slots=True)
class Gated:
    """What passed the gate, and what did not and why."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    dropped: tuple[tuple[Sentence, tuple[Failure, ...]], ...]


def verify_quote(hit: Hit, quote: str) -> tuple[int, int] | Failure:
    """Where a quotation stands, verbatim, in its passage.

    Returns:
        Offsets in the cleaned document of the source; what is stored is that exact slice. Only
        kinds of spaces and of apostrophes may differ from ``quote``.
    """
    passage = hit.passage
    wanted = quote.strip().translate(_LIKE)
    at = passage.text.translate(_LIKE).find(wanted) if wanted else -1
    if at < 0:  # one space for several, as a model may write the end of a paragraph
        at, length = _find_loosely(passage.text, wanted)
        if at < 0:
            return Failure("quote", quote[:120])
        return passage.start + at, passage.start + at + length
    return passage.start + at, passage.start + at + len(wanted)


def _find_loosely(text: str, wanted: str) -> tuple[int, int]:
    words = wanted.split()
    if not words or len(wanted) > MAX_SENTENCE:
        return -1, 0
    pattern = r"\s{1,4}".join(map(re.escape, words))
    match = re.search(pattern, text.translate(_LIKE))
    return (match.start(), match.end() - match.start()) if match else (-1, 0)


def cite(n: int, hit: Hit, quote: str) -> Citation | Failure:
    """An unverified citation holding the exact slice that ``quote`` designates."""
    place = verify_quote(hit, quote)
    if isinstance(place, Failure):
        return place
    start, end = place
    base = hit.passage.start
    return Citation(n, hit, hit.passage.text[start - base : end - base], start, end)


def check_sentence(text: str, citations: Sequence[Citation]) -> tuple[Failure, ...]:
    """Every fault of one sentence against the citations that it names; empty when it may be shown.

    Args:
        text: The sentence as it would be shown.
        citations: The citations that it names, each already verbatim by construction.
    """
    if not citations:
        return (Failure("no_citation", text[:120]),)
    if len(text) > MAX_SENTENCE:
        return (Failure("support", text[:120]),)
    failures = [*_quotation_faults(text, citations), *_fact_faults(text, citations)]
    if not failures and _is_whole_extract(text, citations):
        return ()
    sources = [claim for c in citations for claim in _claims_around(c.hit.passage, *_inner(c))]
    wide = frozenset(k for c in citations for k in _wide_keys(c.hit.passage))
    return tuple(dict.fromkeys((*failures, *compare(text, sources, wide))))


def gate(sentences: Iterable[Sentence], citations: Iterable[Citation]) -> Gated:
    """Keep the sentences that pass, with the citations that they name, now verified."""
    offered: Mapping[int, Citation] = {c.n: c for c in citations}
    kept: list[Sentence] = []
    dropped: list[tuple[Sentence, tuple[Failure, ...]]] = []
    for sentence in sentences:
        failures = _gate_one(sentence, offered)
        if failures:
            dropped.append((sentence, failures))
        else:
            kept.append(sentence)
    used = {n for sentence in kept for n in sentence.citations}
    verified = tuple(replace(c, verified=True) for n, c in offered.items() if n in used)
    return Gated(tuple(kept), verified, tuple(dropped))


def as_pointers(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Citations offered beside a refusal: verbatim by construction, and nothing is asserted."""
    return tuple(replace(c, verified=True) for c in citations)


def _gate_one(sentence: Sentence, offered: Mapping[int, Citation]) -> tuple[Failure, ...]:
    unknown = [n for n in sentence.citations if n not in offered]
    if unknown:
        return tuple(Failure("unknown_key", str(n)) for n in unknown)
    return check_sentence(sentence.text, [offered[n] for n in sentence.citations])


def _inner(citation: Citation) -> tuple[int, int]:
    base = citation.hit.passage.start
    return citation.start - base, citation.end - base


def _quotation_faults(text: str, citations: Sequence[Citation]) -> list[Failure]:
    """What the sentence itself puts between quotation marks must be in a cited passage."""
    sources = [_plain(c.hit.passage.text) for c in citations]
    faults = []
    for match in _QUOTED.finditer(text):
        pieces = [_plain(p).strip(_OUTER) for p in _ELISION_MARK.split(match.group(1))]
        if not any(_in_order(pieces, source) for source in sources):
            faults.append(Failure("quote", match.group(1)[:120].strip()))
    return faults


def _in_order(pieces: Sequence[str], source: str) -> bool:
    at = 0
    for piece in pieces:
        at = source.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def _fact_faults(text: str, citations: Sequence[Citation]) -> list[Failure]:
    held = frozenset().union(*(passage_facts(c.hit.passage) for c in citations))
    return [
        Failure(fact_code(fact.kind), text[fact.start : fact.end])
        for fact in find_facts(text)
        if not is_held(fact, held)
    ]


def _plain(text: str) -> str:
    return " ".join(text.translate(_LIKE).split())


def _is_whole_extract(text: str, citations: Sequence[Citation]) -> bool:
    """Whether the text is one or more whole sentences of a passage, cited, word for word."""
    wanted = _plain(text).strip(_OUTER)
    for citation in citations:
        if wanted not in _plain(citation.quote):
            continue
        for first, last in _runs(citation.hit.passage.text):
            if _plain(citation.hit.passage.text[first:last]).strip(_OUTER) == wanted:
                return True
    return False


@lru_cache(maxsize=4096)
def _runs(text: str) -> tuple[tuple[int, int], ...]:
    """Offsets of every run of one to six whole sentences, and of every item of a list."""
    spans = sentence_spans(text)
    return tuple(
        (spans[a][0], spans[b][1])
        for a in range(len(spans))
        for b in range(a, min(a + 6, len(spans)))
    )


@lru_cache(maxsize=8192)
def _claims_around(passage: Passage, start: int, end: int) -> tuple[Claim, ...]:
    """Claims of the whole sentences that a quotation touches, items of a list with their lead-in.

    A quotation that leaves out the “ne … pas”, the “il semble” or the “sauf” of its sentence is
    thus read with them.
    """
    spans = [s for s in sentence_spans(passage.text) if s[0] < end and start < s[1]]
    alone = [passage.text[a:b] for a, b in spans]
    led = [f"{lead} {passage.text[a:b]}" for a, b in spans if (lead := _lead_in(passage.text, a))]
    return tuple(claim_of_source(part) for piece in alone + led for part in _clauses(piece))


def _clauses(sentence: str) -> list[str]:
    return [part for part in _CLAUSE_END.split(sentence) if part.strip()]


def _lead_in(text: str, start: int) -> str:
    """The paragraph that opens, with a colon, the list whose item starts at ``start``; or ""."""
    before = [text[a:b] for a, b in sentence_spans(text) if b <= start]
    for piece in reversed(before):
        if piece.endswith(":"):
            return piece.rstrip(" :")
        if not piece.endswith(";"):
            break
    return ""


@lru_cache(maxsize=4096)
def _wide_keys(passage: Passage) -> frozenset[str]:
    headings = " ".join((*passage.section, passage.title, passage.ref))
    claims = [claim_of_source(part) for part in (*_clauses(passage.text), headings)]
    return frozenset(content.key for claim in claims for content in claim.contents)
