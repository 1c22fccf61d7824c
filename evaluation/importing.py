"""Staff verdicts become gold questions: the lines that the app exports enter through the linter.

A line is in the contract's form. What the app adds (the reviewer's verdict, the generation that
was judged) is kept in the line, and ignored by the reader. Nothing enters unless everything does:
one bad line, one id already taken, one problem of the linter, and no file is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import GoldFileError
from evaluation.gold import GOLD_DIR, GoldQuestion, read_gold

Check = Callable[[Sequence[GoldQuestion]], Sequence[str]]
"""The linter: gold questions to one message a problem."""


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did: the file written, and the questions that entered."""

    path: Path
    questions: tuple[GoldQuestion, ...]


def import_verdicts(export: Path, check: Check, gold: Path = GOLD_DIR) -> Import:
    """Add exported lines to the gold set, as one new file named after the export.

    Args:
        export: File of JSON lines.
        check: Applied to the new questions together with those already there.
        gold: Folder of the gold set.

    Raises:
        GoldFileError: The export is misshapen, empty, imported already, repeats an id, or fails
            the linter; nothing is written.
    """
    new = read_gold(export)
    if not new:
        raise GoldFileError(f"{export.name} holds no question: export verdicts from the app first")
    target = gold / f"staff-{export.stem.removeprefix('staff-')}.jsonl"
    if target.exists():
        raise GoldFileError(f"{target.name} exists: remove it to import again, or rename the file")
    present = read_gold(gold)
    taken = {question.id for question in present}
    repeated = [q.id for q in new if q.id in taken] + _twice([q.id for q in new])
    if repeated:
        raise GoldFileError(f"id {repeated[0]!r} is taken: give each new question its own")
    problems = list(check((*present, *new)))
    if problems:
        raise GoldFileError(
            f"{len(problems)} problems, nothing imported; first: {problems[0]}; mend the export"
        )
    lines = [line for line in export.read_text(encoding="utf-8").splitlines() if line.strip()]
    text = "".join(json.dumps(json.loads(line), ensure_ascii=False) + "\n" for line in lines)
    with target.open("x", encoding="utf-8") as out:
        out.write(text)
    return Import(target, new)


def _twice(ids: Sequence[str]) -> list[str]:
    return [id_ for i, id_ in enumerate(ids) if id_ in ids[:i]]
