"""From one value a question to a figure with its interval: overall, and by kind of question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from evaluation import abstention
from evaluation.bootstrap import LEVEL, RESAMPLES, SEED, Interval, mean_interval
from evaluation.catalogue import BY_NAME, METRICS
from evaluation.metrics import quantile
from evaluation.record import ENGINE, Record, Row

KIND_RESAMPLES = 2_000
AURC_RESAMPLES = 500


def overall(rows: Sequence[Row]) -> dict[str, Interval]:
    """Interval of each metric that at least one question defines, in the catalogue's order."""
    return _intervals(rows, RESAMPLES)


def by_kind(rows: Sequence[Row]) -> dict[str, dict[str, Interval]]:
    """The same for each kind of question, by name; with fewer resamplings."""
    kinds = sorted({row.kind for row in rows})
    return {
        kind: _intervals([row for row in rows if row.kind == kind], KIND_RESAMPLES)
        for kind in kinds
    }


def risk_points(rows: Sequence[Row]) -> tuple[tuple[float, float], ...]:
    """Risk–coverage curve of the answered questions, over all questions."""
    confidence, error = _answers(rows)
    return abstention.risk_coverage(confidence, error, len(rows))


def area(rows: Sequence[Row]) -> Interval | None:
    """Area under the risk–coverage curve, with its interval over resampled groups."""
    point = abstention.aurc(*_answers(rows))
    if point is None:
        return None
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    families = list(groups.values())
    rng = np.random.default_rng(SEED)
    areas = []
    for _ in range(AURC_RESAMPLES):
        drawn = [row for i in rng.integers(0, len(families), len(families)) for row in families[i]]
        sampled = abstention.aurc(*_answers(drawn))
        if sampled is not None:
            areas.append(sampled)
    low, high = np.quantile(areas, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(point, float(low), float(high), len(_answers(rows)[0]))


def latency(timings: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float | None]]:
    """p50 and p95 in milliseconds of each stage."""
    return {
        stage: {"p50": quantile(ms, 0.5), "p95": quantile(ms, 0.95)}
        for stage, ms in timings.items()
    }


def as_json(record: Record) -> dict[str, Any]:
    """Every figure of a run, for its JSON; by kind for the engine alone."""
    return {
        name: {
            "questions": len(rows),
            "overall": _plain(overall(rows)),
            "kinds": {
                kind: _plain(found)
                for kind, found in (by_kind(rows) if name == ENGINE else {}).items()
            },
            "aurc": _figures(area(rows)),
        }
        for name, rows in record.systems.items()
    }


def _answers(rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    kept = [r for r in rows if r.answered and r.values.get("right") is not None]
    errors = [1.0 - float(r.values["right"] or 0.0) for r in kept]
    return [float(r.confidence or 0.0) for r in kept], errors


def _intervals(rows: Sequence[Row], resamples: int) -> dict[str, Interval]:
    groups = tuple(row.group for row in rows)
    found: dict[str, Interval] = {}
    for metric in METRICS:
        values = tuple(row.values.get(metric.name) for row in rows)
        got = _mean_interval(values, groups, resamples)
        if got is not None:
            found[metric.name] = got
    return found


@lru_cache(maxsize=4096)  # tables, JSON and page all show the same figures
def _mean_interval(
    values: tuple[float | None, ...], groups: tuple[str, ...], resamples: int
) -> Interval | None:
    return mean_interval(values, groups, resamples)


def _plain(found: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: _figures(found[name]) for name in BY_NAME if name in found}


def _figures(interval: Interval | None) -> dict[str, float | int] | None:
    if interval is None:
        return None
    return {"mean": interval.mean, "low": interval.low, "high": interval.high, "n": interval.n}
