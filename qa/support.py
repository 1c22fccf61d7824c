"""Whether a sentence says what its sources say: words aligned, then what governs them compared.

The content words of the sentence are aligned with those of each sentence of its sources (longest
common subsequence, an exchange inside one class being allowed so that it is seen). On what is
aligned, six things must agree: the exact facts, the marks of each host (negation, permission,
duty…), the small words between neighbours, the order of the persons, and, for each source sentence
that is drawn on, its conditions, exceptions and hedges. The rest must be covered by the cited text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa.alignment import Pair, align, is_same
from qa.claims import Claim, Content, claim_of
from qa.failure import Code, Failure
from qa.lexicon import lexicon

# Fitted by `python -m tests.fabrications`: see docs/gate.md for the procedure and the curve.
MIN_QUOTE_COVERAGE = 0.65  # share of content words found in the quotes, widened to whole sentences
MIN_WIDE_COVERAGE = 0.85  # … in the quotes, the rest of their passages and their headings
DRAWN_ON = 3  # aligned words from which a source sentence's conditions bind
BESIDE = 2  # content words by which a mark may have moved, or between which a word was cut out
DRAWN_SHARE = 0.3  # … and share of the sentence's aligned words

_NEGATIONS = frozenset("neg without forbid cannot mustnot neednot against".split())
_Mark = tuple[int, int, str]  # source sentence, content word, kind
_FAMILIES: dict[str, Code] = {"cond": "condition", "except": "condition", "hedge": "modality"}
_FACT_CODES: dict[str, Code] = {
    "article": "reference", "docket": "reference", "chamber": "reference", "item": "reference",
    "date": "date", "amount": "figure", "duration": "figure", "percent": "figure",
    "number": "figure",
}  # fmt: skip


def fact_code(kind: str) -> Code:
    """The failure that a wrong fact of a kind is."""
    return _FACT_CODES[kind]


def compare(text: str, sources: Sequence[Claim], wide: frozenset[str]) -> tuple[Failure, ...]:
    """Faults of a sentence against the source sentences that it cites.

    Args:
        text: The candidate sentence.
        sources: The claims of the cited sentences, in the order of the documents.
        wide: Keys of every content word of the cited passages and of their headings.
    """
    claim = claim_of(text)
    if not claim.contents:
        return (Failure("support", text),)
    pairs = align(claim, sources)
    failures = [
        *_coverage(claim, sources, pairs, wide),
        *_exchanges(claim, sources, pairs),
        *_marks(claim, sources, pairs),
        *_small_words(claim, sources, pairs),
        *_whole_sentences(claim, sources, pairs),
        *_roles(claim, sources, pairs),
        *_fact_neighbours(claim, sources, pairs),
    ]
    return tuple(dict.fromkeys(failures))


def _coverage(
    claim: Claim, sources: Sequence[Claim], pairs: Sequence[Pair], wide: frozenset[str]
) -> Iterator[Failure]:
    words = lexicon()
    near = {content.key for source in sources for content in source.contents}
    aligned = {pair.i for pair in pairs if pair.exact}
    drawn = {c.key for s in {p.s for p in pairs if p.exact} for c in sources[s].contents}
    in_quote = in_passage = counted = 0
    lost: list[str] = []
    for i, content in enumerate(claim.contents):
        implied = any((content.key, key) in words.implied for key in near)
        if i in aligned or content.key in near or implied:
            in_quote += 1
            acted_on = i > 0 and claim.contents[i - 1].infinitive
            if content.group == "actor" and content.key not in drawn and acted_on and not implied:
                yield Failure("support", content.text)  # “informer” taken here, its object there
        elif content.key in words.frame:
            continue
        elif content.key in wide or content.fact is not None:
            in_passage += 1  # a fact is checked against its passage by the caller
        else:
            lost.append(content.text)
            if any(frozenset((content.key, key)) in words.antonyms for key in near):
                yield Failure("contrary", content.text)
            elif content.group or not content.noun:  # a person, a duty, a verb: never to be added
                yield Failure("support", content.text)
        counted += 1
    if not counted or in_quote < MIN_QUOTE_COVERAGE * counted:
        yield Failure("support", " ".join(lost) or "…")
    elif in_quote + in_passage < MIN_WIDE_COVERAGE * counted:
        yield Failure("support", " ".join(lost))


def _exchanges(claim: Claim, sources: Sequence[Claim], pairs: Sequence[Pair]) -> Iterator[Failure]:
    """A word standing, among the same neighbours, where the source has another of its kind."""
    exact = {(p.i, p.s, p.j) for p in pairs if p.exact}
    matched = {p.i for p in pairs if p.exact}
    for pair in pairs:
        anchored = (pair.i - 1, pair.s, pair.j - 1) in exact or (
            (pair.i + 1, pair.s, pair.j + 1) in exact
        )
        if pair.exact or pair.i in matched or not anchored:
            continue
        here, there = claim.contents[pair.i], sources[pair.s].contents[pair.j]
        code = _FACT_CODES[here.fact.kind] if here.fact else "contrary"
        yield Failure(code, f"{here.text} / {there.text}")


def _marks(claim: Claim, sources: Sequence[Claim], pairs: Sequence[Pair]) -> Iterator[Failure]:
    """Marks are compared host by host; next to an adverb dropped or added, one may change host."""
    place = {p.i: (p.s, p.j) for p in pairs if p.exact}
    used = set(place.values())
    here = {(0, i, m) for i, c in enumerate(claim.contents) if i not in place for m in c.marks}
    there = {
        (s, j, mark)
        for s in {s for s, _ in used}
        for j, c in enumerate(sources[s].contents)
        if (s, j) not in used
        for mark in c.marks
    }
    for i, (s, j) in place.items():
        content, source = claim.contents[i], sources[s].contents[j]
        for mark in sorted(content.marks - source.marks):
            # “doit s’efforcer d’obtenir” is no “doit obtenir”: an infinitive is no adverb.
            adverbs = {m for m in there if not sources[m[0]].contents[m[1]].infinitive}
            if not _take(there, adverbs, (s, j, mark)):
                yield _mark_failure(mark, content.text)
        for mark in sorted(source.marks - content.marks):
            if not _take(here, here, (0, i, mark)):
                yield _mark_failure(mark, content.text)
    for _, i, mark in sorted(here):
        if mark not in _elsewhere(claim.contents[i], sources):
            yield _mark_failure(mark, claim.contents[i].text)
    for s, j, mark in sorted(there):
        if (mark in _NEGATIONS or mark == "only") and _is_cut_out(s, j, used):
            yield _mark_failure(mark, sources[s].contents[j].text)


def _take(loose: set[_Mark], among: set[_Mark], wanted: _Mark) -> bool:
    """Take from the loose marks one of the same kind that stands beside a place."""
    s, place, kind = wanted
    for mark in sorted(among):
        if mark[0] == s and mark[2] == kind and abs(mark[1] - place) <= BESIDE:
            loose.discard(mark)
            return True
    return False


def _is_cut_out(s: int, j: int, used: set[tuple[int, int]]) -> bool:
    """Whether a denied word was cut out of what the sentence takes over, or off its complement."""
    if (s, j + 1) in used:
        return True
    before = any((s, k) in used for k in range(j - BESIDE, j))
    return before and any((s, k) in used for k in range(j + 1, j + BESIDE + 1))


def _elsewhere(content: Content, sources: Sequence[Claim]) -> set[str]:
    """Marks that every occurrence of a word not aligned bears in the sources."""
    found = [c.marks for source in sources for c in source.contents if is_same(content, c)]
    return set(frozenset.intersection(*found)) if found else set()


def _mark_failure(mark: str, word: str) -> Failure:
    if mark == "only":
        return Failure("condition", word)
    return Failure("negation" if mark in _NEGATIONS else "modality", word)


def _small_words(
    claim: Claim, sources: Sequence[Claim], pairs: Sequence[Pair]
) -> Iterator[Failure]:
    """“et”, “ou”, “sans”, “avec”… between two words that stand side by side in both."""
    exact = {(p.i, p.s, p.j) for p in pairs if p.exact}
    for i, s, j in exact:
        if (i - 1, s, j - 1) not in exact:
            continue
        here, there = claim.contents[i], sources[s].contents[j]
        # “ne” and “pas” are compared by host; here only what joins or quantifies.
        changed = (here.small ^ there.small) - {"ne", "pas", "ni"}
        if changed:
            code: Code = "negation" if changed & {"sans", "avec", "contre"} else "contrary"
            yield Failure(code, " ".join(sorted(changed)))


def _whole_sentences(
    claim: Claim, sources: Sequence[Claim], pairs: Sequence[Pair]
) -> Iterator[Failure]:
    """Conditions, exceptions, restrictions and hedges of each sentence drawn on; absolutes."""
    exact = [p for p in pairs if p.exact]
    drawn: set[str] = set()
    offered: set[str] = set()
    absolutes: set[str] = set()
    for s in {p.s for p in exact}:
        count = sum(p.s == s for p in exact)
        offered |= sources[s].flags
        absolutes |= sources[s].absolutes
        if count >= min(DRAWN_ON, len(claim.contents)) and count >= DRAWN_SHARE * len(exact):
            drawn |= sources[s].flags
    for family in sorted(drawn - claim.flags):
        yield Failure(_FAMILIES[family], family)
    for family in sorted(claim.flags - offered):
        yield Failure(_FAMILIES[family], family)
    for word in sorted(claim.absolutes - absolutes):
        yield Failure("contrary", word)


def _roles(claim: Claim, sources: Sequence[Claim], pairs: Sequence[Pair]) -> Iterator[Failure]:
    """Persons keep their order within one source sentence."""
    for s in {p.s for p in pairs}:
        source = sources[s].contents
        here = [c.key for c in claim.contents if c.group == "actor"]
        there = [c.key for c in source if c.group == "actor"]
        for a in range(len(here)):
            for b in range(a + 1, len(here)):
                one, two = here[a], here[b]
                if here.count(one) > 1 or here.count(two) > 1:
                    continue
                once = there.count(one) == 1 and there.count(two) == 1
                if once and there.index(one) > there.index(two):
                    yield Failure("role", f"{one} / {two}")


def _fact_neighbours(
    claim: Claim, sources: Sequence[Claim], pairs: Sequence[Pair]
) -> Iterator[Failure]:
    """An amount or a duration keeps the word that follows it (“un an d’emprisonnement”)."""
    for pair in pairs:
        here = claim.contents[pair.i]
        if not pair.exact or here.group not in ("amount", "duration", "number", "percent"):
            continue
        if pair.i + 1 == len(claim.contents):
            continue
        after, source = claim.contents[pair.i + 1], sources[pair.s].contents
        near = {c.key for c in source[pair.j + 1 : pair.j + 3]}
        if after.key not in near and after.key in {c.key for c in source}:
            yield Failure("figure", f"{here.text} {after.text}")
