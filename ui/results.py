"""The committed results of the evaluation, read as files: the pages never import what made them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

import settings

FOLDER = settings.ROOT / "evaluation" / "results"
ENGINE = "engine"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over questions, with its 95 % interval."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Row:
    """One question put to one system."""

    id: str
    values: Mapping[str, float]
    question: str = ""
    kind: str = ""
    answerable: bool = True
    answered: bool | None = None
    reason: str | None = None
    confidence: float | None = None
    refs: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    top: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One committed run.

    Attributes:
        about: Day, split, commit, generation, encoder, model…
        overall: System to metric to figure.
        kinds: Metric figures of the product itself, by kind of question.
        rows: System to its rows.
    """

    name: str
    about: Mapping[str, Any]
    overall: Mapping[str, Mapping[str, Figure]]
    kinds: Mapping[str, Mapping[str, Figure]]
    rows: Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class McNemar:
    """How many questions were gained and lost between two runs, and whether by chance."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    p: float


def runs(folder: Path = FOLDER) -> tuple[tuple[Run, ...], tuple[str, ...]]:
    """Every run of a folder, newest first, and the names of the files that cannot be read.

    Files of another sort (timings, benches) are passed over.
    """
    found, bad = [], []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            run = _read(str(path), path.stat().st_mtime_ns)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            bad.append(path.name)
            continue
        if run is not None:
            found.append(run)
    found.sort(key=lambda run: (str(run.about.get("day")), run.about.get("split") == "test",
                                run.name), reverse=True)  # fmt: skip
    return tuple(found), tuple(bad)


@st.cache_resource(show_spinner=False, max_entries=32)
def _read(path: str, changed: int) -> Run | None:
    """One file; ``changed`` makes a newer file a newer entry. Published figures, nobody's data."""
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(data, dict) or "systems" not in data or data.get("format") != FORMAT:
        return None
    summary = data["summary"]
    return Run(
        Path(path).stem,
        data["about"],
        {system: _figures(part["overall"]) for system, part in summary.items()},
        {kind: _figures(part) for kind, part in summary[ENGINE]["kinds"].items()},
        {system: tuple(map(_row, rows)) for system, rows in data["systems"].items()},
    )


def _figures(part: Mapping[str, Mapping[str, Any]]) -> dict[str, Figure]:
    names = ("mean", "low", "high", "n")
    return {metric: Figure(*(values[name] for name in names)) for metric, values in part.items()}


def _row(row: Mapping[str, Any]) -> Row:
    known = {name: row[name] for name in Row.__dataclass_fields__ if name in row}
    listed = {name: tuple(row.get(name, ())) for name in ("refs", "cited", "top")}
    return Row(**{**known, **listed})


def mcnemar(before: Sequence[Row], after: Sequence[Row], metric: str = "right") -> McNemar:
    r"""Exact McNemar test of a yes/no metric on the questions that both runs hold.

    With b gained and c lost, under chance :math:`b \sim Bin(b + c, 1/2)`; the two-sided p-value is
    :math:`\min(1, 2 \sum_{i \le \min(b, c)} \binom{b + c}{i} / 2^{b + c})` (McNemar 1947).
    """
    second = {row.id: row.values.get(metric) for row in after}
    gained: list[str] = []
    lost: list[str] = []
    for row in before:
        was, now = row.values.get(metric), second.get(row.id)
        if was is not None and now is not None and was != now:
            (gained if now > was else lost).append(row.id)
    few, total = min(len(gained), len(lost)), len(gained) + len(lost)
    tail = sum(math.comb(total, i) for i in range(few + 1))
    return McNemar(tuple(gained), tuple(lost), min(1.0, 2 * tail / 2**total))


def paired_means(
    before: Sequence[Row], after: Sequence[Row], metric: str
) -> tuple[float, float, int] | None:
    """Means of a metric over the questions on which both runs define it, and their number."""
    second = {row.id: row.values.get(metric) for row in after}
    both = [(row.values[metric], second[row.id]) for row in before
            if row.values.get(metric) is not None and second.get(row.id) is not None]  # fmt: skip
    if not both:
        return None
    return (
        sum(a for a, _ in both) / len(both),
        sum(b for _, b in both if b is not None) / len(both),
        len(both),
    )
