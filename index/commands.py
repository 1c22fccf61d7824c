"""What ``python -m index`` does, command by command."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import settings
from corpus.errors import CorpusError
from index.errors import EncoderUnavailable, IndexMissing, IndexStale, SearchIndexError

if TYPE_CHECKING:
    from index.encoder import Encoder
    from index.hit import Hit
    from index.open import Index


class UsageError(Exception):
    """What was typed cannot be used; the message says what to type instead."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a batch."""

    id: Any
    text: str


def run(args: argparse.Namespace) -> int:
    """Run one command; exit status 0, 1 (our failure) or 2 (wrong input)."""
    try:
        status: int = {
            "build": _build, "search": _search, "verify": _verify, "rollback": _rollback,
        }[args.command](args)  # fmt: skip
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader (`head`) has enough
        sys.stderr.close()
        return 0
    except (
        CorpusError, settings.SettingsError, UsageError, IndexMissing, IndexStale,
        EncoderUnavailable,
    ) as error:  # fmt: skip
        print(f"index: {error}", file=sys.stderr)
        return 2
    except (SearchIndexError, OSError) as error:
        print(f"index: {error}", file=sys.stderr)
        return 1


def _folder(args: argparse.Namespace) -> Path:
    place = args.index or settings.load().index
    if "://" in place:
        raise UsageError(f"{place} is no folder and no postgresql:// address: mend --index")
    return Path(place).expanduser()


def _address(args: argparse.Namespace) -> str | None:
    """The address of a shared index, or ``None`` for a folder."""
    from index.open import REMOTE

    place: str = args.index or settings.load().index
    return place if place.startswith(REMOTE) else None


def _stores() -> Any:
    """The rooms of the shared index, whose driver is an optional dependency."""
    try:
        return importlib.import_module("index.stores")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed: run `pip install '.[postgres]'`, or give a folder"
        ) from error


def _build(args: argparse.Namespace) -> int:
    from index.build import bring_up_to_date
    from index.encoder import load_encoder

    configured = settings.load()
    sources = args.sources or configured.sources

    def encoder() -> Encoder:
        return load_encoder(configured.encoder)

    def progress(stage: str, done: int, total: int) -> None:
        print(f"{stage}: {done}/{total}", file=sys.stderr)

    address = _address(args)
    if address is None:
        report = bring_up_to_date(sources, _folder(args), encoder, progress, force=args.force)
    else:
        report = _stores().build_shared(
            sources, address, configured.data, encoder, progress, force=args.force
        )
    if args.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        done = "built" if report.built else "up to date"
        print(
            f"{done}: {report.documents} documents, {report.passages} passages, "
            f"{report.vectors} vectors in {report.seconds:.1f} s (generation {report.generation})"
        )
    return 0


def _search(args: argparse.Namespace) -> int:
    if (args.query is None) == (args.batch is None):
        raise UsageError("give either a QUERY or --batch FILE")
    questions = _batch(args.batch) if args.batch is not None else [_question(args.query)]
    from index.open import open_index

    index = open_index(args.index)
    if index.notice:
        print(f"index: {index.notice}", file=sys.stderr)
    if args.batch is None:
        rows = [_row(hit) for hit in _hits(index, questions[0].text, args)]
        print(json.dumps(rows, ensure_ascii=False, indent=2) if args.json else _readable(rows))
        return 0
    for question in questions:
        began = time.perf_counter()
        hits = _hits(index, question.text, args)
        elapsed = (time.perf_counter() - began) * 1000
        row = {
            "id": question.id, "query": question.text,
            "results": [_row(hit) for hit in hits], "ms": round(elapsed, 3),
        }  # fmt: skip
        print(json.dumps(row, ensure_ascii=False))
    return 0


def _hits(index: Index, query: str, args: argparse.Namespace) -> tuple[Hit, ...]:
    hits = index.retriever.search(query, args.k, kinds=args.kind, sources=args.source, day=args.day)
    if not args.follow:
        return hits
    from index.following import follow

    return follow(index.graph, hits, args.day)


def _question(text: str) -> Question:
    from index.query import MAX_CHARACTERS

    if not any(character.isalnum() for character in text):
        raise UsageError("the question is empty: write it in words")
    if len(text) > MAX_CHARACTERS:
        raise UsageError(f"the question has {len(text)} characters: keep it under {MAX_CHARACTERS}")
    return Question(None, text)


def _batch(place: str) -> list[Question]:
    try:
        data = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {place} ({error}): give a UTF-8 text FILE") from None
    return list(_questions(lines))


def _questions(lines: list[str]) -> Iterator[Question]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if not line.lstrip().startswith("{"):
            yield Question(None, line.strip())
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or not isinstance(row.get("question"), str):
            raise UsageError(f'line {number}: write plain text or {{"id": …, "question": "…"}}')
        yield Question(row.get("id"), row["question"])


def _row(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    return {
        "rank": hit.rank, "score": round(hit.score, 6), "passage_id": passage.id,
        "kind": passage.kind, "ref": passage.ref, "section": list(passage.section),
        "text": passage.text, "source": passage.source, "page": passage.page,
        "title": passage.title, "item": passage.item, "start": passage.start, "end": passage.end,
        "url": passage.url, "signals": dict(hit.signals), "matched": list(hit.matched),
    }  # fmt: skip


def _readable(rows: list[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        item = f", {row['item']}" if row["item"] else ""
        lines.append(f"{row['rank']:>3}. {row['score']:.3f}  [{row['kind']}] {row['ref']}{item}")
        text = " ".join(row["text"].split())
        lines.append(f"     {text[:160]}{'…' if len(text) > 160 else ''}")
    return "\n".join(lines) if lines else "no passage"


def _verify(args: argparse.Namespace) -> int:
    from index.generations import current_id, verify

    address = _address(args)
    if address is None:
        root = _folder(args)
        problems, current = verify(root), current_id(root)
    else:
        problems, current = _stores().verify_store(address), _stores().current_store(address)
    if args.json:
        facts = {"whole": not problems, "generation": current, "problems": list(problems)}
        print(json.dumps(facts, ensure_ascii=False))
    for problem in problems:
        print(f"index: {problem}", file=sys.stderr)
    if not problems and not args.json:
        print(f"whole: generation {current}")
    return 1 if problems else 0


def _rollback(args: argparse.Namespace) -> int:
    from index.generations import rollback

    address = _address(args)
    if address is None:
        current = rollback(_folder(args), args.generation)
    else:
        current = _stores().rollback_store(address, args.generation)
    print(f"in use: generation {current}")
    return 0
