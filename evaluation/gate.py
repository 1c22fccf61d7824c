"""The gate: figures may not fall below the committed ones by more than their interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.catalogue import BY_NAME, HEADLINE, Metric
from evaluation.errors import ResultsError
from evaluation.record import Row
from evaluation.summary import overall

RESULTS = Path(__file__).parent / "results"
GUARDED_TOO = ("verbatim_rate", "uncited")
"""Not headline, since they never move; a move would be the gravest of all."""


@dataclass(frozen=True, slots=True)
class Fall:
    """A metric beyond the bound of the committed interval, on the wrong side."""

    metric: Metric
    committed: float
    bound: float
    now: float

    def __str__(self) -> str:
        return (
            f"{self.metric.title}: {100 * self.now:.2f} now, {100 * self.committed:.2f} committed, "
            f"may not pass {100 * self.bound:.2f}"
        )


def falls(committed: Sequence[Row], now: Sequence[Row]) -> tuple[Fall, ...]:
    """Metrics that fell too far, over the questions that both runs hold.

    A metric that the committed run defines and the new one does not has fallen to nothing: it is
    reported with 0 (or 1 where less is better).

    Raises:
        ResultsError: They share no question.
    """
    shared = {row.id for row in committed} & {row.id for row in now}
    if not shared:
        raise ResultsError("no committed question is in this run: commit a new reference run")
    before = overall([row for row in committed if row.id in shared])
    after = overall([row for row in now if row.id in shared])
    found = []
    for metric in _guarded():
        if metric.name not in before:
            continue
        old = before[metric.name]
        new = after[metric.name].mean if metric.name in after else float(not metric.higher)
        bound = old.low if metric.higher else old.high
        if (new < bound - 1e-12) if metric.higher else (new > bound + 1e-12):
            found.append(Fall(metric, old.mean, bound, new))
    return tuple(found)


def latest(split: str, folder: Path = RESULTS) -> Path:
    """The committed run of a split (or ``bench``) with the latest date in its name.

    Raises:
        ResultsError: There is none.
    """
    found = sorted(p for p in folder.glob(f"*-{split}.json") if p.name[:4].isdigit())
    if not found:
        raise ResultsError(
            f"no {split} run in {folder.name}/: make one with `python -m evaluation "
            + ("bench --save`" if split == "bench" else f"run --split {split} --baselines --save`")
        )
    return found[-1]


def _guarded() -> tuple[Metric, ...]:
    return (*HEADLINE, *(BY_NAME[name] for name in GUARDED_TOO))
