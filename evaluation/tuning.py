"""Fits the weights of fusion on the development split, and says by cross-validation what they give.

``python -m evaluation.tuning fit`` prints the cross-validated figures of several sets of signals,
fits the chosen one on the whole development split, and with ``--write`` records it in
``index/data/weights.json``. The test split is never read here.

The loss is listwise: the cross-entropy between the relevant passages and the softmax of the
weighted signals (Cao et al. 2007, "Learning to Rank"), with weights kept at 0 or above, so that
what is fitted is a convex combination once divided by its sum. Folds are drawn by group: the
paraphrases of one need never stand on both sides.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.library import load_library
from evaluation.evidence import holds
from evaluation.gold import GoldQuestion, read_gold, select
from index.build import build
from index.encoder import load_encoder
from index.fusion import OTHER, WEIGHTS_FILE
from index.open import Index, open_index
from index.retriever import Evidence, Retriever

Floats = npt.NDArray[np.float64]

TEXT = ("terms", "grams", "dense")
CHOSEN = (*TEXT, "asked", "asked_meaning", "learnt")
CANDIDATES: tuple[tuple[str, ...], ...] = (
    ("words",),
    ("dense",),
    ("words", "dense"),
    ("terms",),
    ("terms", "dense"),
    TEXT,
    (*TEXT, "coverage", "words"),
    ("asked",),
    ("asked_meaning",),
    ("learnt",),
    (*TEXT, "learnt"),
    CHOSEN,
    (*CHOSEN, "coverage", "words"),
)
RIDGE = 0.02  # pulls weights together where questions do not tell them apart
STEPS, RATE, START = 200, 0.3, 3.0
FOLDS, REPEATS, SEED = 5, 3, 7
MIN_SHARE = 0.05
"""Weight that n-grams keep at least: the development split has few typing errors that spelling does
not mend, and users have more."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One question, every signal of every passage, and what is relevant.

    Attributes:
        held: Which passage holds which span of the evidence, shape ``(passages, spans)``.
    """

    question: GoldQuestion
    evidence: Evidence
    held: npt.NDArray[np.bool_]

    def signals(self, names: Sequence[str]) -> Floats:
        """Shape ``(passages, names)``."""
        return np.stack([self.evidence.signals[name] for name in names], axis=1).astype(float)

    @property
    def targets(self) -> list[npt.NDArray[np.bool_]]:
        """One set of relevant passages, or one for each span where all are needed."""
        if self.question.evidence_mode == "any":
            return [np.asarray(self.held.any(axis=1))]
        return [column for column in self.held.T if column.any()]


def examples(retriever: Retriever, questions: Sequence[GoldQuestion]) -> list[Example]:
    """The answerable questions whose evidence some passage holds whole, signals computed."""
    texts = [passage.text for passage in retriever.passages]
    made = []
    for question in questions:
        if not question.answerable or question.history:
            continue
        held = np.array([holds(text, question.evidence) for text in texts], dtype=np.bool_)
        if held.any():
            evidence = retriever.evidence(retriever.read(question.question))
            made.append(Example(question, evidence, held))
    return made


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Examples as arrays, one row for each set of relevant passages.

    Attributes:
        signals: Shape ``(rows, passages, names)``.
        relevant: Shape ``(rows, passages)``.
        share: Of the row in the loss, so that each question counts once; adds up to 1.
        owner: Number of the row's example.
    """

    signals: Floats
    relevant: npt.NDArray[np.bool_]
    share: Floats
    owner: npt.NDArray[np.int64]

    @classmethod
    def of(cls, chosen: Sequence[Example], names: Sequence[str]) -> Lists:
        """All examples, for some signals."""
        rows = [
            (i, target, 1 / len(example.targets))
            for i, example in enumerate(chosen)
            for target in example.targets
        ]
        signals = [example.signals(names) for example in chosen]
        share = np.array([share for _, _, share in rows])
        return cls(
            np.stack([signals[i] for i, _, _ in rows]),
            np.stack([target for _, target, _ in rows]),
            share / share.sum(),
            np.array([i for i, _, _ in rows]),
        )

    def only(self, kept: npt.NDArray[np.bool_]) -> Lists:
        """The rows of the examples kept, one flag an example."""
        rows = kept[self.owner]
        share = self.share[rows] / self.share[rows].sum()
        return Lists(self.signals[rows], self.relevant[rows], share, self.owner[rows])

    def gradient(self, weights: Floats) -> Floats:
        """Of the mean listwise cross-entropy."""
        scores = self.signals @ weights
        softmax = np.exp(scores - scores.max(axis=1, keepdims=True))
        softmax /= softmax.sum(axis=1, keepdims=True)
        wanted = softmax * self.relevant
        wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12)
        pull = (softmax - wanted) * self.share[:, None]
        total: Floats = np.einsum("rp,rpn->n", pull, self.signals)
        return total


def fit(lists: Lists) -> Floats:
    """Weights of the signals, at 0 or above, shape ``(names,)``; Adam, projected at each step."""
    weights = np.full(lists.signals.shape[2], START)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        gradient = RIDGE * weights + lists.gradient(weights)
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        move = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        weights = np.maximum(0.0, weights - RATE * (1 - step / STEPS) * move)
    return weights


def measure(example: Example, scores: npt.NDArray[np.float32], order: Floats) -> Floats:
    """Evidence recall at 1, 5 and 10, and the reciprocal rank, of passages by their scores."""
    ranked = np.lexsort((order, -scores))
    relevant = np.asarray(example.held.any(axis=1))
    first = int(np.flatnonzero(relevant[ranked])[0]) + 1
    found = [example.held[ranked[:k]].any(axis=0) for k in (1, 5, 10)]
    any_mode = example.question.evidence_mode == "any"
    return np.array([*(float(f.any() if any_mode else f.mean()) for f in found), 1 / first])


def cross_validate(retriever: Retriever, all_of: Sequence[Example], names: Sequence[str]) -> Floats:
    """Mean measures over questions, each scored by weights that its group did not help to fit."""
    groups = sorted({example.question.group for example in all_of})
    totals = np.zeros((len(all_of), 4))
    lists = Lists.of(all_of, names)
    order = np.argsort(np.argsort([passage.id for passage in retriever.passages])).astype(float)
    for repeat in range(REPEATS):
        shuffled = np.random.default_rng(SEED + repeat).permutation(len(groups))
        fold_of = {groups[g]: i % FOLDS for i, g in enumerate(shuffled)}
        folds = np.array([fold_of[example.question.group] for example in all_of])
        for fold in range(FOLDS):
            weights = fit(lists.only(folds != fold))
            named = dict(zip(names, (weights / max(weights.sum(), 1e-9)).tolist(), strict=True))
            for i in np.flatnonzero(folds == fold).tolist():
                scores = retriever.fused(all_of[i].evidence, named)
                totals[i] += measure(all_of[i], scores, order)
    mean: Floats = totals.mean(axis=0) / REPEATS
    return mean


def built_index(spec: str, folder: Path) -> Index:
    """The index of the committed sources with an encoder."""
    encoder = load_encoder(spec)
    build(load_library(), folder, encoder)
    return open_index(folder, encoder)


def main(argv: list[str] | None = None) -> int:
    """Fit, print, and perhaps write."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.tuning", description=__doc__)
    parser.add_argument("command", choices=("fit",))
    parser.add_argument("--encoder", default="embedded", help="as the setting of that name")
    parser.add_argument("--write", action="store_true", help="record them in weights.json")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        retriever = built_index(args.encoder, Path(folder)).retriever
    chosen = examples(retriever, select(read_gold(), "development"))
    print(f"{len(chosen)} development questions, encoder {retriever.encoder.name}")
    print("cross-validated                            R@1   R@5   R@10  MRR")
    figures: Floats = np.zeros(4)
    for names in CANDIDATES:
        found = cross_validate(retriever, chosen, names)
        figures = found if names == CHOSEN else figures
        print(f"{' + '.join(names):42s}", " ".join(f"{value:.3f}" for value in found))
    weights = fit(Lists.of(chosen, CHOSEN))
    shares = np.maximum(weights / weights.sum(), [MIN_SHARE * (n == "grams") for n in CHOSEN])
    named = {n: round(float(s), 3) for n, s in zip(CHOSEN, shares / shares.sum(), strict=True)}
    print("weights", json.dumps(named))
    if args.write:
        _write(retriever.encoder.name, named, len(chosen), figures)
    return 0


def _write(encoder: str, weights: dict[str, float], questions: int, figures: Floats) -> None:
    table = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    table["provenance"] = (
        "fitted by `python -m evaluation.tuning fit --write` on the development split of the gold "
        f"set; {OTHER} stands for encoders never fitted, with a cautious share for them"
    )
    table["encoders"][encoder] = weights
    names = ("R@1", "R@5", "R@10", "MRR")
    recall = ", ".join(f"{n} {value:.3f}" for n, value in zip(names, figures, strict=True))
    table.setdefault("fitted", {})[encoder] = f"{questions} questions; cross-validated {recall}"
    WEIGHTS_FILE.write_text(
        json.dumps(table, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    sys.exit(main())
