"""What a run leaves behind: one value a metric and a question, kept, not only their means.

The JSON form holds figures alone, and is the same to the last byte when nothing changed. Clock
times, which never repeat, go to a file beside it (``….timings.json``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evaluation.errors import ResultsError

FORMAT = 1
ENGINE = "engine"
"""Name of the product itself among the systems of a run."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question put to one system.

    Attributes:
        values: Metric name to value; ``None`` or absent where it is not defined.
        top: Ids of the passages retrieved, best first.
        cited: Ids of the passages cited, or offered as pointers by an abstention.
        answered: ``None`` for a system that only retrieves.
    """

    id: str
    question: str
    kind: str
    group: str
    answerable: bool
    values: Mapping[str, float | None]
    refs: tuple[str, ...] = ()
    top: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    answered: bool | None = None
    reason: str | None = None
    confidence: float | None = None

    def as_json(self, whole: bool = True) -> dict[str, Any]:
        """Plain JSON form, without what is not defined.

        Args:
            whole: Without, only the id and the values: the rest is that of the same question put
                to another system.
        """
        row: dict[str, Any] = {"id": self.id, "values": _defined(self.values)}
        if whole:
            row |= {
                "question": self.question, "kind": self.kind, "group": self.group,
                "answerable": self.answerable, "refs": list(self.refs), "top": list(self.top),
                "cited": list(self.cited), "answered": self.answered, "reason": self.reason,
                "confidence": self.confidence,
            }  # fmt: skip
        return _defined(row)

    @classmethod
    def from_json(cls, row: Mapping[str, Any], asked: Row | None = None) -> Row:
        """Inverse of :meth:`as_json`; ``asked`` is the whole row of the same question."""
        if asked is not None and "question" not in row:
            return replace(
                asked, values=row["values"], top=(), cited=(), answered=None, reason=None,
                confidence=None,
            )  # fmt: skip
        listed = {name: tuple(row.get(name, ())) for name in ("refs", "top", "cited")}
        return cls(**{**row, **listed})


@dataclass(frozen=True, slots=True)
class Record:
    """A whole run.

    Attributes:
        about: What produced it: commit, generation, encoder, model, gold hash, split, settings.
        systems: System name to its rows, in the order of the gold set.
        timings: Stage to milliseconds of each question, by system; not part of the JSON.
    """

    about: Mapping[str, Any]
    systems: Mapping[str, tuple[Row, ...]]
    timings: Mapping[str, Mapping[str, tuple[float, ...]]] = field(default_factory=dict)

    def rows(self, system: str = ENGINE) -> tuple[Row, ...]:
        """Rows of one system.

        Raises:
            ResultsError: The run does not hold it.
        """
        if system not in self.systems:
            raise ResultsError(
                f"no system {system!r} in this run: choose one of {', '.join(self.systems)}"
            )
        return self.systems[system]


def dump(record: Record, summary: Mapping[str, Any]) -> str:
    """Deterministic JSON text of a run with its summary, one line a question."""
    head = {"format": FORMAT, "about": record.about, "summary": summary}
    lines = json.dumps(head, ensure_ascii=False, indent=1, sort_keys=True).removesuffix("\n}")
    systems = ",\n".join(
        f"  {json.dumps(name)}: [\n"
        + ",\n".join(f"   {_line(row, row.answered is not None)}" for row in rows)
        + "\n  ]"
        for name, rows in record.systems.items()
    )
    return f'{lines},\n "systems": {{\n{systems}\n }}\n}}\n'


def load(path: Path) -> Record:
    """Read a run written by :func:`dump`, with the timings beside it when they are there.

    Raises:
        ResultsError: The file is missing, not JSON, or of another format.
    """
    whole = _json(path)
    try:
        if whole["format"] != FORMAT:
            raise ResultsError(
                f"{path} has format {whole['format']}, this program reads {FORMAT}: "
                "run the evaluation again"
            )
        engine = {row["id"]: Row.from_json(row) for row in whole["systems"].get(ENGINE, ())}
        systems = {
            name: tuple(Row.from_json(row, engine.get(row["id"])) for row in rows)
            for name, rows in whole["systems"].items()
        }
        about = dict(whole["about"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ResultsError(f"{path} is not a run ({error}): make one with `run --json`") from error
    beside = timings_path(path)
    timings = _json(beside)["stages"] if beside.is_file() else {}
    return Record(
        about,
        systems,
        {s: {n: tuple(ms) for n, ms in stages.items()} for s, stages in timings.items()},
    )


def timings_path(path: Path) -> Path:
    """Where the clock times of a run go."""
    return path.with_suffix(".timings.json")


def _line(row: Row, whole: bool) -> str:
    return json.dumps(row.as_json(whole), ensure_ascii=False, sort_keys=True)


def _defined(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ResultsError(f"cannot read {path} ({error.strerror}): give a run's JSON") from error
    except ValueError as error:
        raise ResultsError(f"{path} is not JSON ({error}): make one with `run --json`") from error
