"""What each command does: read the arguments, call the rooms, print, return the exit status."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evaluation import gate as gates
from evaluation import record as records
from evaluation import report as reports
from evaluation import summary, tables
from evaluation.compare import Comparison
from evaluation.compare import compare as compare_rows
from evaluation.gold import GoldQuestion, read_gold
from evaluation.measure import measure
from evaluation.record import Record


def run(arguments: argparse.Namespace) -> int:
    """``run``: measure, print tables on stderr or stdout, write what was asked."""
    record = measure(arguments, arguments.split, arguments.baselines)
    to_stdout = arguments.json is not None and str(arguments.json) == "-"
    print(_terminal(record), file=sys.stderr if to_stdout else sys.stdout)
    whole = records.dump(record, summary.as_json(record))
    if to_stdout:
        sys.stdout.write(whole)
    elif arguments.json is not None:
        _write(arguments.json, whole, record)
    if arguments.save:
        day = datetime.now(UTC).date().isoformat()
        target = gates.RESULTS / f"{day}-{arguments.split}.json"
        _write(target, whole, record)
        print(f"saved {target.name}", file=sys.stderr)
    if arguments.html is not None:
        from evaluation.page import render

        arguments.html.write_text(render(record), encoding="utf-8")
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """``compare``: two runs side by side."""
    before = records.load(arguments.a).rows(arguments.system_a)
    after = records.load(arguments.b).rows(arguments.system_b)
    comparison = compare_rows(before, after)
    if arguments.json:
        json.dump(_comparison_json(comparison), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print(_comparison_text(comparison, arguments.questions))
    return 0


def gate(arguments: argparse.Namespace) -> int:
    """``gate``: 1 when a development figure fell below the committed ones by too much."""
    committed = records.load(arguments.committed or gates.latest("development"))
    fallen = gates.falls(committed.rows(), measure(arguments, "development", False).rows())
    for fall in fallen:
        print(f"evaluation: fallen: {fall}", file=sys.stderr)
    if not fallen:
        print("evaluation: no development figure fell below its committed interval")
    return 1 if fallen else 0


def lint(arguments: argparse.Namespace) -> int:
    """``lint``: one line a problem of the gold set; 1 when there is one."""
    questions = read_gold(arguments.gold)
    problems = _linter(arguments.sources)(questions)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(questions)} questions, {len(problems)} problems")
    return 1 if problems else 0


def import_(arguments: argparse.Namespace) -> int:
    """``import``: staff verdicts into the gold set, through the linter."""
    from evaluation.importing import import_verdicts

    done = import_verdicts(arguments.file, _linter(arguments.sources), arguments.gold)
    print(f"{len(done.questions)} questions added as {done.path.name}")
    return 0


def report(arguments: argparse.Namespace) -> int:
    """``report``: the tables of README and docs; with ``--check``, 1 when they are stale."""
    if arguments.html is not None:
        from evaluation.page import render

        page = render(records.load(gates.latest("test")))
        arguments.html.write_text(page, encoding="utf-8")
    if arguments.check:
        old = reports.stale()
        for page_path in old:
            print(f"evaluation: {page_path.name} is stale: run `python -m evaluation report`",
                  file=sys.stderr)  # fmt: skip
        return 1 if old else 0
    for page_path in reports.write():
        print(f"{page_path.name} brought up to date")
    return 0


def bench(arguments: argparse.Namespace) -> int:
    """``bench``: cost against size, beside peers."""
    from evaluation.bench import command

    return command(arguments)


def _linter(sources: Path | None) -> Callable[[Sequence[GoldQuestion]], Sequence[str]]:
    from corpus.library import load_library
    from evaluation.lint import check

    texts = [document.text for document in load_library(sources).documents]
    return lambda questions: [str(problem) for problem in check(questions, texts)]


def _write(target: Path, whole: str, record: Record) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(whole, encoding="utf-8")
    stages = {
        system: {stage: [round(ms, 3) for ms in clock] for stage, clock in timings.items()}
        for system, timings in record.timings.items()
    }
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    beside = json.dumps({"written": stamp, "stages": stages}, sort_keys=True) + "\n"
    records.timings_path(target).write_text(beside, encoding="utf-8")


def _terminal(record: Record) -> str:
    about = record.about
    head = (
        f"{about['questions']} questions ({about['split']}), generation {about['generation']}, "
        f"commit {about['commit']}, model {about['model']}"
    )
    makers = (tables.systems, tables.answers, tables.answerers, tables.kinds, tables.clocks)
    made = [table for make in makers if len(table := make(record)) > 1]
    return "\n\n".join((head, *(tables.text(table) for table in made)))


def _comparison_text(comparison: Comparison, limit: int) -> str:
    named = [f"{c.metric.title} {c.verdict}" for c in comparison.significant]
    parts = [
        f"{comparison.questions} questions in both runs"
        + "".join(
            f"; {len(ids)} only in the {side}"
            for side, ids in (("first", comparison.only_before), ("second", comparison.only_after))
            if ids
        ),
        tables.text(tables.changes(comparison)),
        "More than chance: " + (", ".join(named) if named else "nothing") + ".",
    ]
    if comparison.lost_refs:
        refs = ", ".join(f"{ref} ({n})" for ref, n in comparison.lost_refs[:8])
        parts.append(f"References of the questions lost: {refs}.")
    flips = comparison.flips[: limit or None]
    parts += [
        f"{'-' if flip.lost else '+'} {flip.id} [{flip.kind}] {flip.question}\n    "
        + ", ".join(f"{name} {_value(x)} → {_value(y)}" for name, x, y in flip.moved)
        for flip in flips
    ]
    if len(flips) < len(comparison.flips):
        parts.append(f"… and {len(comparison.flips) - len(flips)} more (--questions 0 for all)")
    return "\n\n".join(parts)


def _value(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _comparison_json(comparison: Comparison) -> Mapping[str, Any]:
    return {
        "questions": comparison.questions,
        "significant": [c.metric.name for c in comparison.significant],
        "changes": [
            {
                "metric": c.metric.name, "before": c.before, "after": c.after,
                "difference": c.test.difference.mean, "low": c.test.difference.low,
                "high": c.test.difference.high, "better": c.test.better, "worse": c.test.worse,
                "p": c.test.p, "p_mcnemar": c.test.p_mcnemar, "p_holm": c.p, "verdict": c.verdict,
            }
            for c in comparison.changes
        ],
        "flips": [
            {"id": f.id, "kind": f.kind, "lost": f.lost,
             "moved": [{"metric": n, "before": x, "after": y} for n, x, y in f.moved]}
            for f in comparison.flips
        ],
        "lost_refs": dict(comparison.lost_refs),
    }  # fmt: skip
