"""``python -m index train``: trains, evaluates and exports the French encoder."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

DEFAULT_OUT = Path("var") / "fr-legal"  # not the shipped weights: adopting new ones is a choice


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's arguments."""
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of pairs-fr and parallel-fr-en .jsonl.gz"
    )
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_OUT, help=f"folder to write (default: {DEFAULT_OUT})"
    )
    parser.add_argument("--stage", choices=("static", "student"), default="static")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("var") / "training",
        help="folder of the stages' outputs, to resume from (default: var/training)",
    )
    parser.add_argument(
        "--document", type=Path, help="the guide's text, to evaluate the lay questions on it"
    )
    parser.add_argument("--threads", type=int, default=1, help="processor cores to use")
    parser.add_argument("--vocabulary", type=int, help="size of the vocabulary")
    parser.add_argument("--epochs", type=int, help="static: passes over the pairs")
    parser.add_argument(
        "--steps", type=int, nargs=2, metavar=("DISTIL", "PAIRS"), help="student: batches of each"
    )
    parser.add_argument("--parallel-limit", type=int, help="use only so many parallel sentences")
    parser.add_argument(
        "--compare", nargs="+", metavar="ENCODER", help="train nothing: evaluate these encoders"
    )
    parser.add_argument("--report", type=Path, help="write the evaluation there, as JSON")


def run(args: argparse.Namespace) -> int:
    """Trains as told; returns the exit status: 0, or 2 for data that cannot be used."""
    from index.errors import EncoderUnavailable
    from index.training.errors import TrainingError

    try:
        report = _compare(args) if args.compare else _train(args)
    except (TrainingError, EncoderUnavailable) as error:
        print(f"index train: {error}", file=sys.stderr)
        return 2
    text = json.dumps(report, indent=2, ensure_ascii=False)
    print(text)
    if args.report:
        args.report.write_text(text + "\n", encoding="utf-8")
    return 0


def _train(args: argparse.Namespace) -> dict[str, Any]:
    import torch

    from index.training.recipe import Recipe, Training
    from index.training.stages import Stages

    torch.set_num_threads(args.threads)
    recipe = Recipe(seed=args.seed, parallel_limit=args.parallel_limit)
    training = Training(args.data, Stages(args.work), _overridden(recipe, args))
    return _finish(training, args)


def _overridden(recipe: Any, args: argparse.Namespace) -> Any:
    static, student, vocabulary = recipe.static, recipe.student, recipe.vocabulary
    if args.epochs is not None:
        static = replace(static, epochs=args.epochs)
    if args.steps is not None:
        distil_steps, pair_steps = args.steps
        student = replace(student, distil_steps=distil_steps, pair_steps=pair_steps)
    if args.vocabulary is not None:
        vocabulary = args.vocabulary
        student = replace(student, vocabulary=vocabulary)
    return replace(recipe, static=static, student=student, vocabulary=vocabulary)


def _compare(args: argparse.Namespace) -> dict[str, Any]:
    """Evaluates encoders by name or folder, and times a query on each."""
    from index.encoder import load_encoder
    from index.training.data import load_pairs, split_pairs
    from index.training.evaluate import milliseconds_a_query

    held_out = split_pairs(load_pairs(args.data), args.seed).held_out
    sets = _test_sets(held_out, args.document)
    report: dict[str, Any] = {}
    for spec in args.compare:
        encoder = load_encoder(spec)
        report[spec] = _figures(sets, encoder)
        queries = next(reversed(sets.values())).queries
        report[spec]["ms a query"] = round(milliseconds_a_query(encoder.encode_queries, queries), 2)
    return report


def _test_sets(held_out: Any, document: Path | None) -> dict[str, Any]:
    from index.training.evaluate import held_out_set, question_set

    sets = {"Held-out titles of law": held_out_set(held_out)}
    if document:
        sets["Lay questions over the guide"] = question_set(document)
    return sets


def _figures(sets: dict[str, Any], encoder: Any) -> dict[str, Any]:
    return {
        name: test_set.report(encoder.encode_queries, encoder.encode_passages)
        for name, test_set in sets.items()
    }


def _finish(training: Any, args: argparse.Namespace) -> dict[str, Any]:
    """Exports, reads the folder back as users will, evaluates it, and writes its card."""
    from index.encoder import load_encoder
    from index.training.card import model_card

    kind, told, size = _export(training, args)
    encoder = load_encoder(str(args.out))
    figures = _figures(_test_sets(training.split.held_out, args.document), encoder)
    card = model_card(kind, {"seed": training.recipe.seed, **told}, figures)
    (args.out / "README.md").write_text(card, encoding="utf-8")
    return {"bytes": size, "fingerprint": encoder.fingerprint, "figures": figures}


def _export(training: Any, args: argparse.Namespace) -> tuple[str, dict[str, Any], int]:
    """Writes the folder; returns what was made, its settings and its bytes."""
    from index.training.export import export_static, export_student
    from index.training.tokeniser import with_bert_frame

    recipe = training.recipe
    if args.stage == "static":
        tokeniser = training.tokeniser(recipe.vocabulary)
        size = export_static(training.static_table, tokeniser, args.out, card="")
        told = {"vocabulary": tokeniser.get_vocab_size()} | asdict(recipe.static)
        return "a static encoder: the mean of its tokens' vectors", told, size
    limit = recipe.student.positions
    tokeniser = with_bert_frame(training.tokeniser(recipe.student.vocabulary), limit)
    size = export_student(training.student, tokeniser, limit, args.out, card="")
    return "a shallow transformer with mean pooling", asdict(recipe.student), size
