"""From the arguments of a command to a run: which index, engine, questions and baselines."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import settings
from evaluation import baselines
from evaluation.bootstrap import RESAMPLES, SEED
from evaluation.gold import GoldQuestion, gold_files, read_gold
from evaluation.record import Record
from evaluation.response import Response
from evaluation.runner import K, Searchable, Truth
from evaluation.runner import run as run_questions
from index.encoder import load_encoder
from index.open import Index, open_index


def measure(arguments: argparse.Namespace, split: str, with_baselines: bool) -> Record:
    """Open the index and the engine that the arguments name, and run the questions of a split."""
    from qa.pipeline import Engine

    questions = [q for q in read_gold(arguments.gold) if split in ("all", q.split)]
    index = open_index(arguments.index)
    engine = Engine.open(arguments.index, "extractive")
    day = arguments.day or datetime.now(UTC).date().isoformat()
    others: Sequence[Searchable] = ()
    if with_baselines:
        folder = settings.load().data / "baselines"
        folder.mkdir(parents=True, exist_ok=True)
        others = baselines.all_of(index, load_encoder("minilm"), folder)
    spec = arguments.model or settings.load().model
    chats: Sequence[tuple[str, Callable[[GoldQuestion], Response]]] = ()
    if spec != "extractive":
        from evaluation.chat import both

        given = settings.load()
        chats = both(index.retriever, spec, given.model_base_url, given.model_timeout)
    return run_questions(
        questions,
        engine,
        baselines.retriever(index),
        Truth(cache(index.document_text), page_of(index), day),
        others,
        about_run(arguments, index, questions, split, day),
        lambda line: print(line, file=sys.stderr),
        chats,
    )


def page_of(index: Index) -> Callable[[str, int], int | None]:
    """The printed page of an offset, by the page table of its document."""
    tables_of = {
        d.source.id: ([p.start for p in d.pages], [p.number for p in d.pages])
        for d in index.documents
    }

    def find(source: str, offset: int) -> int | None:
        starts, numbers = tables_of.get(source, ([], []))
        place = bisect_right(starts, offset) - 1
        return numbers[place] if place >= 0 else None

    return find


def about_run(
    arguments: argparse.Namespace,
    index: Index,
    questions: Sequence[GoldQuestion],
    split: str,
    day: str,
) -> dict[str, Any]:
    """What produced a run: enough to make it again."""
    digest = hashlib.sha256(b"".join(f.read_bytes() for f in gold_files(arguments.gold)))
    encoder = index.retriever.encoder
    return {
        "commit": _commit(), "generation": index.generation, "split": split, "day": day,
        "corpus": str(index.info.get("corpus", ""))[:16], "encoder": encoder.name,
        "encoder_fingerprint": encoder.fingerprint[:16],
        "model": arguments.model or settings.load().model, "gold": digest.hexdigest()[:16],
        "questions": len(questions), "passages": len(index.passages), "k": K, "seed": SEED,
        "resamples": RESAMPLES, "weights": dict(sorted(index.retriever.weights.items())),
    }  # fmt: skip


def _commit() -> str:
    """Short hash of the code, with ``+`` when tracked files differ from it."""
    root = Path(__file__).resolve().parent.parent
    command = ["git", "-C", str(root), "describe", "--always", "--dirty=+", "--abbrev=10"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
