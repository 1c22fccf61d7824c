"""``python -m corpus``: the sources and their passages, from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import settings
from corpus import commands as acts
from corpus.errors import CorpusError
from corpus.library import Library, load_library, problems
from corpus.passage import Document


def parser() -> argparse.ArgumentParser:
    """The command line of this package."""
    top = argparse.ArgumentParser(prog="python -m corpus", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    for name, text in (
        ("list", "the sources, with their counts of passages and their warnings"),
        ("passages", "every passage, one a line"),
        ("check", "name every problem of the sources; exit 1 if there is one"),
        ("text", "the cleaned text of one source, which offsets refer to"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--sources", type=Path, metavar="DIR", help="folder of documents")
        if name == "text":
            command.add_argument("source", metavar="SOURCE", help="id, as printed by `list`")
        if name in {"list", "passages"}:
            command.add_argument("--json", action="store_true", help="machine-readable output")
    acts.add_parsers(commands)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; exit status 0, 1 (our failure) or 2 (wrong input)."""
    args = parser().parse_args(argv)
    try:
        folder = args.sources or settings.load().sources
        if args.command == "check":
            return _check(folder)
        if args.command in acts.COMMANDS:
            return acts.run(args, folder)
        library = load_library(folder)
        for reason in library.refused:
            print(f"left out: {reason}", file=sys.stderr)
        if args.command == "text":
            return _text(library, args.source)
        (_list if args.command == "list" else _passages)(library, as_json=args.json)
    except (CorpusError, settings.SettingsError) as error:
        print(f"corpus: {error}", file=sys.stderr)
        return 2
    return 0


def _row(document: Document) -> dict[str, object]:
    source = document.source
    return {
        "id": source.id, "title": source.title, "kind": source.kind,
        "publisher": source.publisher, "date": source.date, "version": source.version,
        "sha256": source.sha256, "passages": len(document.passages),
        "warnings": list(document.warnings), "file": source.path.name,
        "provenance": source.provenance, "url": source.url, "supersedes": source.supersedes,
        "in_force_from": source.in_force_from, "in_force_to": source.in_force_to,
    }  # fmt: skip


def _list(library: Library, *, as_json: bool) -> None:
    rows = [_row(document) for document in library.documents]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        print(f"{row['id']}  {row['kind']}  {row['passages']} passages  {row['title']}")
        for warning in row["warnings"] if isinstance(row["warnings"], list) else ():
            print(f"  ! {warning}")


def _passages(library: Library, *, as_json: bool) -> None:
    for passage in library.passages:
        if as_json:
            print(json.dumps(passage.as_json(), ensure_ascii=False))
        else:
            print(f"{passage.id}  [{passage.ref}]\n  {' '.join(passage.text.split())}")


def _text(library: Library, source: str) -> int:
    try:
        print(library.document(source).text)
    except KeyError:
        print(f"corpus: no source {source!r}: see `python -m corpus list`", file=sys.stderr)
        return 2
    return 0


def _check(folder: Path) -> int:
    found = problems(folder)
    for problem in found:
        print(problem)
    if not found:
        print("sound")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
