"""Intervals and paired tests: against closed forms, and for their coverage."""

from __future__ import annotations

from math import comb, sqrt

import numpy as np
import pytest

from evaluation.bootstrap import holm, mcnemar, mean_interval, paired, ratio_interval


def test_the_interval_agrees_with_the_normal_approximation() -> None:
    values = [1.0] * 70 + [0.0] * 30
    got = mean_interval(values)
    assert got is not None and got.mean == 0.7 and got.n == 100
    half = 1.96 * sqrt(0.7 * 0.3 / 100)
    assert got.low == pytest.approx(0.7 - half, abs=0.012)
    assert got.high == pytest.approx(0.7 + half, abs=0.012)


def test_the_same_seed_gives_the_same_bounds_to_the_last_digit() -> None:
    values = [float(x) for x in np.random.default_rng(0).random(97)]
    assert mean_interval(values) == mean_interval(values)
    assert mean_interval(values) != mean_interval(values, seed=1)


def test_groups_that_fail_together_widen_the_interval() -> None:
    values = [float(i // 5 % 2) for i in range(200)]
    alone = mean_interval(values)
    together = mean_interval(values, [str(i // 5) for i in range(200)])
    assert alone is not None and together is not None
    assert alone.mean == together.mean
    # Five copies of each value: the standard error is that of a fifth of the questions.
    assert together.half / alone.half == pytest.approx(sqrt(5), rel=0.08)


def test_interval_edge_cases() -> None:
    assert mean_interval([]) is None
    assert mean_interval([None, None]) is None
    one = mean_interval([1.0, None])
    assert one is not None and (one.mean, one.low, one.high, one.n) == (1.0, 1.0, 1.0, 1)
    assert ratio_interval([0.0, 0.0], [0.0, 0.0]) is None
    with pytest.raises(ValueError, match="as many"):
        ratio_interval([1.0], [1.0], ["a", "b"])


def test_a_ratio_with_a_random_denominator() -> None:
    parts, wholes = [1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 0.0]
    got = ratio_interval(parts * 30, wholes * 30)
    assert got is not None and got.mean == 2 / 3 and got.n == 90
    assert got.low < 2 / 3 < got.high


@pytest.mark.slow
def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for trial in range(300):
        sample = (rng.random(60) < 0.8).astype(float).tolist()
        got = ratio_interval(sample, [1.0] * 60, resamples=1000, seed=trial)
        covered += got is not None and got.low <= 0.8 <= got.high
    # 95 % nominal; the percentile interval of a proportion runs a little short at n = 60.
    assert 0.89 <= covered / 300 <= 0.99


def test_mcnemar_is_the_exact_binomial_test() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(0, 8) == 2 * comb(8, 0) / 2**8
    assert mcnemar(8, 0) == 2 / 2**8
    for b, c in [(1, 9), (5, 5), (3, 12), (20, 31)]:
        tail = sum(comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
        expected = min(1.0, 2 * tail)
        assert mcnemar(b, c) == pytest.approx(expected, abs=1e-12)


def test_paired_sees_a_difference_and_sees_none() -> None:
    a = [0.0, 1.0] * 50
    worse = [0.0] * 20 + a[20:]
    got = paired(a, worse)
    assert got is not None
    assert got.difference.mean == -10 / 100 and (got.better, got.worse) == (0, 10)
    assert got.difference.high < 0 and got.p < 0.001
    assert got.p_mcnemar == 2 / 2**10
    same = paired(a, a)
    assert same is not None and same.p == 1.0 and same.p_mcnemar == 1.0
    assert paired([], []) is None
    with pytest.raises(ValueError, match="the same questions"):
        paired([1.0], [])


@pytest.mark.slow
def test_paired_keeps_its_level_when_nothing_differs() -> None:
    rng = np.random.default_rng(11)
    alarms = 0
    for trial in range(200):
        a = (rng.random(80) < 0.7).astype(float).tolist()
        b = (rng.random(80) < 0.7).astype(float).tolist()
        got = paired(a, b, resamples=1000, seed=trial)
        alarms += got is not None and got.p < 0.05
    assert alarms / 200 <= 0.10


def test_mcnemar_is_left_out_where_values_are_not_binary() -> None:
    got = paired([0.5, 1.0], [0.0, 1.0])
    assert got is not None and got.p_mcnemar is None


def test_holm_by_hand() -> None:
    assert holm([]) == ()
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((3 * 0.01, 2 * 0.03, 2 * 0.03))
    assert holm([0.6, 0.9]) == (1.0, 1.0)
