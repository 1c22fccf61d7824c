"""Legal references, in every spelling in use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.references import (
    article_label,
    canonical,
    decision_label,
    find_references,
    iso_date,
    names_same,
    number_key,
)
from corpus.spellings import as_in_law

SPELLINGS = [
    ("R4321-55", "CSP, art. R. 4321-55"),
    ("R.4321-55 CSP", "CSP, art. R. 4321-55"),
    ("article R. 4321‑55 du code de la santé\npublique", "CSP, art. R. 4321-55"),
    ("r 4321 - 116", "CSP, art. R. 4321-116"),
    ("art L1110-4", "CSP, art. L. 1110-4"),
    ("R.4127-4 du CSP", "CSP, art. R. 4127-4"),
    ("226-13 code pénal", "CP, art. 226-13"),
    ("226-13 code penal", "CP, art. 226-13"),
    ("226-14 CP", "CP, art. 226-14"),
    ("l’article 226-14", "CP, art. 226-14"),
    ("60-1 CPP", "CPP, art. 60-1"),
    ("article 56-3 du code de procédure pénale", "CPP, art. 56-3"),
    ("article 9 du code civil", "C. civ., art. 9"),
    ("article L. 226-3 du code de l’action sociale et des familles", "CASF, art. L. 226-3"),
    ("article L. 203-6 du code rural et de la pêche maritime", "C. rur., art. L. 203-6"),
    ("décision du 4 juin 2021", "décision, 04/06/2021"),
    ("n°012-2020", "décision, n° 012-2020"),
    ("CDN 27/11/2018", "CDN, 27/11/2018"),
    ("Décision 07/06/2000 – CDN des médecins –", "CDN médecins, 07/06/2000"),
    (
        "La chambre disciplinaire de première instance de l’ordre des masseurs-kinésithérapeute, "
        "par une décision en date du 29 mars 2022 n°2020/34-021",
        "CDPI MK, 29/03/2022, n° 2020/34-021",
    ),
]


@pytest.mark.parametrize(("text", "expected"), SPELLINGS)
def test_each_spelling_has_one_canonical_form(text: str, expected: str) -> None:
    assert canonical(f"Que dit {text} ?") == expected


@pytest.mark.parametrize(
    "text",
    [
        "15 000 euros d’amende", "un patient de 16 ans", "06 12 34 56 78", "3 patients, 2 visites",
        "loi n°2004-204 du 9 mars 2004", "circulaire CRIM n°2004-04/E8 du 14 mai 2004",
        "la loi du 30 juillet 2020", "le 12/03/2024", "10-12 rue de Paris", "l’article 5",
    ],
)  # fmt: skip
def test_what_is_no_reference_is_left_alone(text: str) -> None:
    assert find_references(text) == ()


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("le 4° de l’article 226-14", "4°"), ("art. 226-14, 4°", "4°"), ("L. 1110-4 V", "V"),
        ("226-14 4° du code pénal", "4°"), ("III bis de l'article L. 1110-4", "III bis"),
        ("l’article 226-14 du code pénal", None),
    ],
)  # fmt: skip
def test_the_inner_number_asked_for(text: str, item: str | None) -> None:
    assert find_references(text)[0].item == item


def test_a_code_named_once_serves_its_whole_list() -> None:
    text = ("articles 60-1 (enquête de flagrance), 77-1-1 (enquête préliminaire) et 99-3 "
            "(information judiciaire) du code de procédure pénale")  # fmt: skip
    assert [r.canonical for r in find_references(text)] == [
        "CPP, art. 60-1", "CPP, art. 77-1-1", "CPP, art. 99-3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "ref", "same"),
    [
        ("décision du 4 juin 2021", "CDN MK, 04/06/2021, n° 012-2020", True),
        ("n° 012-2020", "CDN MK, 04/06/2021, n° 012-2020", True),
        ("CDPI du 04/06/2021, décision", "CDN MK, 04/06/2021, n° 012-2020", False),
        ("CDN 27/11/2018", "CDN médecins, 27/11/2018", True),
        ("décision du 5 juin 2021", "CDN MK, 04/06/2021, n° 012-2020", False),
        ("226-13", "CP, art. 226-13", True),
    ],
)
def test_an_incomplete_reference_still_names_its_decision(asked: str, ref: str, same: bool) -> None:
    assert names_same(find_references(asked)[0], ref) is same


def test_dates() -> None:
    assert iso_date("rendue le 1er août 2021") == "2021-08-01"
    assert iso_date("45/13/2021") is None


_CODES = st.sampled_from(["CSP", "CP", "CPP", "C. civ.", "CASF"])
_NUMBERS = st.builds(
    lambda letter, a, b: f"{letter}{a}-{b}",
    st.sampled_from(["", "L. ", "R. ", "D. "]),
    st.integers(100, 9999),
    st.integers(1, 999),
)


@given(_CODES, _NUMBERS)
def test_a_canonical_article_reads_back_as_itself(code: str, number: str) -> None:
    label = article_label(code, number)
    assert canonical(label) == label


@given(st.dates(), st.from_regex(r"\A\d{3}-20[0-2]\d\Z"))
def test_a_canonical_decision_reads_back_as_itself(day: object, number: str) -> None:
    label = decision_label("CDN MK", str(day), number)
    assert canonical(label) == label


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for reference in find_references(text):
        assert 0 <= reference.start < reference.end <= len(text)


@pytest.mark.parametrize(
    ("typed", "spelt"),
    [
        ("art 56.3 CPP kinés", "art 56-3 CPP kinés"),
        ("226/14 4°", "226-14 4°"),
        ("226 13", "226-13"),
        ("R.4321.116", "R. 4321-116"),
        ("r 4321 55", "R. 4321-55"),
        ("article 4321-55", "article R. 4321-55"),
        ("l1110/4", "L. 1110-4"),
        ("L 226 3", "L. 226-3"),
        ("CDN MK 012-2020", "CDN MK n° 012-2020"),
        ("cdpi 2020/34-021", "cdpi n° 2020/34-021"),
        ("décision numéro 012/2020", "décision n° 012/2020"),
    ],
)
def test_a_question_is_read_as_the_law_is_spelt(typed: str, spelt: str) -> None:
    assert as_in_law(f"Que dit {typed} ?") == f"Que dit {spelt} ?"
    assert as_in_law(spelt) == spelt
    assert find_references(spelt)


@pytest.mark.parametrize(
    "text",
    [
        "06 12 34 56 78", "43 21 55 12 00", "le 3/7/2009", "12.50 euros", "15 000 euros", "24/7",
        "10-12 rue de Paris", "le 27/11/2018", "100/200", "1110 patients",
        "décision du 04/06/2021", "1.2.3", "l'IP 226.14.3.2",
    ],
)  # fmt: skip
def test_what_no_text_of_the_subject_has_is_left_as_typed(text: str) -> None:
    assert as_in_law(text) == text


def test_decisions_have_one_number_however_it_is_written() -> None:
    (asked,) = find_references(as_in_law("CDN MK 12/2020"))
    assert names_same(asked, "CDN MK, 04/06/2021, n° 012-2020")
    assert number_key("2020/34-021") == number_key("2020-34-21") == "2020-34-21"
    assert not names_same(asked, "CDN MK, 04/06/2021, n° 120-2020")


def test_a_number_that_is_a_date_is_read_once() -> None:
    (found,) = find_references("CDPI MK n° 20/03/2022 du conseil")
    assert (found.date, found.number) == ("2022-03-20", None)
