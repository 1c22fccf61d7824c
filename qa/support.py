"""Whether a sentence says what its sources say: words aligned, then what governs them compared.

The content words of the sentence are aligned with those of each sentence of its sources (longest
common subsequence, an exchange inside one class being allowed so that it is seen). On what is
aligned, six things must agree: the exact facts, the marks of each host (negation, permission,
duty…), the small words between neighbours, the order of the persons, and, for each source sentence
that is drawn on, its conditions, exceptions and hedges. The rest must be covered by the cited text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.claims import Claim, Content, claim_of, lexicon
from qa.failure import Code, Failure

# Fitted by `python -m tests.fabrications`: see docs/gate.md for the procedure and the curve.
MIN_QUOTE_COVERAGE = 0.6  # share of content words found in the quotes, widened to whole sentences
MIN_WIDE_COVERAGE = 0.85  # … in the quotes, the rest of their passages and their headings
DRAWN_ON = 3  # aligned words from which a source sentence's conditions bind
DRAWN_SHARE = 0.3  # … and share of the sentence's aligned words

_MATCH, _NEIGHBOUR, _EXCHANGE = 4, 1, 2
_ROUNDS = 4  # source sentences that one sentence may join
_NEGATIONS = frozenset("neg without forbid cannot mustnot neednot against".split())
_FAMILIES: dict[str, Code] = {"cond": "condition", "except": "condition", "only": "condition",
                              "hedge": "modality"}  # fmt: skip
_FACT_CODES: dict[str, Code] = {
    "article": "reference", "docket": "reference", "chamber": "reference", "item": "reference",
    "date": "date", "amount": "figure", "duration": "figure", "percent": "figure",
    "number": "figure",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pair:
    i: int  # content word of the sentence
    s: int  # source sentence
    j: int  # content word of the source sentence
    exact: bool


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
    pairs = _align(claim, sources)
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


def _same(one: Content, other: Content) -> bool:
    return one.key == other.key or (one.key, other.key) in lexicon().implied


def _exchanged(one: Content, other: Content) -> bool:
    """Whether two words are of one class, or contraries: one for the other is another claim."""
    if one.group and one.group == other.group:
        return True
    return frozenset((one.key, other.key)) in lexicon().antonyms


def _align(claim: Claim, sources: Sequence[Claim]) -> list[_Pair]:
    """Pairs of words, best source sentence first, each word of the sentence used once."""
    free = set(range(len(claim.contents)))
    taken: set[int] = set()
    pairs: list[_Pair] = []
    for _ in range(_ROUNDS):
        found = [
            (_alignment(claim.contents, source.contents, free), s)
            for s, source in enumerate(sources)
            if s not in taken
        ]
        best = max(found, key=lambda item: item[0][0], default=((0, []), -1))
        (score, steps), s = best
        if score < 2 * _MATCH:
            break
        taken.add(s)
        pairs += [_Pair(i, s, j, exact) for i, j, exact in steps]
        free -= {i for i, _, exact in steps if exact}
    return pairs


def _alignment(
    a: Sequence[Content], b: Sequence[Content], free: set[int]
) -> tuple[int, list[tuple[int, int, bool]]]:
    """Best common subsequence of two word lists; only words of ``a`` in ``free`` may match."""
    rows, cols = len(a), len(b)
    best = [[0] * (cols + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        row, below = best[i], best[i + 1]
        for j in range(cols - 1, -1, -1):
            value = max(below[j], row[j + 1])
            if i in free:
                gain = _gain(a, b, i, j)
                if gain and below[j + 1] + gain > value:
                    value = below[j + 1] + gain
            row[j] = value
    steps: list[tuple[int, int, bool]] = []
    i = j = 0
    while i < rows and j < cols:
        gain = _gain(a, b, i, j) if i in free else 0
        if gain and best[i][j] == best[i + 1][j + 1] + gain:
            steps.append((i, j, _same(a[i], b[j])))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return best[0][0], steps


def _gain(a: Sequence[Content], b: Sequence[Content], i: int, j: int) -> int:
    if _same(a[i], b[j]):
        before = i > 0 and j > 0 and a[i - 1].key == b[j - 1].key
        after = i + 1 < len(a) and j + 1 < len(b) and a[i + 1].key == b[j + 1].key
        return _MATCH + _NEIGHBOUR * (before + after)
    return _EXCHANGE if _exchanged(a[i], b[j]) else 0


def _coverage(
    claim: Claim, sources: Sequence[Claim], pairs: Sequence[_Pair], wide: frozenset[str]
) -> Iterator[Failure]:
    words = lexicon()
    near = {content.key for source in sources for content in source.contents}
    aligned = {pair.i for pair in pairs if pair.exact}
    in_quote = in_passage = counted = 0
    lost: list[str] = []
    for i, content in enumerate(claim.contents):
        implied = any((content.key, key) in words.implied for key in near)
        if i in aligned or content.key in near or implied:
            in_quote += 1
        elif content.key in wide or content.fact is not None:
            in_passage += 1  # a fact is checked against its passage by the caller
        elif content.key in words.frame:
            continue
        else:
            lost.append(content.text)
            if content.group:  # a person, a duty: never to be added
                yield Failure("support", content.text)
        counted += 1
    if not counted or in_quote < MIN_QUOTE_COVERAGE * counted:
        yield Failure("support", " ".join(lost) or "…")
    elif in_quote + in_passage < MIN_WIDE_COVERAGE * counted:
        yield Failure("support", " ".join(lost))


def _exchanges(claim: Claim, sources: Sequence[Claim], pairs: Sequence[_Pair]) -> Iterator[Failure]:
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


def _marks(claim: Claim, sources: Sequence[Claim], pairs: Sequence[_Pair]) -> Iterator[Failure]:
    """Marks are compared host by host; one whose host is not aligned may have changed host."""
    exact = [p for p in pairs if p.exact]
    of_word = {p.i: sources[p.s].contents[p.j] for p in exact}
    drawn = {p.s for p in exact}
    used = {(p.s, p.j) for p in exact}
    loose_here = [m for i, c in enumerate(claim.contents) if i not in of_word for m in c.marks]
    loose_there = [
        m for s in drawn for j, c in enumerate(sources[s].contents) if (s, j) not in used
        for m in c.marks
    ]  # fmt: skip
    for i, content in enumerate(claim.contents):
        there = of_word[i].marks if i in of_word else frozenset()
        for mark in sorted(content.marks - there):
            if mark in loose_there:
                loose_there.remove(mark)
            elif i in of_word or mark not in _elsewhere(content, sources):
                yield _mark_failure(mark, content.text)
        for mark in sorted(there - content.marks):
            if mark in loose_here:
                loose_here.remove(mark)
            else:
                yield _mark_failure(mark, content.text)


def _elsewhere(content: Content, sources: Sequence[Claim]) -> set[str]:
    """Marks that every occurrence of a word not aligned bears in the sources."""
    found = [c.marks for source in sources for c in source.contents if _same(content, c)]
    return set(frozenset.intersection(*found)) if found else set()


def _mark_failure(mark: str, word: str) -> Failure:
    if mark == "only":
        return Failure("condition", word)
    return Failure("negation" if mark in _NEGATIONS else "modality", word)


def _small_words(
    claim: Claim, sources: Sequence[Claim], pairs: Sequence[_Pair]
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
    claim: Claim, sources: Sequence[Claim], pairs: Sequence[_Pair]
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


def _roles(claim: Claim, sources: Sequence[Claim], pairs: Sequence[_Pair]) -> Iterator[Failure]:
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
    claim: Claim, sources: Sequence[Claim], pairs: Sequence[_Pair]
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
