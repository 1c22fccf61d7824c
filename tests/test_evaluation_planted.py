"""Regressions planted on purpose: each is a real accident, made on the real components."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.library import Library, load_library
from evaluation import baselines
from evaluation.compare import Comparison, compare
from evaluation.gold import read_gold
from evaluation.measure import page_of
from evaluation.record import Row
from evaluation.runner import Truth, run, search_all
from index.build import build
from index.encoder import Encoder, Vectors, load_encoder
from index.open import Index, open_index
from qa import abstention
from qa.pipeline import Engine

pytestmark = pytest.mark.slow

Put = Callable[[Index], tuple[Row, ...]]
Plant = Callable[[Path, Path, pytest.MonkeyPatch], Index]


@pytest.fixture(scope="module")
def root(real_root: Path) -> Path:
    return real_root


class Swapped:
    """The wrong encoder for the index: the same vectors, with their dimensions exchanged."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension = encoder.dimension
        self._order = np.random.default_rng(1).permutation(encoder.dimension)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder, with its dimensions in another order."""
        return np.ascontiguousarray(self._encoder.encode_queries(texts)[:, self._order])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As the encoder, with its dimensions in another order."""
        return np.ascontiguousarray(self._encoder.encode_passages(texts)[:, self._order])


def _found(index: Index) -> tuple[Row, ...]:
    """What the retriever finds, for every gold question."""
    return search_all(read_gold(), baselines.retriever(index))[0]


def _answered(index: Index) -> tuple[Row, ...]:
    """What the engine answers, for every third gold question."""
    truth = Truth(index.document_text, page_of(index), "2026-11-24")
    return run(read_gold()[::3], Engine(index), baselines.retriever(index), truth).rows()


def _swapped(root: Path, folder: Path, patch: pytest.MonkeyPatch) -> Index:
    return open_index(root, Swapped(load_encoder()))


def _dense_only(root: Path, folder: Path, patch: pytest.MonkeyPatch) -> Index:
    index = open_index(root)
    index.retriever.weights = {"dense": 1.0}
    return index


def _no_threshold(root: Path, folder: Path, patch: pytest.MonkeyPatch) -> Index:
    rule = {**abstention._model(), "threshold": 0.0}
    patch.setattr(abstention, "_model", lambda: rule)
    return open_index(root)


def _article_removed(root: Path, folder: Path, patch: pytest.MonkeyPatch) -> Index:
    library = load_library()
    documents = tuple(
        replace(d, passages=tuple(p for p in d.passages if "226-14" not in p.ref))
        for d in library.documents
    )
    assert sum(len(d.passages) for d in documents) < len(library.passages)
    build(Library(library.folder, documents), folder, load_encoder())
    return open_index(folder)


PLANTED: dict[Put, dict[Plant, set[str]]] = {
    _found: {
        _swapped: {"recall@5", "mrr", "ndcg@10"},
        _dense_only: {"recall@5", "recall@10", "mrr", "ndcg@10"},
        _article_removed: {"recall@5", "mrr", "ndcg@10"},
    },
    _answered: {_no_threshold: {"abstention_recall"}},
}


@pytest.mark.parametrize("put", PLANTED)
def test_a_planted_regression_is_named(
    put: Put, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy, again = put(open_index(root)), put(open_index(root))
    unchanged = compare(healthy, again)
    assert unchanged.flips == () and unchanged.significant == ()
    for plant, named in PLANTED[put].items():
        found: Comparison = compare(healthy, put(plant(root, tmp_path, monkeypatch)))
        worse = {c.metric.name for c in found.significant if c.verdict == "worse"}
        assert named & worse, [(c.metric.name, c.before, c.after, c.p) for c in found.changes]
        if plant is _article_removed:
            assert "CP, art. 226-14" in dict(found.lost_refs)
