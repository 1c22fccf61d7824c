"""Words, concepts and spelling: what the lexical fields count."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import (
    content_words,
    fold,
    folded_stems,
    grams,
    reference_form,
    stem,
    stems,
    words,
)
from index.concepts import Concepts, trade
from index.query import MAX_CHARACTERS, Query
from index.spelling import Spelling, edits


def forms(text: str) -> list[str]:
    return [word.form for word in content_words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’œuvre qu'il garde", ["oeuvre", "garde"]),
        ("d'un ayant-droit", ["ayant", "droit"]),
        ("jusqu’au décès, c'est-à-dire", ["décès", "dire"]),
        ("quelqu'un d'autre", ["autre"]),
        ("Le SECRET, le secret ?", ["secret", "secret"]),
        ("15 000 euros", ["15000", "euros"]),
        ("un patient_x", ["patient", "x"]),
        ("", []),
        ("… ? !", []),
    ],
)
def test_words_of_french(text: str, expected: list[str]) -> None:
    assert forms(text) == expected


@pytest.mark.parametrize(
    "written",
    [
        "R. 4321-55",
        "R4321-55",
        "art. R.4321‑55 du CSP",
        "article R. 4321-55 du code de la santé publique",
    ],
)
def test_a_reference_is_one_word_however_it_is_written(written: str) -> None:
    assert forms(written)[-1] == "csp:r.4321-55"
    assert "4321" not in forms(written)


def test_codes_tell_equal_numbers_apart() -> None:
    assert reference_form("C. civ., art. 9") == "c.civ.:9"
    assert forms("l'article 9 du code civil") == ["c.civ.:9"]


@pytest.mark.parametrize("written", ["30/07/2020", "30 juillet 2020", "30.07.2020"])
def test_a_date_is_one_word(written: str) -> None:
    assert forms(f"la loi du {written}") == ["loi", "2020-07-30"]


def test_words_know_where_they_stand() -> None:
    text = "Qu’a-t-il vu au 226-14 du code pénal ?"
    for word in words(text):
        assert text[word.start : word.end] == word.text


@given(st.text(max_size=200))
def test_any_text_is_cut_in_order_without_overlap(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    found = words(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(text[w.start : w.end] == w.text for w in found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("révéler", "révélation"),
        ("signalement", "signaler"),
        ("échangent", "échanger"),
        ("meurt", "mourir"),
        ("préviens", "prévenir"),
        ("bleus", "bleu"),
        ("réquisitions", "réquisition"),
    ],
)
def test_forms_of_one_word_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)
    assert stem(fold(one)) == stem(fold(other))


@pytest.mark.parametrize(("one", "other"), [("argent", "arge"), ("agent", "âge"), ("mort", "mots")])
def test_words_that_only_look_alike_keep_their_stems(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_accents_count_in_stems_and_not_in_folded_stems() -> None:
    assert stems(words("décès")) != stems(words("deces"))
    assert folded_stems(words("décès")) == folded_stems(words("deces"))


def test_grams_stay_inside_words() -> None:
    assert grams(words("le taux")) == [
        "_ta", "tau", "aux", "ux_", "_tau", "taux", "aux_", "_taux", "taux_",
    ]  # fmt: skip


def test_concepts_bring_spoken_words_to_those_of_the_texts() -> None:
    asked = set(trade().of(words("les flics et l'OPJ")))
    said = set(trade().of(words("l’officier de police judiciaire, la gendarmerie nationale")))
    assert "=police" in asked & said


def test_a_phrase_of_one_content_word_is_compared_whole() -> None:
    concepts = Concepts({"suicide": ["en finir"], "fin": ["fin de vie"]})
    assert concepts.of(words("il veut en finir")) == ["=suicide"]
    assert concepts.of(words("la fin du traitement")) == []
    assert concepts.of(words("en fin de vie")) == ["=fin"]


def test_a_concept_counts_once_at_a_place_and_again_elsewhere() -> None:
    concepts = Concepts({"mort": ["décès", "mort", "mort du patient"]})
    assert concepts.of(words("la mort du patient, son décès")) == ["=mort", "=mort"]


KNOWN = Spelling({"secret": 9, "décédé": 2, "patient": 5, "procureur": 3, "stage": 2, "gêne": 1})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("secret", "secret"),
        ("decede", "décédé"),
        ("segret", "secret"),
        ("scret", "secret"),
        ("patietn", "patient"),
        ("procurreurs", "procureur"),
        ("stade", "stade"),  # a word of the language is right as it stands
        ("confie", "confie"),
        ("gêné", "gêné"),
        ("xyzzyx", "xyzzyx"),
        ("2020", "2020"),
        ("pati", "pati"),  # too short to be sure
    ],
)
def test_spelling_mends_what_is_wrong_and_only_that(typed: str, meant: str) -> None:
    assert KNOWN.restore(typed) == meant


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "abxc", 1), ("abc", "axyz", 3),
     ("", "ab", 2)],
)  # fmt: skip
def test_edits(left: str, right: str, expected: int) -> None:
    assert edits(left, right, 3) == expected


@given(st.text("abcde", max_size=8), st.text("abcde", max_size=8))
def test_edits_are_symmetric_and_bounded(left: str, right: str) -> None:
    assert edits(left, right, 9) == edits(right, left, 9) <= max(len(left), len(right))
    assert edits(left, right, 1) == min(edits(left, right, 9), 2)


def test_a_query_keeps_what_was_typed_beside_what_was_meant() -> None:
    read = Query.read("Le segret d’un patient decede ?", KNOWN)
    assert read.meant == "Le secret d’un patient décédé ?"
    assert [w.text for w in read.typed if not w.empty] == ["segret", "patient", "decede"]
    assert [w.form for w in read.words if not w.empty] == ["secret", "patient", "décédé"]


def test_a_query_is_cut_before_it_is_normalised() -> None:
    hostile = "a" + "\u0301\u0327" * 100_000
    assert len(Query.read(hostile, KNOWN).text) <= MAX_CHARACTERS
