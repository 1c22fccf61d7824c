"""Seeded generators of fabricated and of faithful answers over the real guide, and their rates.

``python -m tests.fabrications`` prints what the gate rejects and keeps, by kind of case;
``--fit`` prints the same over a grid of thresholds, on the fitting half of the passages.
"""

from __future__ import annotations

import argparse
import random
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from corpus.library import load_library
from corpus.passage import Passage
from corpus.text import sentence_spans
from index.hit import Hit
from qa import support
from qa.answer import Citation, Sentence
from qa.failure import Failure
from qa.verify import cite, gate
from tests.wordings import REWORDINGS, TAMPERINGS, lower


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence, the passages offered, and the citations that it claims: (key, quotation)."""

    kind: str
    text: str
    offered: tuple[Passage, ...]
    claimed: tuple[tuple[int, str], ...]

    def faults(self) -> tuple[Failure, ...]:
        """What the product's gate finds; empty when the sentence would be shown."""
        citations: list[Citation] = []
        for key, quote in self.claimed:
            if not 1 <= key <= len(self.offered):
                continue  # left to the gate: the sentence still names it
            made = cite(key, Hit(self.offered[key - 1], 1.0), quote)
            if isinstance(made, Failure):
                return (made,)
            citations.append(made)
        result = gate([Sentence(self.text, tuple(k for k, _ in self.claimed))], citations)
        return result.dropped[0][1] if result.dropped else ()


def passages(part: str) -> tuple[Passage, ...]:
    """The guide's passages: those to ``fit`` thresholds on, those to ``report`` on, or ``all``."""
    found = load_library().passages
    if part == "all":
        return found
    return tuple(p for p in found if (zlib.crc32(p.id.encode()) % 2 == 0) == (part == "fit"))


def sentences(passage: Passage) -> list[str]:
    """Its sentences of a useful length, as they stand."""
    spans = sentence_spans(passage.text)
    found = [passage.text[a:b] for a, b in spans if 60 <= b - a <= 700]
    return [text for text in found if not text.endswith(":")]  # a heading asserts nothing


_INSIDE = ("plural", "other spelling", "kinésithérapeute", "parenthesis dropped")


def true_cases(seed: int, count: int, part: str = "report") -> list[Case]:
    """Faithful answers: each rewording in turn, and two sentences of two passages joined."""

    def draw(rng: random.Random, pool: Sequence[Passage], kind: str) -> Case | None:
        return _joined(rng, pool) if kind == "joined" else _reworded(rng, pool, kind)

    return _in_turn((*REWORDINGS, "joined"), draw, seed, count, part)


def _in_turn(
    kinds: Sequence[str],
    draw: Callable[[random.Random, Sequence[Passage], str], Case | None],
    seed: int,
    count: int,
    part: str,
) -> list[Case]:
    """Distinct cases, each kind in turn; a kind that the passages have no more of drops out."""
    rng = random.Random(seed)
    pool = passages(part)
    left = list(kinds)
    cases: list[Case] = []
    seen: set[tuple[str, str]] = set()
    while left and len(cases) < count:
        for kind in tuple(left):
            drawn = (draw(rng, pool, kind) for _ in range(400))
            case = next((c for c in drawn if c and (kind, c.text) not in seen), None)
            if case is None:
                left.remove(kind)
            elif len(cases) < count:
                seen.add((kind, case.text))
                cases.append(case)
    return cases


def _reworded(rng: random.Random, pool: Sequence[Passage], kind: str) -> Case | None:
    passage = rng.choice(pool)
    found = sentences(passage)
    if not found:
        return None
    source = rng.choice(found)
    text = REWORDINGS[kind](source, passage)
    if text is None or (kind in _INSIDE and "«" in text):
        return None  # altering a quotation is no faithful rewording
    offered = _offer(rng, pool, passage)
    return Case(kind, text, offered, ((offered.index(passage) + 1, source),))


def _joined(rng: random.Random, pool: Sequence[Passage]) -> Case | None:
    one, two = rng.sample(pool, 2)
    if not (sentences(one) and sentences(two)):
        return None
    a, b = rng.choice(sentences(one)), rng.choice(sentences(two))
    if len(a) + len(b) > 500 or a.endswith(":") or re.match(r"[IVX]+\.|\d°|à ", b):
        return None
    text = f"{a.rstrip('.;')} ; {lower(b)}"
    return Case("joined", text, (one, two), ((1, a), (2, b)))


def _offer(rng: random.Random, pool: Sequence[Passage], passage: Passage) -> tuple[Passage, ...]:
    others = [p for p in rng.sample(pool, min(5, len(pool))) if p != passage][:4]
    offered = [*others, passage]
    rng.shuffle(offered)
    return tuple(offered)


FABRICATIONS = ("unknown key", "quotation altered", "quotation of another sentence", *TAMPERINGS,
                "quotation of another passage")  # fmt: skip


def false_cases(seed: int, count: int, part: str = "report") -> list[Case]:
    """Fabricated answers, each kind in turn, over faithful rewordings as much as verbatim text."""
    return _in_turn(FABRICATIONS, _fabricated, seed, count, part)


def _fabricated(rng: random.Random, pool: Sequence[Passage], kind: str) -> Case | None:
    true = _reworded(rng, pool, rng.choice(["verbatim", "lead-in", "kinésithérapeute", "typed"]))
    if true is None:
        return None
    key, quote = true.claimed[0]
    passage = true.offered[key - 1]
    if kind in TAMPERINGS:
        text = TAMPERINGS[kind](rng, true.text)
        return Case(kind, text, true.offered, true.claimed) if text else None
    if kind == "unknown key":
        return Case(kind, true.text, true.offered, ((key, quote), (len(true.offered) + 3, quote)))
    if kind == "quotation altered":
        words = quote.split(" ")
        at = rng.randrange(1, len(words) - 1)
        words[at] = rng.choice(["toujours", "jamais", "librement", "rarement"])
        return Case(kind, true.text, true.offered, ((key, " ".join(words)),))
    if kind == "quotation of another sentence":
        others = [s for s in sentences(passage) if s != quote and not _alike(s, quote)]
        return Case(kind, true.text, true.offered, ((key, rng.choice(others)),)) if others else None
    wrong = [k for k, p in enumerate(true.offered, start=1) if k != key and sentences(p)]
    wrong = [k for k in wrong if not any(_alike(s, quote) for s in sentences(true.offered[k - 1]))]
    if not wrong:
        return None
    other = rng.choice(wrong)
    return Case(kind, true.text, true.offered,
                ((other, rng.choice(sentences(true.offered[other - 1]))),))  # fmt: skip


def _alike(one: str, other: str) -> bool:
    """Whether two sentences say nearly the same: the guide repeats some of its texts."""
    a, b = set(re.findall(r"\w{4,}", one.lower())), set(re.findall(r"\w{4,}", other.lower()))
    return len(a & b) >= 0.6 * min(len(a), len(b))


def rates(cases: Sequence[Case]) -> tuple[Counter[str], Counter[str], list[Case]]:
    """Cases by kind, cases rejected by kind, and the cases that were kept."""
    total: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    kept: list[Case] = []
    for case in cases:
        total[case.kind] += 1
        if case.faults():
            rejected[case.kind] += 1
        else:
            kept.append(case)
    return total, rejected, kept


def _lines(args: argparse.Namespace) -> Iterator[str]:
    for name, make in (("fabricated", false_cases), ("faithful", true_cases)):
        cases = make(args.seed, args.count, args.part)
        total, rejected, kept = rates(cases)
        yield f"{name}: {len(cases)} cases, {sum(rejected.values())} rejected, {len(kept)} kept"
        for kind in total:
            yield f"  {kind:32s} {rejected[kind]:4d} of {total[kind]:4d} rejected"
        for case in cases if args.show else ():
            faults = case.faults()
            if bool(faults) != (name == "fabricated"):
                yield f"    {case.kind}: {case.text!r} <- {case.claimed!r} {faults}"


def _fit(args: argparse.Namespace) -> Iterator[str]:
    wrong = false_cases(args.seed, args.count, "fit")
    right = true_cases(args.seed, args.count, "fit")
    for near in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        for wide in (0.7, 0.8, 0.85, 0.9, 0.95, 1.0):
            support.MIN_QUOTE_COVERAGE, support.MIN_WIDE_COVERAGE = near, wide
            missed = sum(not case.faults() for case in wrong)
            lost = sum(bool(case.faults()) for case in right)
            yield f"quote {near:.2f} wide {wide:.2f}: {missed} false kept, {lost} true lost"


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--part", choices=("fit", "report", "all"), default="report")
    parser.add_argument("--show", action="store_true", help="print the cases judged wrongly")
    parser.add_argument("--fit", action="store_true", help="try a grid of thresholds instead")
    args = parser.parse_args()
    for line in _fit(args) if args.fit else _lines(args):
        print(line)


if __name__ == "__main__":
    main()
