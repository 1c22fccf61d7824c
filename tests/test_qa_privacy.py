"""Masking of what identifies a person, before anything leaves the machine."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import privacy
from qa.errors import MaskingFailed
from qa.identifiers import nir_key
from qa.privacy import MAX_LENGTH, clean, looks_identifying, mask
from tests.personas import SHAPES, UNSEEN, is_untouched, legal, named, shaped


@pytest.mark.parametrize("kind", SHAPES)
def test_identifiers_of_fixed_shape_are_masked_in_500_questions(kind: str) -> None:
    missed = [q.text for q in shaped(kind, 2026, 500) if not q.is_masked()]
    assert len(missed) <= (2 if kind in ("NIR", "TELEPHONE", "COURRIEL") else 10), missed


def test_names_are_masked_in_most_of_500_questions() -> None:
    found = named(2026, 500)
    plain = [q for q in found if "lower" not in q.kind]
    assert sum(q.is_masked() for q in plain) >= 0.98 * len(plain)
    assert sum(q.is_masked() for q in found) >= 0.94 * len(found)


def test_names_in_sentences_that_no_rule_was_written_for() -> None:
    found = named(2026, 500, UNSEEN)
    capital = [q for q in found if "lower" not in q.kind]
    assert sum(q.is_masked() for q in capital) >= 0.98 * len(capital)
    assert sum(q.is_masked() for q in found) >= 0.88 * len(found)


def test_no_reference_or_decision_date_is_masked_in_200_legal_questions() -> None:
    questions = legal(2026, 200)
    assert [q.text for q in questions if not is_untouched(q)] == []
    assert [q.text for q in questions if mask(q.text).spans] == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mme Lefèvre veut son dossier", "Mme [NOM 1] veut son dossier"),
        ("monsieur dupont et madame durand", "monsieur [NOM 1] et madame [NOM 2]"),
        ("Mon patient Karim Benali, né le 3/4/85", "Mon patient [NOM 1], né le [NAISSANCE 1]"),
        ("Mme Roux : « Roux est mon nom »", "Mme [NOM 1] : « [NOM 1] est mon nom »"),
        ("monsieur le procureur veut le dossier", "monsieur le procureur veut le dossier"),
        ("la décision du 4 juin 2021 n° 012-2020", "la décision du 4 juin 2021 n° 012-2020"),
        ("il faut appeler le 15 ou le 3919", "il faut appeler le 15 ou le 3919"),
        ("amende de 15 000 euros, art. 226-13", "amende de 15 000 euros, art. 226-13"),
        ("tel 06\u200b12 34 56 78", "tel [TELEPHONE 1]"),
        ("tel ０６ １２ ３４ ５６ ７８", "tel [TELEPHONE 1]"),
        ("IBAN FR76 3000 6000 0112 3456 7890 189", "IBAN [IBAN 1]"),
        ("il habite 12 rue des Lilas, 75011 Paris", "il habite [ADRESSE 1]"),
    ],
)
def test_what_is_masked_and_what_is_not(text: str, masked: str) -> None:
    assert mask(text).text == masked


def test_the_key_of_a_social_security_number() -> None:
    # 97 − (1850375116001 mod 97): 1850375116001 = 97 × 19076032123 + 70.
    assert nir_key("1850375116001") == 27
    assert nir_key("185032A116001") == 97 - 1850319116001 % 97
    assert nir_key("185032B116001") == 97 - 1850318116001 % 97


def test_a_warning_needs_a_sure_sign() -> None:
    assert looks_identifying("Mon patient M. Dupont, 06 12 34 56 78") == ("NOM", "TELEPHONE")
    assert looks_identifying("Que dit l’article 226-14 du code pénal à Lyon ?") == ()


def test_a_text_too_long_is_not_masked_in_part() -> None:
    with pytest.raises(MaskingFailed):
        mask("a" * (MAX_LENGTH + 1))


def test_what_the_first_look_misses_the_second_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = privacy._spans, iter(range(10))
    monkeypatch.setattr(privacy, "_spans", lambda text: real(text) if next(calls) else ())
    with pytest.raises(MaskingFailed, match="TELEPHONE"):
        mask("rappelez le 06 12 34 56 78")


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_is_masked_or_refused_and_masking_settles(text: str) -> None:
    try:
        masked = mask(text)
    except MaskingFailed:
        return
    outside = clean(text)
    for span in masked.spans:
        assert 0 <= span.start < span.end <= len(outside)
    assert len(re.findall(r"\[[A-Z]+ \d+\]", masked.text)) >= len(masked.spans)
