"""``python -m qa``: ask, from the command line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from qa.answer import Outcome
    from qa.pipeline import Engine


def parser() -> argparse.ArgumentParser:
    """The command line of this package."""
    top = argparse.ArgumentParser(prog="python -m qa", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    text = "answer a question in French, each sentence with its citation"
    ask = commands.add_parser("ask", help=text, description=text)
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", help="the question, in French")
    what.add_argument(
        "--batch",
        metavar="FILE",
        help="one question a line, plain or as JSON with `id`, `question` and `history`; - for "
        "standard input; prints one JSON answer a line, in order",
    )
    ask.add_argument("--json", action="store_true", help="machine-readable output")
    ask.add_argument("--model", metavar="SPEC", help="`extractive` (default) or a chat model")
    ask.add_argument("--index", metavar="DIR", help="folder or address of the index")
    ask.add_argument("--day", metavar="DATE", help="texts in force on that day (YYYY-MM-DD)")
    ask.add_argument(
        "--yes",
        action="store_true",
        help="agree beforehand to what a chat model is sent, masked; asked for otherwise",
    )
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; exit status 0 (an abstention too), 1 (our failure) or 2 (wrong input)."""
    args = parser().parse_args(argv)
    import settings
    from index.errors import SearchIndexError
    from qa.errors import QuestionError

    try:
        from qa.pipeline import Engine

        model = args.model or settings.load().model
        if model != "extractive" and not args.yes:
            raise ValueError(
                f"the question would leave this machine for {model}: add --yes to agree, "
                "or --model extractive"
            )
        engine = Engine.open(args.index, model)
        if args.batch is not None:
            with _opened(args.batch) as stream:
                for outcome in _batch(engine, stream, args.day):
                    print(json.dumps(outcome.as_json(), ensure_ascii=False), flush=True)
            return 0
        outcome = engine.ask(args.question, day=args.day)
    except BrokenPipeError:
        raise  # nobody reads any more: no fault of the question
    except (SearchIndexError, QuestionError, settings.SettingsError, OSError, ValueError) as error:
        print(f"qa: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(outcome.as_json(), ensure_ascii=False, indent=2))
    else:
        _show(outcome)
    return 0


def _opened(name: str) -> TextIO:
    return sys.stdin if name == "-" else Path(name).open(encoding="utf-8")


def _batch(engine: Engine, stream: TextIO, day: str | None) -> Iterator[Outcome]:
    from qa.answer import Refusal
    from qa.errors import QuestionError

    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        row = _row(line, number)
        try:
            yield engine.ask(
                row["question"], history=row.get("history", ()), id=row.get("id"), day=day
            )
        except QuestionError as error:
            # One bad line must not lose the others: it has its own line in the output.
            yield Refusal(row["question"][:80], "demande_refusee", str(error), id=row.get("id"))


def _row(line: str, number: int) -> dict[str, Any]:
    if not line.lstrip().startswith("{"):
        return {"question": line.rstrip("\n")}
    try:
        row = json.loads(line)
        if not isinstance(row.get("question"), str):
            raise ValueError("no `question`")
    except ValueError as error:
        raise ValueError(f"line {number} is not a question ({error}): mend it") from error
    return dict(row)


def _show(outcome: Outcome) -> None:
    from qa.answer import Answer

    if isinstance(outcome, Answer):
        for sentence in outcome.sentences:
            numbers = "".join(f"[{n}]" for n in sentence.citations)
            print(f"{sentence.text} {numbers}")
        print()
        for c in outcome.citations:
            print(f"[{c.n}] {c.hit.passage.ref} — {' › '.join(c.hit.passage.section)}")
    else:
        print(outcome.message)
        for c in outcome.pointers:
            print(f"  → {c.hit.passage.ref} : {c.quote[:160]}")
    for warning in outcome.warnings:
        print(f"! {warning}")


def _program() -> int:
    """End quietly when the reader of our output has (`… | head`).

    Not by the default action of SIGPIPE: a chat service that closed its connection would end us.
    """
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        return 0
    return status


if __name__ == "__main__":
    sys.exit(_program())
