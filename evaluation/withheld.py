"""Does it stay silent when what answers is taken away? ``python -m evaluation.withheld``.

For every answerable question the passages that hold its evidence are taken out of the index, and it
is asked again. Silence is right; so is an answer that holds every fact all the same, as the guide
says some things twice. Anything else is a wrong assertion. Systems that are asked for what they do
not have fail quietly more often than visibly, which no other figure here would show.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tqdm import tqdm

from corpus.library import Library, load_library
from evaluation import answers
from evaluation.ablation import Bench
from evaluation.evidence import normalise
from evaluation.gold import GoldQuestion, read_gold, select
from evaluation.response import from_outcome
from index.encoder import Encoder, load_encoder
from index.open import Index, open_index
from qa.pipeline import Engine


@dataclass(frozen=True, slots=True)
class Withheld:
    """What came of one question without its passages."""

    question: GoldQuestion
    answered: bool
    right: bool

    @property
    def wrong(self) -> bool:
        """Whether something was asserted that does not answer."""
        return self.answered and not self.right


def withheld(index: Index, questions: Sequence[GoldQuestion]) -> Iterator[Withheld]:
    """Ask each answerable question of an index without the passages that hold its evidence."""
    library, encoder = load_library(), load_encoder("embedded")
    engines: dict[frozenset[str], Engine] = {}
    for question in questions:
        if not question.evidence:
            continue
        gone = _holders(index, question)
        if gone not in engines:
            engines[gone] = Engine(_without(index, gone, library, encoder))
        outcome = engines[gone].ask(question.question, history=question.history)
        response = from_outcome(outcome)
        right = answers.right(response, True, question.answer_facts, question.must_not)
        yield Withheld(question, response.answered, bool(right))


def _holders(index: Index, question: GoldQuestion) -> frozenset[str]:
    spans = [normalise(span) for span in question.evidence]
    return frozenset(
        p.id for p in index.passages if any(span in normalise(p.text) for span in spans)
    )


def _without(index: Index, gone: frozenset[str], library: Library, encoder: Encoder) -> Index:
    documents = tuple(
        replace(d, passages=tuple(p for p in d.passages if p.id not in gone))
        for d in library.documents
    )
    bench = Bench.of(replace(library, documents=documents), encoder, asked=False)
    asked = index.retriever.asked
    retriever = bench.retriever(asked=asked and asked.without(gone))
    kept = tuple(p for p in index.passages if p.id not in gone)
    return replace(index, passages=kept, retriever=retriever)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the shares; exit status 0."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.withheld", description=__doc__)
    parser.add_argument("--split", choices=("development", "test"), default="test")
    args = parser.parse_args(argv)
    chosen = [q for q in select(read_gold(), args.split) if q.evidence]
    found = list(tqdm(withheld(open_index(), chosen), total=len(chosen), disable=None))
    wrong, size = sum(one.wrong for one in found), len(found)
    right = sum(one.answered and one.right for one in found)
    print(f"{size} questions of the {args.split} split, their passages withheld")
    print(f"silent            {(size - wrong - right) / size:6.1%}")
    print(f"answered all the same, rightly  {right / size:6.1%}")
    print(f"wrong assertions  {wrong / size:6.1%}")
    for one in found:
        if one.wrong and args.split == "development":
            print("  ", one.question.id, one.question.question)
    return 0


if __name__ == "__main__":
    sys.exit(main())
