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


# --- faithful rewordings ---------------------------------------------------------------------

_OPENING = re.compile(
    r"^(?:Dès lors|En outre|En revanche|Toutefois|Ainsi|De même|Nonobstant|Cependant), "
)
_PLURALS = (
    ("le masseur-kinésithérapeute", "les masseurs-kinésithérapeutes"), ("peut", "peuvent"),
    ("doit", "doivent"), ("est tenu", "sont tenus"), ("est soumis", "sont soumis"),
    ("est autorisé", "sont autorisés"), ("veille", "veillent"), ("protège", "protègent"),
)  # fmt: skip
_SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"15 000 euros", "15000 €"), (r"15 000 euros", "quinze mille euros"), (r"\bun an\b", "1 an"),
    (r"29 mars 2022", "29/03/2022"), (r"4 juin 2021", "04/06/2021"), (r"R\. ?4321-", "R4321-"),
    (r"30 juillet 2020", "30/07/2020"), (r"L\. ?1110-", "L.1110-"), (r"n°", "n° "),
    (r"27/11/2018", "27 novembre 2018"), (r"26/09/2018", "26 septembre 2018"),
)  # fmt: skip


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def _name(passage: Passage) -> str:
    if passage.kind == "article":
        code, _, number = passage.ref.partition(", art. ")
        return f"l’article {number} du {code}"
    return "le guide du CNOMK" if passage.kind == "guide" else f"la décision {passage.ref}"


def _led(text: str, passage: Passage) -> str | None:
    bare = re.sub(r"^(?:[IVX]+(?: bis)?\.|\d°) ", "", text)
    return f"Selon {_name(passage)}, {_lower(bare)}"


def _quoted(text: str, passage: Passage) -> str | None:
    if "«" in text or "»" in text:
        return None
    return f"{_name(passage).capitalize()} dispose : « {text} »"


def _without_opening(text: str, passage: Passage) -> str | None:
    bare = _OPENING.sub("", text)
    return bare[0].upper() + bare[1:] if bare != text else None


def _plural(text: str, passage: Passage) -> str | None:
    if not re.match(r"(?:Dès lors, )?le masseur-kin", text, re.IGNORECASE):
        return None
    for one, many in _PLURALS:
        text = re.sub(rf"\b{one}\b", many, text, count=1, flags=re.IGNORECASE)
    return text[0].upper() + text[1:]


def _respelt(text: str, passage: Passage) -> str | None:
    changed = text
    for one, other in random.Random(len(text)).sample(_SPELLINGS, len(_SPELLINGS)):
        changed = re.sub(one, other, changed)
    return changed if changed != text else None


def _alias(text: str, passage: Passage) -> str | None:
    changed = re.sub(r"masseur-kinésithérapeute", "kinésithérapeute", text)
    return changed if changed != text else None


def _typed(text: str, passage: Passage) -> str | None:
    return text.replace("’", "'").replace(" »", "\u00a0»").replace("« ", "«\u00a0")


def _no_parenthesis(text: str, passage: Passage) -> str | None:
    changed = re.sub(r" \([^()]{5,120}\)", "", text)
    return changed if changed != text else None


def _as_is(text: str, passage: Passage) -> str | None:
    return text


Rewording = Callable[[str, Passage], str | None]
REWORDINGS: dict[str, Rewording] = {
    "verbatim": _as_is, "lead-in": _led, "in quotation marks": _quoted,
    "opening dropped": _without_opening, "plural": _plural, "other spelling": _respelt,
    "kinésithérapeute": _alias, "typed": _typed, "parenthesis dropped": _no_parenthesis,
}  # fmt: skip


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
    text = f"{a.rstrip('.;')} ; {_lower(b)}"
    return Case("joined", text, (one, two), ((1, a), (2, b)))


def _offer(rng: random.Random, pool: Sequence[Passage], passage: Passage) -> tuple[Passage, ...]:
    others = [p for p in rng.sample(pool, min(5, len(pool))) if p != passage][:4]
    offered = [*others, passage]
    rng.shuffle(offered)
    return tuple(offered)


# --- fabrications -----------------------------------------------------------------------------

_VERBS = (
    "peut peuvent doit doivent est sont couvre permettent repose veille protège encourt dispose"
    " participent appartiennent contribue applique prévoit porte"
).split()
_MODALS: tuple[tuple[str, str], ...] = (
    (r"\bpeut\b", "doit"), (r"\bpeuvent\b", "doivent"), (r"\bdoit\b", "peut"),
    (r"\bdoivent\b", "peuvent"), (r"\best tenu de\b", "peut"), (r"\bsont tenus au\b", "peuvent au"),
    (r"\best autorisé\b", "est tenu"),
    (r"[Ii]l convient (?:donc |néanmoins )?d", "il est possible d"),
    (r"il semble possible pour le masseur-kinésithérapeute", "le masseur-kinésithérapeute doit"),
    (r"il semble possible d’affirmer", "il faut affirmer"), (r"Il appartient", "Il est permis"),
)  # fmt: skip


def _one_digit(rng: random.Random, text: str, pattern: str) -> str | None:
    found = list(re.finditer(pattern, text))
    if not found:
        return None
    match = rng.choice(found)
    places = [i for i in range(*match.span("n")) if text[i].isdigit()]
    at = rng.choice(places)
    digit = rng.choice([d for d in "0123456789" if d != text[at]])
    return text[:at] + digit + text[at + 1 :]


def _article(rng: random.Random, text: str) -> str | None:
    return _one_digit(rng, text, r"(?P<n>(?<![\d/n°-])(?:\d{2,4}-\d{1,3})(?:-\d)?)(?![\d/])")


def _date(rng: random.Random, text: str) -> str | None:
    months = "janvier|mars|mai|juin|juillet|septembre|novembre"
    return _one_digit(rng, text, rf"(?P<n>\d\d?/\d\d/\d{{4}}|\d{{1,2}} (?:{months}) \d{{4}})")


def _amount(rng: random.Random, text: str) -> str | None:
    changed = _one_digit(rng, text, r"(?P<n>\d[\d  ]*)(?= euros| ans)")
    if changed is None and re.search(r"\bd’un an\b", text):
        return re.sub(r"\bd’un an\b", f"de {rng.choice(['deux', 'trois', 'cinq'])} ans", text)
    return changed


def _docket(rng: random.Random, text: str) -> str | None:
    return _one_digit(rng, text, r"n° ?(?P<n>[\d/-]{5,})")


def _denied_less(rng: random.Random, text: str) -> str | None:
    edits: tuple[tuple[str, str], ...] = (
        (r"\b(?:ne |n’)((?:[\wé’]+ ){1,2})(?:pas|plus) ?", r"\1"),
        (r"\bne ((?:peut|saurait|doit) )(?!pas\b)(?!.{0,40}\bque\b)", r"\1"),
        (r"\bne (s’oppose|fait) pas", r"\1"), (r"\bsans\b", "avec"),
        (r"\bnon (nécessaires)", r"\1"),
        (r"\bn’(entraine|est|a|y a) aucun", r"\1 un"), (r"\baucune atteinte ne", "une atteinte"),
    )  # fmt: skip
    return _edited(rng, text, edits)


def _denied_more(rng: random.Random, text: str) -> str | None:
    denied = "(?! pas| plus| aucun)"
    edits = [(rf"(?<!ne )(?<!n’)(?<!qui )\b({verb})\b{denied}", r"ne \1 pas") for verb in _VERBS]
    edits.append((r"\bavec (l’accord|son accord|leur accord)", r"sans \1"))
    return _edited(rng, text, edits)


def _modal(rng: random.Random, text: str) -> str | None:
    return _edited(rng, text, _MODALS)


def _edited(rng: random.Random, text: str, edits: Sequence[tuple[str, str]]) -> str | None:
    for pattern, new in rng.sample(list(edits), len(edits)):
        found = list(re.finditer(pattern, text))
        if found:
            match = rng.choice(found)
            return text[: match.start()] + match.expand(new) + text[match.end() :]
    return None


TAMPERINGS: dict[str, Callable[[random.Random, str], str | None]] = {
    "digit in an article": _article, "digit in a date": _date, "digit in an amount": _amount,
    "digit in a docket": _docket, "negation removed": _denied_less,
    "negation added": _denied_more, "modality changed": _modal,
}  # fmt: skip
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
