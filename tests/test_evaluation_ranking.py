"""Ranking metrics: expected values are formulas, worked out by hand from the definitions."""

from __future__ import annotations

import random
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.metrics import mean, ndcg_at, quantile, recall_at, reciprocal_rank, success_at

RANKED = ("a", "b", "c", "d", "e")


def test_ranking_metrics_by_hand() -> None:
    relevant = {"b": 1.0, "d": 1.0, "z": 1.0}
    assert recall_at(RANKED, relevant, 3) == 1 / 3
    assert recall_at(RANKED, relevant, 5) == 2 / 3
    assert success_at(RANKED, relevant, 1) == 0.0
    assert success_at(RANKED, relevant, 2) == 1.0
    assert reciprocal_rank(RANKED, relevant) == 1 / 2
    assert reciprocal_rank(RANKED, relevant, 1) == 0.0
    ideal = 1 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert ndcg_at(RANKED, relevant, 5) == pytest.approx((1 / log2(3) + 1 / log2(5)) / ideal)


def test_ndcg_takes_the_grade_as_its_gain() -> None:
    grades = {"a": 1.0, "b": 3.0}
    ideal = 3 / log2(2) + 1 / log2(3)
    assert ndcg_at(("a", "b"), grades, 2) == pytest.approx((1 / log2(2) + 3 / log2(3)) / ideal)
    assert ndcg_at(("a", "b"), grades, 1) == pytest.approx(1 / 3)


def test_ranking_edge_cases_are_defined() -> None:
    assert recall_at(RANKED, set(), 5) is None
    assert success_at(RANKED, set(), 5) is None
    assert reciprocal_rank(RANKED, set()) is None
    assert ndcg_at(RANKED, {}, 5) is None
    assert ndcg_at(RANKED, {"a": 0.0}, 5) is None
    assert recall_at((), {"a"}, 5) == 0.0
    assert success_at((), {"a"}, 5) == 0.0
    assert reciprocal_rank((), {"a"}) == 0.0
    assert ndcg_at((), {"a": 1.0}, 5) == 0.0
    for metric in (recall_at, success_at):
        with pytest.raises(ValueError, match="at least 1"):
            metric(RANKED, {"a"}, 0)
    with pytest.raises(ValueError, match="ranked twice"):
        recall_at(("a", "a"), {"a"}, 2)


def test_equal_to_ir_measures_on_1000_random_runs() -> None:
    ir_measures = pytest.importorskip("ir_measures")
    rng = random.Random(7)
    qrels: dict[str, dict[str, int]] = {}
    run: dict[str, dict[str, float]] = {}
    for q in range(1000):
        docs = [f"d{i}" for i in range(rng.randint(1, 60))]
        grades = {d: rng.choice((0, 0, 0, 1, 2, 3)) for d in docs}
        grades["unfound"] = rng.choice((0, 1))
        if not any(grades.values()):
            grades["unfound"] = 1
        ranked = rng.sample(docs, rng.randint(1, len(docs)))
        qrels[f"q{q}"] = grades
        run[f"q{q}"] = {d: float(len(ranked) - i) for i, d in enumerate(ranked)}
    names = ["RR", *(f"{m}@{k}" for m in ("R", "nDCG", "Success") for k in (1, 3, 5, 10, 100))]
    measures = [ir_measures.parse_measure(name) for name in names]
    seen = 0
    for got in ir_measures.iter_calc(measures, qrels, run):
        grades, scores = qrels[got.query_id], run[got.query_id]
        ranked = sorted(scores, key=lambda d: -scores[d])
        relevant = {d for d, g in grades.items() if g > 0}
        name, _, k = str(got.measure).partition("@")
        ours = {
            "RR": lambda r=ranked, s=relevant: reciprocal_rank(r, s),
            "R": lambda r=ranked, s=relevant, k=k: recall_at(r, s, int(k)),
            "Success": lambda r=ranked, s=relevant, k=k: success_at(r, s, int(k)),
            "nDCG": lambda r=ranked, g=grades, k=k: ndcg_at(r, g, int(k)),
        }[name]()
        assert ours == pytest.approx(got.value, abs=1e-9), (got.query_id, name, k)
        seen += 1
    assert seen == 1000 * len(names)


@given(
    st.lists(st.integers(0, 30), unique=True, max_size=20),
    st.sets(st.integers(0, 30), min_size=1, max_size=8),
    st.integers(1, 25),
)
def test_ranking_metrics_stay_in_bounds_and_recall_grows(
    ranked: list[int], relevant: set[int], k: int
) -> None:
    ids, wanted = [str(i) for i in ranked], {str(i): 1.0 for i in relevant}
    values = [recall_at(ids, wanted, k), success_at(ids, wanted, k), ndcg_at(ids, wanted, k)]
    assert all(v is not None and 0 <= v <= 1 + 1e-12 for v in values)
    after = recall_at(ids, wanted, k + 1)
    assert values[0] is not None and after is not None and after >= values[0]


def test_mean_and_quantile() -> None:
    assert mean([1.0, None, 0.0]) == 1 / 2
    assert mean([None]) is None
    assert quantile([], 0.5) is None
    assert quantile([4.0, 1.0, 2.0, 3.0], 0.5) == 2.5
    assert quantile([10.0, 20.0], 0.95) == pytest.approx(19.5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile([1.0], 1.5)
