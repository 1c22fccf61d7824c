"""``python -m evaluation``: run, compare, lint, import, bench, report, gate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import CorpusError
from evaluation import commands
from evaluation.errors import EvaluationError
from evaluation.gold import GOLD_DIR
from evaluation.record import ENGINE
from index.errors import SearchIndexError
from settings import SettingsError

USAGE_ERRORS = (EvaluationError, CorpusError, SearchIndexError, SettingsError)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 on success, 1 when a gate or a lint fails, 2 on a usage or input error."""
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.command(arguments)
    except USAGE_ERRORS as error:
        print(f"evaluation: {error}", file=sys.stderr)
        return 2
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    commands_of = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands_of)
    _add_compare(commands_of)
    _add_gate(commands_of)
    _add_bench(commands_of)
    lint = commands_of.add_parser("lint", help="check the gold set against the documents")
    lint.add_argument("--gold", type=Path, default=GOLD_DIR, metavar="FILE|DIR")
    lint.add_argument("--sources", type=Path, metavar="DIR", help="folder of source documents")
    lint.set_defaults(command=commands.lint)
    importing = commands_of.add_parser("import", help="add staff verdicts to the gold set")
    importing.add_argument("file", type=Path, help="JSON lines exported by the app")
    importing.add_argument("--gold", type=Path, default=GOLD_DIR, metavar="DIR")
    importing.add_argument("--sources", type=Path, metavar="DIR", help="folder of documents")
    importing.set_defaults(command=commands.import_)
    report = commands_of.add_parser("report", help="write the tables of README and docs")
    report.add_argument("--check", action="store_true", help="only say whether they are stale")
    report.add_argument("--html", type=Path, metavar="OUT", help="also a page of that run")
    report.set_defaults(command=commands.report)
    return parser


def _add_run(commands_of: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands_of.add_parser("run", help="put the gold questions and measure")
    _add_what(run)
    run.add_argument("--split", choices=("development", "test", "all"), default="all")
    run.add_argument("--baselines", action="store_true", help="also rank with each baseline")
    run.add_argument("--json", type=Path, metavar="OUT", help="write every figure (- for stdout)")
    run.add_argument("--html", type=Path, metavar="OUT", help="write a self-contained page")
    run.add_argument("--save", action="store_true", help="write a dated file to evaluation/results")
    run.set_defaults(command=commands.run)


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gold", type=Path, default=GOLD_DIR, metavar="FILE|DIR")
    parser.add_argument("--index", metavar="DIR", help="folder or address of the index")
    parser.add_argument("--model", metavar="SPEC", help="answerer, e.g. extractive or ollama:NAME")
    parser.add_argument("--day", metavar="ISO", help="articles must be in force that day (today)")


def _add_compare(commands_of: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    compare = commands_of.add_parser("compare", help="what changed between two runs, by question")
    compare.add_argument("a", type=Path, help="JSON of the run before")
    compare.add_argument("b", type=Path, help="JSON of the run after")
    compare.add_argument("--system-a", default=ENGINE, help="system of the first run")
    compare.add_argument("--system-b", default=ENGINE, help="system of the second run")
    compare.add_argument("--questions", type=int, default=20, help="questions shown, 0 for all")
    compare.add_argument("--json", action="store_true", help="print JSON instead of tables")
    compare.set_defaults(command=commands.compare)


def _add_gate(commands_of: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    gate = commands_of.add_parser("gate", help="fail when figures fell below the committed ones")
    _add_what(gate)
    gate.add_argument("--committed", type=Path, metavar="FILE", help="reference run")
    gate.set_defaults(command=commands.gate)


def _add_bench(commands_of: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bench = commands_of.add_parser("bench", help="cost against size, beside peers")
    bench.add_argument("--sizes", default="100,10000,100000", help="numbers of passages")
    bench.add_argument("--systems", metavar="NAMES", help="only these, separated by commas")
    bench.add_argument("--queries", type=int, default=200, help="queries timed at each size")
    bench.add_argument("--repeats", type=int, default=3, help="runs, for the spread of ratios")
    bench.add_argument("--peer-python", type=Path, metavar="PATH", help="python with the peers")
    bench.add_argument("--cache", type=Path, metavar="DIR", help="keep the vectors there")
    bench.add_argument("--json", type=Path, metavar="OUT", help="write every figure")
    bench.add_argument("--save", action="store_true", help="write a dated file to the results")
    bench.add_argument("--html", type=Path, metavar="OUT", help="write a page with the plots")
    bench.set_defaults(command=commands.bench)


if __name__ == "__main__":
    sys.exit(main())
