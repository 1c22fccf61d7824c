"""Lexical fields, dense rows, references and their fusion, on values worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from math import log1p

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_index import LAW, passage

from index.citations import CITING, FIRST, ITEM, NEAR, QUOTED, Citations, Found, lift
from index.dense import Dense, embedded_text, texts_of
from index.fusion import by_maximum, by_range, fuse, weights_for
from index.lexical import FIELDS, Field, Lexical
from index.query import Query
from index.spelling import Spelling

# -- lexical ------------------------------------------------------------------------------------


def test_bm25_by_hand() -> None:
    """Lucene's BM25: idf · tf / (tf + k1 (1 - b + b · length / mean length))."""
    field = Field.build([["a", "a", "b"], ["b"], ["c", "c"]], k1=1.2, b=0.75)
    mean = 6 / 3
    idf_a, idf_b = log1p((3 - 1 + 0.5) / (1 + 0.5)), log1p((3 - 2 + 0.5) / (2 + 0.5))
    assert field.idf("a") == pytest.approx(idf_a)
    first = idf_a * 2 / (2 + 1.2 * (0.25 + 0.75 * 3 / mean))
    first += idf_b * 1 / (1 + 1.2 * (0.25 + 0.75 * 3 / mean))
    second = idf_b * 1 / (1 + 1.2 * (0.25 + 0.75 * 1 / mean))
    assert field.scores(["a", "b"]) == pytest.approx([first, second, 0.0], rel=1e-6)


@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), min_size=1, max_size=8),
    st.lists(st.sampled_from("abcdefz"), max_size=6),
)
def test_scores_equal_those_of_bm25s(documents: list[list[str]], query: list[str]) -> None:
    field = Field.build(documents, 1.5, 0.6)
    known = [term for term in query if term in field.vocabulary]
    if not known:
        assert not field.scores(query).any()
        return
    theirs = bm25s.BM25(k1=1.5, b=0.6, method="lucene")
    theirs.index(documents, create_empty_token=False, show_progress=False)
    np.testing.assert_allclose(field.scores(query), theirs.get_scores(known), rtol=1e-5, atol=1e-6)


def test_an_empty_field_scores_nothing() -> None:
    assert Field.build([[], []], 1.2, 0.75).scores(["a"]).tolist() == [0.0, 0.0]


def test_rows_are_the_passages_of_a_term() -> None:
    field = Field.build([["a"], ["b"], ["a", "b"]], 1.2, 0.75)
    assert (field.rows("a").tolist(), field.rows("z").tolist()) == ([0, 2], [])


def test_a_field_survives_its_bytes() -> None:
    lexical = Lexical.build(LAW)
    files = lexical.to_files()
    assert all(b"pickle" not in data and not data.startswith(b"\x80") for data in files.values())
    again = Lexical.from_files(files)
    words = Query.read("la police et le secret", Spelling({})).words
    for name, scores in lexical.scores(words).items():
        np.testing.assert_array_equal(scores, again.scores(words)[name])


def test_bytes_that_do_not_fit_together_are_refused() -> None:
    files = Lexical.build(LAW).to_files()
    files["lexical-terms-indices.npy"] = files["lexical-grams-indices.npy"]
    with pytest.raises(ValueError, match="terms do not fit together"):
        Lexical.from_files(files)


def test_the_mask_comes_before_the_ranking() -> None:
    lexical = Lexical.build(LAW)
    words = Query.read("informer le préfet", Spelling({})).words
    mask = np.array([p.kind != "article" for p in LAW])
    scores = lexical.scores(words, mask)["terms"]
    assert not scores[~mask].any()


def test_headings_and_concepts_are_searched() -> None:
    lexical = Lexical.build(LAW)
    spelling = Spelling({})
    by_heading = lexical.scores(Query.read("les grands principes", spelling).words)["terms"]
    by_concept = lexical.scores(Query.read("les flics", spelling).words)["terms"]
    assert (by_heading.argmax(), by_concept.argmax()) == (0, 1)


# -- dense --------------------------------------------------------------------------------------

S = 0.5**0.5
VECTORS = np.array([[1, 0], [0, 1], [S, S], [0, 1], [1, 0]], np.float32)
OWNERS = [0, 1, 2, 2, 2]  # three passages; the third has two sentences


def test_cosines_by_hand() -> None:
    """A passage with sentences scores half its own cosine and half its best sentence's."""
    dense = Dense.build(VECTORS, OWNERS, 3)
    assert dense.scores(np.array([1, 0], np.float32)) == pytest.approx(
        [1.0, 0.0, 0.5 * S + 0.5 * 1.0], abs=1e-6
    )
    assert dense.scores(np.array([0, -1], np.float32)) == pytest.approx(
        [0.0, -1.0, 0.5 * -S + 0.5 * 0.0], abs=1e-6
    )


def test_a_masked_passage_scores_minus_one() -> None:
    dense = Dense.build(VECTORS, OWNERS, 3)
    scores = dense.scores(np.array([1, 0], np.float32), np.array([False, True, True]))
    assert scores == pytest.approx([-1.0, 0.0, 0.5 * S + 0.5], abs=1e-6)
    assert dense.scores(np.array([1, 0], np.float32), np.zeros(3, bool)).tolist() == [-1.0] * 3


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(0, 40))
def test_search_equals_brute_force(seed: int, passages: int, sentences: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(passages + sentences, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    owners = [*range(passages), *rng.integers(0, passages, sentences).tolist()]
    query = vectors[rng.integers(0, len(vectors))]
    mask = rng.random(passages) < 0.7
    cosines = vectors @ query
    expected = np.full(passages, -1.0)
    for i in np.flatnonzero(mask):
        own = [cosines[j] for j in range(passages, len(owners)) if owners[j] == i]
        expected[i] = (cosines[i] + max(own)) / 2 if own else cosines[i]
    found = Dense.build(vectors, owners, passages).scores(query, mask)
    np.testing.assert_allclose(found, np.clip(expected, -1, 1), atol=1e-5)


def test_rows_beyond_the_depth_get_the_last_score_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.dense.DEPTH", 2)
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0]], np.float32)
    scores = Dense.build(vectors, range(4), 4).scores(np.array([1, 0], np.float32))
    assert scores == pytest.approx([1.0, 0.8, 0.8, 0.8], abs=1e-6)


def test_dense_survives_its_bytes_and_refuses_others() -> None:
    dense = Dense.build(VECTORS, OWNERS, 3)
    files = dense.to_files()
    query = np.array([0.6, 0.8], np.float32)
    np.testing.assert_array_equal(Dense.from_files(files, 3).scores(query), dense.scores(query))
    with pytest.raises(ValueError, match="belongs to none"):
        Dense.from_files(files, 2)
    with pytest.raises(ValueError, match="not a faiss index"):
        Dense.from_files(files | {"dense.faiss": b"IxFI" + b"\xff" * 40}, 3)


def test_rows_hold_headings_only_for_the_encoder() -> None:
    told = passage(
        "p", "Premier point du texte. Second point du texte.", section=("Partie", "Titre")
    )
    texts = texts_of([told, LAW[0]])
    assert texts.texts[0] == embedded_text(told) == f"Partie\nTitre\n{told.text}"
    assert texts.texts[2:] == ("Premier point du texte.", "Second point du texte.")
    assert texts.owners == (0, 1, 0, 0)


# -- fusion -------------------------------------------------------------------------------------


def test_normalisations_by_hand() -> None:
    allowed = np.array([True, True, False])
    assert by_maximum(np.array([2, 1, 0], np.float32)).tolist() == [1.0, 0.5, 0.0]
    assert by_maximum(np.zeros(3, np.float32)).tolist() == [0.0, 0.0, 0.0]
    scaled = by_range(np.array([0.4, 0.2, -1.0], np.float32), allowed)
    assert scaled == pytest.approx([1.0, 0.0, 0.0])
    assert by_range(np.array([0.4, 0.4, 9], np.float32), allowed).tolist() == [0.0, 0.0, 0.0]


def test_fusion_is_a_weighted_sum() -> None:
    signals = {"a": np.array([1, 0], np.float32), "b": np.array([0.5, 1], np.float32)}
    assert fuse(signals, {"a": 0.75, "b": 0.25}) == pytest.approx([0.875, 0.25])
    assert fuse(signals, {"a": 1.0}) == pytest.approx([1.0, 0.0])


@given(arrays(np.float32, st.integers(1, 20), elements=st.floats(0, 100, width=32)))
def test_normalised_scores_lie_between_0_and_1(scores: np.ndarray) -> None:
    allowed = np.ones(len(scores), bool)
    for scaled in (by_maximum(scores), by_range(scores, allowed)):
        assert ((scaled >= 0) & (scaled <= 1)).all()


@pytest.mark.parametrize("encoder", ["fr-legal", "minilm", "somebody/else"])
def test_weights_are_convex_and_name_real_signals(encoder: str) -> None:
    weights = weights_for(encoder)
    assert sum(weights.values()) == pytest.approx(1.0)
    assert set(weights) <= {spec.name for spec in FIELDS} | {
        "dense",
        "asked",
        "asked_meaning",
        "learnt",
    }
    assert min(weights.values()) >= 0


# -- references ---------------------------------------------------------------------------------


def find(question: str, allowed: Sequence[bool] | None = None) -> tuple[Found, ...]:
    references = Query.read(question, Spelling({})).references
    mask = np.ones(len(LAW), bool) if allowed is None else np.asarray(allowed)
    return Citations(LAW).find(references, mask)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("que dit l'article 226-13 du code pénal", Found((), (2,), ())),
        ("226-14 CP", Found((), (3, 4), ())),
        ("le 4° de l'article 226-14", Found((4,), (3, 4), ())),
        ("décision n°012-2020", Found((), (5,), ())),
        ("décision du 4 juin 2021", Found((), (5,), ())),
        ("l'article 60-1 du code de procédure pénale", Found((), (), (5,))),
    ],
)
def test_references_are_looked_up(question: str, expected: Found) -> None:
    assert find(question) == (expected,)


def test_references_unknown_to_the_corpus_find_nothing() -> None:
    assert find("article L. 9999-1 du code de la santé publique, décision du 1er mai 1999") == ()


def test_filtered_passages_are_not_looked_up() -> None:
    assert find("226-14 CP", [True] * 4 + [False] * 2) == (Found((), (3,), ()),)


def test_lift_by_hand() -> None:
    scores = np.array([0.1, 0.9, 0.5, 0.3, 0.7], np.float32)
    found = (Found((3,), (0, 1, 2, 3), ()), Found((), (), (4,)))
    assert FIRST == 2
    assert lift(found, scores).tolist() == pytest.approx([NEAR, QUOTED, QUOTED, ITEM, CITING])
