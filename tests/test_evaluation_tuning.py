"""The fitting of fusion, and the second corpus."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.second_corpus import ASPECTS, PROCEDURES, K, corpus, found_at
from evaluation.tuning import Lists, fit
from index.encoder import load_encoder


def lists(seed: int, rows: int = 40, passages: int = 12) -> Lists:
    """Two signals: the first tells the relevant passage, the second is noise."""
    rng = np.random.default_rng(seed)
    signals = rng.random((rows, passages, 2))
    relevant = np.zeros((rows, passages), bool)
    relevant[np.arange(rows), rng.integers(0, passages, rows)] = True
    signals[:, :, 0] = np.where(relevant, 0.9, 0.6 * signals[:, :, 0])
    return Lists(signals, relevant, np.full(rows, 1 / rows), np.arange(rows))


def test_the_gradient_is_that_of_the_loss() -> None:
    data, weights, step = lists(1), np.array([1.5, 0.7]), 1e-6

    def loss(w: np.ndarray) -> float:
        scores = data.signals @ w
        log_softmax = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return float(-(log_softmax[data.relevant] * data.share).sum())

    numeric = [
        (loss(weights + step * e) - loss(weights - step * e)) / (2 * step) for e in np.eye(2)
    ]
    assert data.gradient(weights) == pytest.approx(numeric, abs=1e-6)


def test_what_tells_weighs_more_than_noise() -> None:
    weights = fit(lists(2))
    assert weights[0] > 5 * weights[1] >= 0


def test_only_keeps_whole_questions() -> None:
    kept = lists(3, rows=4).only(np.array([True, False, True, False]))
    assert kept.owner.tolist() == [0, 2]
    assert kept.share.sum() == pytest.approx(1.0)


def test_the_second_corpus_is_large_and_verbatim() -> None:
    passages, asked = corpus()
    assert len(passages) == len(asked) == len(PROCEDURES) * len(ASPECTS) == 350
    assert len({p.id for p in passages}) == len({p.text for p in passages}) == 350
    assert len({a.text for a in asked}) == 350
    assert all(a.passage == p.id for a, p in zip(asked, passages, strict=True))


@pytest.mark.slow
def test_the_whole_is_ahead_of_bm25_on_a_corpus_never_seen() -> None:
    found = found_at(load_encoder())
    assert K == 5
    assert sum(found["whole"]) > sum(found["BM25 alone"]) + 10
