"""Answer metrics: what one response says, cites and leaves unsaid. Pure functions.

Each takes a :class:`~evaluation.response.Response` and what the gold question asks of it, and
returns a number in [0, 1], or ``None`` where the metric has no meaning for this pair (citations of
an abstention, facts of a question without facts), so that the pair leaves the mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from evaluation.evidence import Mode, holds, normalise, overlap
from evaluation.response import Cited, Response, Said
from evaluation.support import supports

Support = Callable[[str, str], bool]
"""``(text, sentence) -> bool``: does the text support the sentence?"""


@lru_cache(maxsize=4096)
def _pattern(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.IGNORECASE)


def fact_recall(response: Response, facts: Sequence[Sequence[str]]) -> float | None:
    """Share of the facts met: one of a fact's regexes matches the sentences or the quotes.

    Case-insensitive. ``None`` without facts; 0 for an abstention, whose pointers assert nothing.
    """
    if not facts:
        return None
    if not response.answered:
        return 0.0
    read = _readable(response)
    return sum(any(_pattern(r).search(read) for r in fact) for fact in facts) / len(facts)


def forbidden(response: Response, must_not: Sequence[str]) -> float | None:
    """1 when a forbidden regex matches the sentences or the quotes, else 0.

    ``None`` without forbidden patterns; 0 for an abstention.
    """
    if not must_not:
        return None
    if not response.answered:
        return 0.0
    read = _readable(response)
    return float(any(_pattern(r).search(read) for r in must_not))


def right(
    response: Response,
    answerable: bool,
    facts: Sequence[Sequence[str]],
    must_not: Sequence[str],
) -> float | None:
    """1 for the right outcome as a whole, else 0.

    An answerable question wants an answer that meets every fact and nothing forbidden; any other
    wants an abstention. ``None`` for an answered question of which the gold states neither.
    """
    if not answerable:
        return float(not response.answered)
    if not response.answered:
        return 0.0
    if not facts and not must_not:
        return None
    met = fact_recall(response, facts)
    return float(met in (None, 1.0) and not forbidden(response, must_not))


def citation_recall(response: Response, support: Support = supports) -> float | None:
    r"""Share of the sentences that the quotes which they cite, taken together, support.

    .. math:: \frac{1}{|S|} \sum_{s \in S} [\, concat(C_s) \models s \,]

    A sentence that cites nothing, or a number that does not exist, counts 0. ``None`` for an
    abstention; 0 for an answer without a sentence. Source: ALCE (Gao et al., EMNLP 2023, § 3);
    the inference model is replaced by :func:`evaluation.support.supports`.
    """
    if not response.answered:
        return None
    if not response.sentences:
        return 0.0
    held = [_supported(response, s, support) for s in response.sentences]
    return sum(held) / len(held)


def citation_precision(response: Response, support: Support = supports) -> float | None:
    r"""Share of the citations that are needed where they stand.

    A citation *c* of a sentence *s* counts when :math:`C_s \models s` and not
    (:math:`c \not\models s` and :math:`C_s \setminus c \models s`): it supports the sentence by
    itself, or the others do not suffice without it. ``None`` for an abstention or when no sentence
    cites anything. Source: ALCE, § 3.
    """
    if not response.answered:
        return None
    useful = total = 0
    for sentence in response.sentences:
        total += len(sentence.citations)
        if not _supported(response, sentence, support):
            continue
        cited = response.cited_by(sentence)
        for one in cited:
            others = _concat([c for c in cited if c is not one])
            needed = support(one.quote, sentence.text) or not support(others, sentence.text)
            useful += needed
    return useful / total if total else None


def uncited(response: Response) -> float | None:
    """Share of the sentences that cite no existing number; ``None`` for an abstention."""
    if not response.answered or not response.sentences:
        return None
    return sum(not response.cited_by(s) for s in response.sentences) / len(response.sentences)


def verbatim_rate(response: Response, document_text: Callable[[str], str]) -> float | None:
    """Share of the quotes that are their source's cleaned text at the offsets given.

    Pointers of an abstention count too: they are shown. ``None`` without a citation.

    Args:
        response: What was answered.
        document_text: Source id to cleaned text; ``KeyError`` for an unknown source, which is 0.
    """
    return _share(response, lambda c: _verbatim(c, document_text))


def page_accuracy(response: Response, page_of: Callable[[str, int], int | None]) -> float | None:
    """Share of the citations whose page is that of their first character.

    A page announced where none is known is wrong; silence where one is known too; silence where
    none is known says nothing, and such citations leave the count. ``None`` when none is left.
    """
    judged = [(c.page, page_of(c.source, c.start)) for c in response.citations]
    known = [(said, true) for said, true in judged if (said, true) != (None, None)]
    return sum(said == true for said, true in known) / len(known) if known else None


def version_accuracy(response: Response, day: str) -> float | None:
    """Share of the dated articles cited that were in force on ``day`` (ISO 8601).

    In force: ``in_force_from <= day < in_force_to``, an open end meaning still in force. Articles
    whose dates are not known, and other kinds, are left out. ``None`` when none is left.
    """
    dated = [c for c in response.citations if c.in_force_from or c.in_force_to]
    if not response.answered or not dated:
        return None
    return sum(_in_force(c, day) for c in dated) / len(dated)


def evidence_cited(response: Response, spans: Sequence[str], mode: Mode) -> float | None:
    """Share of the gold spans that a quote overlaps; with mode ``any``, 1 as soon as one is.

    0 for an abstention on an answerable question; ``None`` without spans.
    """
    if not spans:
        return None
    if not response.answered:
        return 0.0
    met = [any(_shows(c, span) for c in response.citations) for span in spans]
    return float(any(met)) if mode == "any" else sum(met) / len(met)


def words(response: Response) -> float | None:
    """Words of the sentences, split at white space; ``None`` for an abstention."""
    return float(len(response.text.split())) if response.answered else None


def _readable(response: Response) -> str:
    """What is read, as written and again normalised: a no-break space is no difference of fact."""
    return f"{response.read}\n{normalise(response.read)}"


def _supported(response: Response, sentence: Said, support: Support) -> bool:
    cited = response.cited_by(sentence)
    if not cited or len(cited) != len(sentence.citations):
        return False
    return support(_concat(cited), sentence.text)


def _concat(cited: Sequence[Cited]) -> str:
    return "\n".join(c.quote for c in cited)


def _share(response: Response, good: Callable[[Cited], bool]) -> float | None:
    cited = response.citations
    return sum(good(c) for c in cited) / len(cited) if cited else None


def _verbatim(cited: Cited, document_text: Callable[[str], str]) -> bool:
    try:
        text = document_text(cited.source)
    except KeyError:
        return False
    return bool(cited.quote) and text[cited.start : cited.end] == cited.quote


def _in_force(cited: Cited, day: str) -> bool:
    begun = cited.in_force_from is None or cited.in_force_from <= day
    return begun and (cited.in_force_to is None or day < cited.in_force_to)


def _shows(cited: Cited, span: str) -> bool:
    return holds(cited.quote, (span,))[0] or overlap(cited.quote, cited.passage, span)
