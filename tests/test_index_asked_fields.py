"""The fields by which questions are compared."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import words
from index.asked_fields import Field, packed, terms_of, unpacked, written_of

TEXTS = ("Combien de temps ?", "Combien de dossiers ?", "Un dossier, sans temps")


def test_terms_leave_out_the_words_by_which_one_asks_and_written_words_keep_them() -> None:
    found = words("Est-ce que le patient décédé parle ?")
    assert {"est", "que", "le", "decede"} <= written_of(found)
    assert not {"est", "que", "le"} & terms_of(found)
    assert "=deces" in terms_of(found) and "=deces" not in written_of(found)


def test_a_cosine_is_that_of_rarity_weighted_words() -> None:
    field = Field.of(written_of, TEXTS)
    assert field.postings["combien"].tolist() == [0, 1]
    # Words in two questions weigh log(1 + 3/2), in one log(1 + 3), unknown ones the same.
    twice, once = math.log(2.5), math.log(4)
    asked = math.hypot(twice, twice, once)  # combien, temps; "passe" is in none
    assert field.cosines(words("combien temps passe")) == pytest.approx([
        2 * twice**2 / (asked * math.hypot(twice, twice, twice)),  # combien, de, temps
        twice**2 / (asked * math.hypot(twice, twice, once)),  # combien, de, dossiers
        twice**2 / (asked * math.hypot(once, once, once, twice)),  # un, dossier, sans, temps
    ])  # fmt: skip


def test_a_number_that_no_question_holds_asks_nothing() -> None:
    field = Field.of(written_of, TEXTS)
    with_age = field.cosines(words("Combien de temps, 92"))
    assert with_age == pytest.approx(field.cosines(words("Combien de temps")))
    assert with_age[0] == pytest.approx(1.0)


@given(st.lists(st.text("abé '-", max_size=12), max_size=6))
def test_postings_come_back_from_their_files(texts: list[str]) -> None:
    postings = Field.of(written_of, texts).postings
    names, rows = packed(postings)
    read = unpacked(names, rows)
    assert list(read) == list(postings)
    assert all(np.array_equal(read[term], postings[term]) for term in postings)
