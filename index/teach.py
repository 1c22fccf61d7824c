"""``python -m index teach``: learn anew from the editorial questions, for the shipped encoder."""

from __future__ import annotations

import argparse
import sys

from corpus.expansions import editorial_questions
from index import learnt
from index.asked_build import learn
from index.encoder import load_encoder
from index.reduction import Reduced


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments: it has none."""
    parser.description = (
        f"{__doc__} To be run whenever corpus/expansions, the concepts or the encoder change; any "
        "other encoder learns at its first build."
    )


def run(args: argparse.Namespace) -> int:
    """Write what is learnt beside the encoder's; exit status 0."""
    encoder = load_encoder("embedded")
    questions = editorial_questions()
    vectors = Reduced.of(encoder.encode_queries([q.text for q in questions]))
    lessons = learn(questions, vectors, _told)
    learnt.store(learnt.SHIPPED, learnt.identity(questions, encoder.fingerprint), lessons)
    print(
        f"{len(questions)} questions, {len(learnt.columns_of(questions))} sentences",
        file=sys.stderr,
    )
    return 0


def _told(stage: str, done: int, total: int) -> None:
    print(f"{stage}: {done}/{total}", end="\n" if done == total else "\r", file=sys.stderr)
