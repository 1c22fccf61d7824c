"""Units of sense: what a sentence needs, what limits it, what it opens."""

from __future__ import annotations

from corpus.library import load_library
from corpus.passage import Passage
from qa.units import Unit, opening_passage, units_of

PASSAGES = load_library().passages


def _units(words: str) -> tuple[Unit, tuple[Unit, ...]]:
    for passage in PASSAGES:
        for unit in units_of(passage):
            if words in unit.text:
                return unit, units_of(passage)
    raise AssertionError(words)


def test_units_are_verbatim_slices_in_order() -> None:
    for passage in PASSAGES:
        units = units_of(passage)
        assert [u.index for u in units] == list(range(len(units)))
        for unit in units:
            at = unit.start - passage.start
            assert passage.text[at : at + len(unit.text)] == unit.text


def test_a_rule_brings_its_exception_and_an_exception_its_rule() -> None:
    rule, units = _units("peut partager une information médicale concernant un patient")
    (exception,) = rule.limits
    assert units[exception].text.startswith("En revanche, s’ils ne font pas partie")
    assert units[exception].needs == (rule.index,)


def test_what_the_guide_concludes_keeps_the_caution_that_ends_its_paragraph() -> None:
    concluded, units = _units("Dès lors, il semble possible pour le masseur-kinésithérapeute")
    (caution,) = concluded.limits
    assert units[caution].text == (
        "La situation doit en tout état de cause s’apprécier au cas par cas."
    )


def test_a_list_opens_its_items() -> None:
    opening, units = _units("encourt trois types de sanctions")
    assert [units[i].text.split(" : ")[0] for i in opening.opens] == [
        "Pénales", "Disciplinaires", "Civiles",
    ]  # fmt: skip
    special, units = _units("que trois dérogations spéciales")
    assert len(special.opens) == 3
    assert all(units[i].needs == (special.index,) for i in special.opens)


def test_a_pronoun_needs_the_sentence_before_and_an_impersonal_does_not() -> None:
    pronoun, _ = _units("Elle peut exercer ce droit")
    assert pronoun.needs == (0,)
    impersonal, _ = _units("Il convient donc d’envisager")
    assert impersonal.needs == ()


def test_a_label_is_never_quoted_alone() -> None:
    label, _ = _units("Partage d’une information médicale à un autre professionnel de santé :")
    assert label.label


def test_an_item_of_226_14_is_opened_by_its_first_words() -> None:
    siblings = [p for p in PASSAGES if p.ref == "CP, art. 226-14"]
    item = next(p for p in siblings if p.item == "4°")
    opening = opening_passage(item, siblings)
    assert opening is not None
    assert opening.text.endswith("En outre, il n’est pas applicable :")
    last = siblings[-1]
    assert opening_passage(last, siblings) is None


def test_an_empty_looking_passage_has_no_unit() -> None:
    passage = Passage("x", "guide", "r", "t", (), "\n\n", "s", 0, 2)
    assert units_of(passage) == ()
