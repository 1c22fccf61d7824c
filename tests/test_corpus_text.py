"""Repair of extracted text, and sentences."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text import dehyphenate, join_lines, normalise, repair, sentence_spans

GUIDE = Path(__file__).parent.parent / "corpus" / "sources" / "guide-secret-professionnel.txt"

# Every word that a line end cuts in the guide, in order, as a reader of the page reads it.
CUT_WORDS = """
présenter personnel opposition informations emprisonnement oppose informations concernant
titulaires caractéristiques professionnels préparant postérieurement information kinésithérapeute
professionnel personnes aucune professionnelles personnes personnellement emprisonnement
administratives 132-80 conditions objectif comportement obligation conversation thérapeutique
médical couvertes professionnel intervenants 4321-55 professionnel ordinateurs professionnel
identifiés informations professionnels informations conditions professionnel
masseur-kinésithérapeute recueillir première masseurs-kinésithérapeute masseur-kinésithérapeute
signalement procureur personnes caractère temporaire réquisitions présentation précisent procédure
raison autorise susceptible disciplinaires probablement réglementaires psychiatre signalement
raison entache professionnel ayants-droits kinésithérapeute absolue supporte
""".split()


def test_every_cut_word_of_the_guide_is_rejoined_as_on_the_page() -> None:
    text = normalise(GUIDE.read_text(encoding="utf-8"))
    cuts = re.findall(r"(\w+)-[ ]*\n[ ]*([\w-]+)", text)
    assert len(cuts) == len(CUT_WORDS)
    whole = dehyphenate(text).split()
    at = 0
    for (left, right), word in zip(cuts, CUT_WORDS, strict=True):
        assert word in (left + right, f"{left}-{right}")
        at = next(i for i in range(at, len(whole)) if word in whole[i]) + 1


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("le masseur-kiné-\nsithérapeute masseur-kinésithérapeute", "le masseur-kinésithérapeute"),
        ("un mas-\nseur-kinésithérapeute masseur-kinésithérapeute", "un masseur-kinésithérapeute"),
        ("le masseur-\nkinésithérapeute ; masseur-kinésithérapeute", "le masseur-kinésithérapeute"),
        ("l’article R. 4321-\n55 du code", "l’article R. 4321-55 du code"),
        ("l’article 132- \n80 du présent code", "l’article 132-80 du présent code"),
        ("ses ayants-\ndroits ; ayants droit, leurs droits", "ses ayants-droits"),
        ("de présen-\nter les pratiques", "de présenter les pratiques"),
    ],
)
def test_line_end_hyphens(cut: str, whole: str) -> None:
    assert dehyphenate(cut).startswith(whole)


def test_the_layout_is_undone_and_nothing_else() -> None:
    raw = "Le\u00a0secret\u202f: ofﬁce,\r\ncœur\u00ad et ’main’.\n\nFin"
    assert repair(raw) == "Le secret : office, cœur et ’main’.\n\nFin"


def test_an_item_and_a_page_start_open_a_paragraph() -> None:
    text = "I. Un.\nII. Deux\nsuite.\n 4° Aux agents\n L’article suit"
    assert join_lines(text).split("\n\n") == ["I. Un.", "II. Deux suite.", "4° Aux agents",
                                              "L’article suit"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Un. Deux !", ["Un.", "Deux !"]),
        ("L’art. L. 1110-4 du CSP vaut. Fin.", ["L’art. L. 1110-4 du CSP vaut.", "Fin."]),
        ("II. Un professionnel peut. Il doit.", ["II. Un professionnel peut.", "Il doit."]),
        ("III bis. Un professionnel.", ["III bis. Un professionnel."]),
        ("Il dit « Oui. » Puis non.", ["Il dit « Oui. »", "Puis non."]),
        ("Il dit « […] II.-Un. […] » La suite.", ["Il dit « […] II.-Un. […] »", "La suite."]),
        ("M. S. c. CDO. Vu.", ["M. S. c. CDO.", "Vu."]),
        ("Titre\n\nPhrase", ["Titre", "Phrase"]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [text[a:b] for a, b in sentence_spans(text)] == sentences


@given(st.text(alphabet=st.sampled_from("aéB1.-’ »«?!\n°IV"), max_size=200))
def test_sentences_cover_every_visible_character_once(text: str) -> None:
    spans = sentence_spans(text)
    assert all(a < b and text[a:b] == text[a:b].strip() for a, b in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    kept = "".join(text[a:b] for a, b in spans)
    assert re.sub(r"\s", "", kept) == re.sub(r"\s", "", text)


@given(st.text(max_size=300))
def test_repair_is_stable(raw: str) -> None:
    once = join_lines(normalise(raw))
    assert join_lines(normalise(once)) == once
