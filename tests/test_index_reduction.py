"""Vectors in fewer dimensions."""

from __future__ import annotations

import numpy as np
import pytest

from index.reduction import Reduced


def _unit(rows: list[list[float]]) -> np.ndarray:
    found = np.array(rows, np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_all_directions_give_the_cosines_themselves() -> None:
    vectors = _unit([[3, 4, 0], [0, 1, 0], [1, 1, 1]])
    reduced = Reduced.of(vectors)
    assert reduced.cosines(vectors[0]) == pytest.approx([1.0, 0.8, 7 / (5 * 3**0.5)], abs=1e-6)


def test_the_directions_kept_are_those_along_which_they_differ_most() -> None:
    vectors = _unit([[1, 0, 0], [0, 1, 0], [1, 1, 0], [1, 0.5, 0.001]])
    reduced = Reduced.of(vectors, kept=2)
    assert reduced.rows.shape == (4, 2) and reduced.basis.shape == (3, 2)
    assert reduced.cosines(vectors[2]) == pytest.approx(vectors @ vectors[2], abs=1e-3)
    # What lies across them is not seen.
    assert reduced.cosines(np.array([0, 0, 1], np.float32)) == pytest.approx(np.zeros(4), abs=2e-3)


def test_some_vectors_keep_the_directions_of_all() -> None:
    vectors = _unit([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    reduced = Reduced.of(vectors)
    assert reduced.take([2, 0]).cosines(vectors[2]) == pytest.approx([1.0, 0.0], abs=1e-6)
    assert len(Reduced.of(np.zeros((0, 3), np.float32))) == 0
