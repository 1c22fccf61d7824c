"""``python -m index``: build, search and care for the index, from the command line."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

# Commands of other rooms, each with `add_arguments(parser)` and `run(args) -> int`. Their modules
# are imported only when they are called: importing torch for a search would take seconds.
ELSEWHERE = {
    "train": ("index.training.cli", "train the embedded French encoder"),
    "teach": ("index.teach", "learn anew from the editorial questions, for the shipped encoder"),
    "doctor": (
        "index.doctor",
        "look at the index, encoder and disk, and say what is wrong",
    ),
}
MAX_RESULTS = 1_000


def parser(called: str | None = None) -> argparse.ArgumentParser:
    """The command line; ``called`` is the command whose own module may be imported for it."""
    top = argparse.ArgumentParser(prog="python -m index", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    build = _command(commands, "build", "build the index, or bring it up to date")
    build.add_argument("--sources", type=Path, metavar="DIR", help="folder of documents")
    build.add_argument("--force", action="store_true", help="publish anew though nothing changed")
    build.add_argument("--json", action="store_true", help="machine-readable report")

    search = _command(commands, "search", "find the passages nearest to a question")
    search.add_argument("query", nargs="?", metavar="QUERY", help="a question, in French")
    search.add_argument("--batch", metavar="FILE", help="one query a line, or - for stdin")
    search.add_argument("-k", type=_count, default=10, metavar="N", help="results (default 10)")
    search.add_argument("--kind", choices=("guide", "article", "decision"), action="append")
    search.add_argument("--source", metavar="ID", action="append", help="only this source")
    search.add_argument("--day", metavar="YYYY-MM-DD", type=_day, help="only what is in force then")
    search.add_argument("--follow", action="store_true", help="then the texts that they cite")
    search.add_argument("--json", action="store_true", help="a JSON array, best first")

    verify = _command(commands, "verify", "check every file against its manifest")
    verify.add_argument("--json", action="store_true", help="machine-readable report")

    rollback = _command(commands, "rollback", "put an earlier generation back in use")
    rollback.add_argument("generation", nargs="?", metavar="ID", help="default: the one before")

    for name, (module, text) in ELSEWHERE.items():
        other = commands.add_parser(name, help=text, description=text)
        if called == name:
            importlib.import_module(module).add_arguments(other)
    return top


def _command(commands: Any, name: str, text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    made.add_argument("--index", metavar="DIR", help="folder, or postgresql:// address")
    return made


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MAX_RESULTS:
        raise argparse.ArgumentTypeError(f"give a whole number from 1 to {MAX_RESULTS}")
    return int(text)


def _day(text: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError("give a day such as 2026-01-31") from None


def main(argv: list[str] | None = None) -> int:
    """Run one command; exit status 0, 1 (our failure) or 2 (wrong input)."""
    given = sys.argv[1:] if argv is None else argv
    args = parser(given[0] if given else None).parse_args(given)
    if args.command in ELSEWHERE:
        return int(importlib.import_module(ELSEWHERE[args.command][0]).run(args))
    from index.commands import run

    return run(args)


if __name__ == "__main__":
    sys.exit(main())
