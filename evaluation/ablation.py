"""What each part of retrieval brings: the whole, then without one part at a time, then baselines.

``python -m evaluation.ablation --split test`` prints the table of ``docs/retrieval.md``. Recall is
the share of a question's evidence that the first k passages hold (1 as soon as one span is, where
any will do); intervals and differences come from the paired bootstrap over groups of paraphrases.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.expansions import editorial_questions, places_of
from corpus.library import Library, load_library
from evaluation.bootstrap import mean_interval, paired
from evaluation.gold import GoldQuestion, Split, read_gold, select
from evaluation.tuning import Example, examples, measure
from index.analysis import words
from index.asked_build import build_asked
from index.concepts import trade
from index.dense import Dense, texts_of
from index.encoder import Encoder, load_encoder
from index.lexical import FIELDS, Field, Lexical, passage_terms, query_terms
from index.retriever import Retriever
from index.spelling import Spelling

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class System:
    """A retriever, perhaps with other weights or without looking references up."""

    name: str
    retriever: Retriever
    weights: Mapping[str, float] | None = None
    references: bool = True

    def measure(self, questions: Sequence[GoldQuestion]) -> Values:
        """Recall at 1, 5, 10 and reciprocal rank, shape ``(questions, 4)``."""
        order = np.argsort(np.argsort([p.id for p in self.retriever.passages])).astype(float)
        found = examples(self.retriever, questions)
        return np.array([measure(one, self._scores(one), order) for one in found])

    def _scores(self, example: Example) -> npt.NDArray[np.float32]:
        evidence = example.evidence
        if not self.references:
            evidence = replace(evidence, found=())
        return self.retriever.fused(evidence, self.weights)


@dataclass(frozen=True)
class Bench:
    """The parts of a retriever over a library, to be put together with one of them changed."""

    library: Library
    encoder: Encoder
    parts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, library: Library, encoder: Encoder, *, asked: bool = True) -> Bench:
        """Every part as the product builds it; without editorial questions if so told."""
        passages = library.passages
        texts = texts_of(passages)
        questions = editorial_questions() if asked else ()
        counts = Counter(w.form for d in library.documents for w in words(d.text) if not w.exact)
        return cls(library, encoder, {
            "passages": passages,
            "lexical": Lexical.build(passages),
            "dense": Dense.build(
                encoder.encode_passages(texts.texts), texts.owners, len(passages)
            ),
            "encoder": encoder,
            "spelling": Spelling(counts, trade().vocabulary),
            "asked": build_asked(questions, places_of(questions, passages), encoder),
        })  # fmt: skip

    def retriever(self, **changed: Any) -> Retriever:
        """The retriever with these parts in place of the product's."""
        return Retriever(**{**self.parts, **changed})

    def lexical(self, *, concepts: bool = True, headings: bool = True) -> Lexical:
        """The lexical fields, without concepts or headings in ``terms``."""
        fields = dict(self.parts["lexical"].fields)
        spec = next(spec for spec in FIELDS if spec.name == "terms")
        fields["terms"] = Field.build(
            [
                [
                    term
                    for term in (
                        passage_terms("terms", passage)
                        if headings
                        else query_terms("terms", words(passage.text))
                    )
                    if concepts or not term.startswith("=")
                ]
                for passage in self.library.passages
            ],
            spec.k1,
            spec.b,
        )
        return Lexical(fields)


def systems(library: Library) -> list[System]:
    """The whole first; then without each part; then the baselines."""
    bench = Bench.of(library, load_encoder())
    whole = bench.retriever()
    weights = dict(whole.weights)
    without = {name: {k: v for k, v in weights.items() if k != name} for name in weights}
    lexical_only = {name: weights[name] for name in ("terms", "grams", "asked")}
    mini = Bench.of(library, load_encoder("minilm"))
    return [
        System("whole", whole),
        System("– editorial questions", bench.retriever(asked=None)),
        System("– concepts", bench.retriever(lexical=bench.lexical(concepts=False))),
        System("– concepts, – editorial questions",
               bench.retriever(lexical=bench.lexical(concepts=False), asked=None)),
        System("– headings", bench.retriever(lexical=bench.lexical(headings=False))),
        System("– spelling", bench.retriever(spelling=Spelling({}, (), ()))),
        System("– character n-grams", whole, without["grams"]),
        System("– what is learnt", whole, without["learnt"]),
        System("– the encoder (all dense signals, what is learnt)", whole, lexical_only),
        System("– exact references", whole, references=False),
        System("whole, with all-MiniLM-L6-v2", mini.retriever()),
        System("BM25 alone", whole, {"words": 1.0}, references=False),
        System("dense alone", whole, {"dense": 1.0}, references=False),
        System("MiniLM alone", mini.retriever(), {"dense": 1.0}, references=False),
        System("BM25 + 0.3 MiniLM", mini.retriever(), {"words": 0.7, "dense": 0.3},
               references=False),
    ]  # fmt: skip


def table(split: Split) -> list[str]:
    """Lines of a Markdown table; differences are those from the whole."""
    library = load_library()
    texts = [passage.text for passage in library.passages]
    questions = select(read_gold(), split)
    found = systems(library)
    kept = examples(found[0].retriever, questions)
    groups = [one.question.group for one in kept]
    lines = [
        f"{len(kept)} questions of the {split} split, {len(set(groups))} groups, "
        f"{len(texts)} passages",
        "",
        "| system | R@1 | R@5 | R@10 | MRR | ΔR@5 (95 %) | ΔMRR (95 %) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    base: Values | None = None
    for system in found:
        values = system.measure(questions)
        base = values if base is None else base
        means = " | ".join(f"{mean:.3f}" for mean in values.mean(axis=0))
        lines.append(f"| {system.name} | {means} | {_against(base, values, groups)} |")
    assert base is not None
    for place, name in ((1, "R@5"), (2, "R@10"), (3, "MRR")):
        interval = mean_interval(base[:, place].tolist(), groups)
        assert interval is not None
        lines.append(f"\n{name} of the whole: {interval.low:.3f} to {interval.high:.3f} (95 %)")
    return lines


def _against(base: Values, values: Values, groups: Sequence[str]) -> str:
    if base is values:
        return "– | –"
    cells = []
    for place in (1, 3):
        one = paired(base[:, place].tolist(), values[:, place].tolist(), groups)
        assert one is not None
        cells.append(
            f"{one.difference.mean:+.3f} ({one.difference.low:+.3f} to {one.difference.high:+.3f})"
        )
    return " | ".join(cells)


def main(argv: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.ablation", description=__doc__)
    parser.add_argument("--split", choices=("development", "test"), default="development")
    print("\n".join(table(parser.parse_args(argv).split)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
