"""Comparison and gate: what is named, what is not, and that no one improves by leaving."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.compare import compare
from evaluation.errors import ResultsError
from evaluation.gate import falls, latest
from evaluation.record import Row


def _rows(n: int = 100, share: float = 0.9) -> tuple[Row, ...]:
    return tuple(
        Row(
            id=f"q{i}",
            question=f"Question {i} ?",
            kind="direct",
            group=f"g{i // 2}",
            answerable=True,
            values={"right": float(i < n * share), "recall@5": 1.0, "words": 40.0},
            refs=("CP, art. 226-13",) if i % 10 == 0 else (),
        )
        for i in range(n)
    )


def _with(rows: tuple[Row, ...], ids: range, **values: float | None) -> tuple[Row, ...]:
    chosen = {f"q{i}" for i in ids}
    return tuple(replace(r, values={**r.values, **values}) if r.id in chosen else r for r in rows)


def test_a_real_fall_is_named_with_its_questions_and_references() -> None:
    before = _rows()
    found = compare(before, _with(before, range(20), right=0.0))
    assert [(c.metric.name, c.verdict) for c in found.significant] == [("right", "worse")]
    change = found.significant[0]
    assert (change.before, change.after) == (0.9, 0.7)
    assert (change.test.better, change.test.worse) == (0, 20)
    assert [flip.id for flip in found.flips] == [f"q{i}" for i in range(20)]
    assert all(flip.lost and flip.moved == (("right", 1.0, 0.0),) for flip in found.flips)
    assert found.lost_refs == (("CP, art. 226-13", 2),)


def test_a_rise_is_better_and_a_rise_of_what_should_be_low_is_worse() -> None:
    before = _with(_rows(), range(100), forbidden=0.0)
    after = _with(before, range(90, 100), right=1.0)
    assert [(c.metric.name, c.verdict) for c in compare(before, after).significant] == [
        ("right", "better")
    ]
    worse = compare(before, _with(before, range(30), forbidden=1.0))
    assert [(c.metric.name, c.verdict) for c in worse.significant] == [("forbidden", "worse")]


def test_two_questions_of_one_group_prove_nothing() -> None:
    before = _rows()
    found = compare(before, _with(before, range(2), right=0.0))
    assert found.significant == () and len(found.flips) == 2


def test_the_same_run_twice_differs_in_nothing() -> None:
    found = compare(_rows(), _rows())
    assert found.significant == () and found.flips == ()
    assert all(c.test.p == 1.0 for c in found.changes)


@pytest.mark.slow
def test_chance_alone_is_rarely_named() -> None:
    rng = random.Random(5)
    alarms = 0
    for _ in range(60):
        a, b = (
            tuple(
                replace(r, values={m: float(rng.random() < 0.8) for m in ("right", "recall@5")})
                for r in _rows()
            )
            for _ in range(2)
        )
        alarms += bool(compare(a, b).significant)
    assert alarms <= 8


def test_only_shared_questions_are_compared_and_the_rest_is_listed() -> None:
    before, after = _rows(10), _rows(12)[4:]
    found = compare(before, after)
    assert found.questions == 6
    assert found.only_before == ("q0", "q1", "q2", "q3") and found.only_after == ("q10", "q11")
    with pytest.raises(ResultsError, match="share no question"):
        compare(before[:2], after)


def test_a_metric_defined_on_one_side_only_leaves_that_question() -> None:
    before = _with(_rows(4), range(4), citation_recall=1.0)
    after = _with(before, range(1), citation_recall=None)
    found = {c.metric.name: c for c in compare(before, after).changes}
    assert found["citation_recall"].test.difference.n == 3


def test_the_gate_lets_noise_pass_and_stops_a_fall() -> None:
    committed = _rows()
    assert falls(committed, committed) == ()
    assert falls(committed, _with(committed, range(2), right=0.0)) == ()
    fallen = falls(committed, _with(committed, range(25), right=0.0))
    assert [fall.metric.name for fall in fallen] == ["right"]
    assert fallen[0].now == 0.65 and fallen[0].bound < 0.9
    assert "65.00 now, 90.00 committed" in str(fallen[0])


def test_what_never_failed_may_not_fail_once() -> None:
    committed = _with(_rows(), range(100), verbatim_rate=1.0, uncited=0.0)
    broken = _with(committed, range(1), verbatim_rate=0.5, uncited=0.5)
    assert [f.metric.name for f in falls(committed, broken)] == ["verbatim_rate", "uncited"]


def test_a_metric_that_vanished_has_fallen() -> None:
    committed = _rows()
    gone = tuple(replace(r, values={"recall@5": 1.0}) for r in committed)
    assert [fall.metric.name for fall in falls(committed, gone)] == ["right"]
    with pytest.raises(ResultsError, match="no committed question"):
        falls(committed, tuple(replace(r, id=f"x{r.id}") for r in committed))


def test_the_latest_committed_run_is_found_by_its_date(tmp_path: Path) -> None:
    for name in ("2026-11-24-test.json", "2026-12-01-test.json", "2026-12-01-development.json",
                 "2026-12-01-test.timings.json", "notes-test.json"):  # fmt: skip
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert latest("test", tmp_path).name == "2026-12-01-test.json"
    with pytest.raises(ResultsError, match="--split all"):
        latest("all", tmp_path)
