"""What is learnt from the editorial questions, and the questions themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from small_index import Letters, passage

from corpus.expansions import EditorialQuestion, editorial_questions, places_of
from corpus.library import load_library
from corpus.passage import Passage
from evaluation.gold import GOLD_DIR, UNSEEN_DIR, read_gold
from index import learnt
from index.analysis import coarse, words
from index.asked import Asked
from index.asked_build import build_asked
from index.asked_fields import FIELDS, fields_of
from index.encoder import load_encoder

QUESTIONS = (
    EditorialQuestion("Qui peut parler ?", ("Le kiné se tait", "La loi parle")),
    EditorialQuestion("Combien de temps ?"),
    EditorialQuestion("Donne-moi son nom", refused=True),
)


def test_the_kernel_is_a_power_of_the_mean_of_three_cosines() -> None:
    terms, written = np.array([0.6, 0.1], np.float32), np.array([0.4, 0.0], np.float32)
    meaning = np.array([0.2, -0.5], np.float32)
    # .35 x .6 + .45 x .4 + .2 x .2 = .43; .35 x .1 - .2 x .5 < 0
    assert learnt.kernel(terms, written, meaning) == pytest.approx([0.43**1.5, 0.0])


def test_targets_have_a_column_a_sentence_one_for_any_and_two_for_silence() -> None:
    assert learnt.columns_of(QUESTIONS) == ("Le kiné se tait", "La loi parle")
    assert learnt.targets_of(QUESTIONS).tolist() == [
        [1, 1, 1, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 0, 1],
    ]


def test_kin_answer_the_same_questions() -> None:
    #            a  b  c, answered, not answered, must not be given
    asked = [[1, 1, 0, 1, 0, 0], [1, 0, 0, 1, 0, 0], [0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 0]]
    # a answers two questions, b one of them; c one, b that one; each as if KIN = 5 more.
    wanted = [[0, 1 / 7, 0], [1 / 7, 0, 1 / 7], [0, 1 / 6, 0]]
    assert learnt.kin_of(np.array(asked, np.float32)) == pytest.approx(np.array(wanted))


def test_the_weights_solve_the_ridge_system() -> None:
    gram = np.array([[1.0, 0.25], [0.25, 1.0]], np.float32)
    targets = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], np.float32)
    # (1 + RIDGE) on the diagonal: the inverse of [[1.3, .25], [.25, 1.3]] by hand.
    determinant = 1.3 * 1.3 - 0.25 * 0.25
    wanted = [
        [1.3 / determinant, -0.25 / determinant, 0],
        [-0.25 / determinant, 1.3 / determinant, 0],
    ]
    assert learnt.fit(gram, targets) == pytest.approx(np.array(wanted), abs=1e-6)


def test_the_ridge_grows_until_the_system_is_positive_definite() -> None:
    gram = np.array([[1.0, 1.5], [1.5, 1.0]], np.float32)  # an eigenvalue of -.5: .3 is too little
    determinant = 1.6 * 1.6 - 1.5 * 1.5
    wanted = np.array([[1.6, -1.5], [-1.5, 1.6]]) / determinant
    assert learnt.fit(gram, np.eye(2, dtype=np.float32)) == pytest.approx(wanted, rel=1e-4)


def test_weights_are_kept_and_only_read_back_whole_and_for_the_same_questions(
    tmp_path: Path,
) -> None:
    weights = np.arange(12, dtype=np.float32).reshape(3, 4).T  # not in the order of memory
    file = tmp_path / "kept" / "weights.safetensors"
    terms = {"secret": np.array([0, 2], np.int32), "taire": np.array([1], np.int32)}
    written = {"dit-il": np.array([1], np.int32)}
    learnt.store(file, "these", learnt.Lessons(weights, {"terms": terms, "written": written}))
    read = learnt.stored(file, "these")
    assert read is not None and read.weights.tolist() == weights.tolist()
    assert {t: rows.tolist() for t, rows in read.postings["terms"].items()} == {
        "secret": [0, 2],
        "taire": [1],
    }
    assert {t: rows.tolist() for t, rows in read.postings["written"].items()} == {"dit-il": [1]}
    assert learnt.stored(file, "others") is None
    assert learnt.stored(tmp_path / "none", "these") is None
    damaged = bytearray(file.read_bytes())
    damaged[-1] ^= 1
    file.write_bytes(damaged)
    assert learnt.stored(file, "these") is None


def built(questions: Sequence[EditorialQuestion], passages: Sequence[Passage]) -> Asked:
    return build_asked(questions, places_of(questions, passages), Letters())


def test_a_sentence_is_where_a_sentence_starts_with_its_words() -> None:
    passages = [
        passage("a", "La loi parle ainsi. Le kiné se tait toujours."),
        passage("b", "Il est dit que Le kiné se tait."),
    ]
    assert places_of(QUESTIONS, passages) == {
        "Le kiné se tait": (("a", 20),),
        "La loi parle": (("a", 0),),
    }


def test_nothing_is_asked_of_documents_that_hold_no_sentence_of_theirs() -> None:
    assert len(built(QUESTIONS, [passage("a", "Autre chose.")])) == 0


def test_a_question_goes_to_its_sentences_or_to_silence() -> None:
    passages = [passage("a", "La loi parle ainsi. Le kiné se tait toujours.")]
    asked = built(QUESTIONS, passages)
    read = Asked.from_files(asked.to_files())
    for question, column in zip(QUESTIONS, (0, 3, 4), strict=True):
        vector = Letters().encode_queries([question.text])[0]
        assert int(read.compare(words(question.text), vector).learnt.argmax()) == column
    vector = Letters().encode_queries(["Combien"])[0]
    likeness = read.likeness(read.compare(words("Combien de temps"), vector))
    assert set(likeness.learnt) == set(likeness.kin) == {("a", 0), ("a", 20)}
    assert likeness.silence.words == pytest.approx(1.0)
    assert likeness.silence.unanswered > max(likeness.silence.answered, likeness.silence.refused)


def test_as_if_some_passages_had_no_questions() -> None:
    passages = [passage("a", "La loi parle ainsi."), passage("b", "Le kiné se tait toujours.")]
    asked = built(QUESTIONS, passages)
    assert {key for key, _ in asked.keys} == {"a", "b"}
    assert {key for key, _ in asked.within({"b"}).keys} == {"b"}


def test_what_is_shipped_was_learnt_from_todays_questions() -> None:
    """Otherwise: ``python -m index teach``."""
    wanted = learnt.identity(editorial_questions(), load_encoder("embedded").fingerprint)
    kept = learnt.stored(learnt.SHIPPED, wanted)
    assert kept is not None
    today = fields_of(question.text for question in editorial_questions())
    for name in FIELDS:
        own, wanted_now = kept.postings[name], today[name].postings
        assert list(own) == list(wanted_now)
        assert all(np.array_equal(own[term], wanted_now[term]) for term in wanted_now)


def test_every_editorial_question_is_answered_by_a_sentence_that_is_there() -> None:
    places = places_of(editorial_questions(), load_library().passages)
    assert [anchor for anchor, found in places.items() if not found] == []


def _stems(text: str) -> frozenset[str]:
    return frozenset(coarse(word) for word in words(text) if not word.empty)


@pytest.mark.slow
def test_no_editorial_question_is_a_gold_question() -> None:
    """They were written without sight of the gold set; a coincidence would flatter its figures."""
    files = sorted([*GOLD_DIR.glob("*.jsonl"), *UNSEEN_DIR.glob("*.jsonl")])
    gold = [_stems(q.question) for file in files for q in read_gold(file)]
    holders: dict[str, set[int]] = {}
    for i, stems in enumerate(gold):
        for word in stems:
            holders.setdefault(word, set()).add(i)
    same = []
    for question in editorial_questions():
        own = _stems(question.text)
        near = {i for word in own for i in holders.get(word, ())}
        same += [question.text for i in near if len(own & gold[i]) / len(own | gold[i]) >= 0.8]
    assert same == []
