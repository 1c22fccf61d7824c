"""The gate: quotations found verbatim, and sentences that say no more than what they cite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.library import load_library
from corpus.passage import Passage
from index.hit import Hit
from qa.answer import Sentence
from qa.failure import Failure
from qa.verify import check_sentence, cite, gate, verify_quote
from tests.fabrications import false_cases, rates, sentences, true_cases

BY_ID = {p.id.removeprefix("guide-cnomk/"): p for p in load_library().passages}


def passage(name: str) -> Passage:
    return BY_ID[name]


def faults(text: str, name: str, quote: str | None = None) -> set[str]:
    hit = Hit(passage(name), 1.0)
    citation = cite(1, hit, quote or passage(name).text)
    assert not isinstance(citation, Failure), citation
    return {failure.code for failure in check_sentence(text, [citation])}


def test_a_quotation_is_found_at_its_offsets_in_the_document() -> None:
    found = passage("cp-226-13/1")
    place = verify_quote(Hit(found, 1.0), "15 000 euros d'amende")
    assert not isinstance(place, Failure)
    start, end = place
    assert found.text[start - found.start : end - found.start] == "15 000 euros d’amende"


@pytest.mark.parametrize("quote", ["", "   ", "15 001 euros", "secret Révélation", "é" * 3000])
def test_what_is_not_there_is_not_found(quote: str) -> None:
    place = verify_quote(Hit(passage("cp-226-13/1"), 1.0), quote)
    assert isinstance(place, Failure)
    assert place.code == "quote"


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_slice_is_found_and_is_stored_exactly(data: st.DataObject) -> None:
    found = data.draw(st.sampled_from(sorted(BY_ID.values(), key=lambda p: p.id)))
    a = data.draw(st.integers(0, len(found.text) - 1))
    b = data.draw(st.integers(a + 1, len(found.text)))
    written = found.text[a:b].replace("’", "'").replace(" ", "\u00a0")
    citation = cite(1, Hit(found, 1.0), written)
    if found.text[a:b].strip():
        assert not isinstance(citation, Failure)
        assert citation.quote in found.text


def test_the_gate_drops_unknown_keys_and_verifies_only_what_is_used() -> None:
    one, two = (Hit(passage(n), 1.0) for n in ("cp-226-13/1", "csp-l-4323-3/1"))
    citations = [c for c in (cite(1, one, one.passage.text), cite(2, two, two.passage.text))
                 if not isinstance(c, Failure)]  # fmt: skip
    kept = Sentence(one.passage.text, (1,))
    result = gate([kept, Sentence(two.passage.text, (2, 7)), Sentence("Rien.", ())], citations)
    assert result.sentences == (kept,)
    assert [(c.n, c.verified) for c in result.citations] == [(1, True)]
    assert [fs[0].code for _, fs in result.dropped] == ["unknown_key", "no_citation"]
    assert result.dropped[0][1][0].detail == "7"


def test_two_hundred_fabricated_answers_are_all_rejected() -> None:
    cases = false_cases(seed=2026, count=200)
    assert len(cases) == 200
    assert [case for case in cases if not case.faults()] == []


def test_of_two_hundred_faithful_answers_at_most_two_are_lost() -> None:
    cases = true_cases(seed=2026, count=200)
    assert len(cases) == 200
    assert sum(bool(case.faults()) for case in cases) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_rates_hold_for_other_draws_over_the_whole_guide(seed: int) -> None:
    total, rejected, _ = rates(false_cases(seed, 400, "all"))
    assert rejected == total
    _, lost, _ = rates(true_cases(seed, 400, "all"))
    assert sum(lost.values()) <= 4


def test_every_sentence_of_the_guide_passes_with_itself_as_quotation() -> None:
    for found in BY_ID.values():
        for text in sentences(found):
            citation = cite(1, Hit(found, 1.0), text)
            assert not isinstance(citation, Failure)
            assert check_sentence(text, [citation]) == (), text


def _written() -> list[dict[str, Any]]:
    path = Path(__file__).parent / "data" / "gate_cases.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", [c for c in _written() if not c["keep"]], ids=lambda c: c["text"])
def test_a_sentence_written_to_mislead_is_rejected(case: dict[str, Any]) -> None:
    assert faults(case["text"], case["passage"])


def test_of_sixty_five_honest_rewordings_written_by_hand_at_most_eight_are_lost() -> None:
    honest = [case for case in _written() if case["keep"]]
    assert len(honest) == 65
    assert sum(bool(faults(case["text"], case["passage"])) for case in honest) <= 8


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("Le patient peut délier le masseur-kinésithérapeute de son obligation de secret.",
         "grands-principes-du-secret-professionnel/1", "negation"),
        ("La révélation est punie d’un an d’emprisonnement et de 25 000 euros d’amende.",
         "cp-226-13/1", "figure"),
        ("L’article 226-14 n’est pas applicable dans les cas où la loi impose ou autorise la"
         " révélation du secret.", "cp-226-14/1", "reference"),
        ("La personne doit exercer ce droit à tout moment.", "csp-l-1110-4-iv/1", "modality"),
        ("Le signalement ne peut engager la responsabilité civile, pénale ou disciplinaire de son"
         " auteur.", "cp-226-14/2", "condition"),
        ("Le masseur-kinésithérapeute ne peut délier le patient de son obligation de secret.",
         "grands-principes-du-secret-professionnel/1", "role"),
        ("Par une décision du 29 mars 2023, la chambre a sanctionné un masseur-kinésithérapeute.",
         "cdpi-mk-29-03-2022-n-2020-34-021/1", "date"),
        ("« Le secret couvre tout, sans exception. »", "csp-r-4321-55/1", "quote"),
    ],
)  # fmt: skip
def test_each_fault_is_named(text: str, name: str, code: str) -> None:
    assert code in faults(text, name)


def test_a_quotation_is_read_with_the_denial_that_it_leaves_out() -> None:
    text = "Délier le masseur-kinésithérapeute de son obligation de secret."
    quote = "délier le masseur-kinésithérapeute de son obligation de secret"
    assert "negation" in faults(text, "grands-principes-du-secret-professionnel/1", quote)


def test_an_item_of_a_list_is_read_with_its_opening_words() -> None:
    quote = "à informer les autorités administratives du caractère dangereux des patients"
    name = "derogations-au-secret-professionnel/1"
    start = (
        "Le masseur-kinésithérapeute est {} les autorités administratives du caractère dangereux"
    )
    rest = " des patients connus pour détenir une arme."
    assert not faults(start.format("autorisé à informer") + rest, name, quote)
    assert faults(start.format("tenu d’informer") + rest, name, quote)
