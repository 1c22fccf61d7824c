"""The guide's structure: every trap of its text, and its passages as slices."""

from __future__ import annotations

import difflib
import itertools
import re
from pathlib import Path

import pytest

from corpus.guide import read_guide
from corpus.library import load_library
from corpus.passage import Document, Passage, Source
from corpus.text import dehyphenate, normalise

GUIDE = Path(__file__).parent.parent / "corpus" / "sources" / "guide-secret-professionnel.txt"
ARTICLES = {
    "CSP, art. L. 1110-4", "CSP, art. L. 4323-3", "CSP, art. R. 4321-55", "CSP, art. R. 4321-114",
    "CSP, art. R. 4321-115", "CSP, art. R. 4321-116", "CSP, art. R. 4321-136",
    "CSP, art. R. 4321-141", "CP, art. 226-13", "CP, art. 226-14",
}  # fmt: skip
DECISIONS = {
    "CDN médecins, 07/06/2000", "CDN médecins, 27/11/2018", "CDN médecins, 03/07/2009",
    "CDN médecins, 26/09/2018", "CDPI MK, 29/03/2022, n° 2020/34-021",
    "CDN MK, 04/06/2021, n° 012-2020",
}  # fmt: skip


@pytest.fixture(scope="module")
def document() -> Document:
    return load_library().documents[0]


def _of(document: Document, ref: str) -> list[Passage]:
    return [p for p in document.passages if p.ref == ref]


def _holding(document: Document, words: str) -> Passage:
    found = [p for p in document.passages if words in " ".join(p.text.split())]
    assert len(found) == 1, words
    return found[0]


def test_passages_are_verbatim_slices_with_unique_ids(document: Document) -> None:
    assert all(document.text[p.start : p.end] == p.text for p in document.passages)
    assert len({p.id for p in document.passages}) == len(document.passages)
    ends = [(p.start, p.end) for p in document.passages]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(ends))


def test_the_ten_articles_and_six_decisions_are_all_there_under_their_kind(
    document: Document,
) -> None:
    assert {p.ref for p in document.passages if p.kind == "article"} == ARTICLES
    assert {p.ref for p in document.passages if p.kind == "decision"} == DECISIONS


def test_no_page_is_invented(document: Document) -> None:
    assert all(p.page is None for p in document.passages)


def test_every_word_of_the_source_is_there_once_in_order(document: Document) -> None:
    """Word by word: only page furniture goes, and only misplaced headings move."""
    before = dehyphenate(normalise(GUIDE.read_text(encoding="utf-8"))).split()
    after = document.text.split()
    gone: list[str] = []
    come: list[str] = []
    for op, a, b, c, d in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if op != "equal":
            gone.append(" ".join(before[a:b]))
            come.append(" ".join(after[c:d]))
    moved = [
        "Édito", "Focus sur l’étudiant en masso-kinésithérapie", "Focus",
        "Focus : La loi n°2020-936 du 30 juillet 2020 visant à protéger les victimes de violences "
        "conjugales a modifié l’article 226-14 du code pénal.",
    ]  # fmt: skip
    url = "www.ordremk.fr/actualites/kines/violences-faites-aux-femmes/"
    assert [text for text in come if text] == [moved[0], moved[1], moved[2], moved[3], "CSP)."]
    assert [text for text in gone if text] == [
        moved[0], moved[1], "17 CNOMK Guide relatif au secret professionnel 16 02 Définition",
        moved[2], f"1_ {url}", "CSP1).", f"{moved[3]} http://{url}",
    ]  # fmt: skip


def test_page_furniture_and_footnotes_are_in_no_passage(document: Document) -> None:
    for passage in document.passages:
        assert "CNOMK Guide relatif" not in passage.text
        assert "violences-faites-aux-femmes" not in passage.text
        assert not re.search(r"CSP1|02\s+Définition", passage.text)


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("L’étudiant en masso-kinésithérapie, au même titre", "Focus sur l’étudiant"),
        ("Parce que le secret professionnel est un enjeu", "Édito"),
        ("ne viole plus le secret médical", "Focus : La loi n°2020-936"),
        ("insonorisation des salles de soins", "Partage de locaux"),
        ("en date du 29 mars 2022", "Partage d’une information médicale à un autre"),
        ("en date du 4 juin 2021", "Partage d’une information avec une personne elle-même tenue"),
        ("n’est pas tenu de répondre favorablement", "Cas particulier des réquisitions"),
        ("le patient peut y avoir droit", "Cas particulier d’un masseur-kinésithérapeute qui a"),
        ("trois dérogations spéciales", "Cas particulier du patient qui informe"),
        ("à titre exceptionnel et en cas de risque grave", "Cas particulier du patient qui"),
        ("encourt trois types de sanctions", "Sanctions en cas de violation"),
        ("l’interdiction faite à celui qui y est soumis", "Définition"),
        ("L’obligation de secret ne cesse pas après la mort", "Grands principes du secret"),
        ("Trouvez votre CDO", "Votre conseil départemental"),
    ],
)
def test_each_text_stands_under_its_own_heading(
    document: Document, words: str, heading: str
) -> None:
    assert _holding(document, words).section[-1].startswith(heading)


def test_the_student_is_not_part_of_an_article(document: Document) -> None:
    student = _holding(document, "tuteur de stage")
    assert student.kind == "guide"
    assert not any("Article" in heading for heading in student.section)


def test_a_decision_box_inside_an_article_is_not_part_of_it(document: Document) -> None:
    (article,) = _of(document, "CSP, art. R. 4321-55")
    assert article.text.endswith("mais aussi ce qu’il a vu, entendu ou compris.")
    (decision,) = _of(document, "CDN médecins, 07/06/2000")
    assert decision.kind == "decision"
    assert decision.section == ("Textes applicables", "CODE DE LA SANTÉ PUBLIQUE")


def test_both_lists_of_derogations_are_found_each_under_its_heading(document: Document) -> None:
    law = _of(document, "CP, art. 226-14")
    assert [p.item for p in law] == [None, "1°", "2°", "3°", "4°", "5°", None]
    assert law[-1].text.startswith("Le signalement aux autorités compétentes")
    special = _holding(document, "que trois dérogations spéciales")
    assert "les sévices et privations sur des personnes majeures ;" in special.text
    assert "qu’en détenant une arme)." in special.text
    authorised = _holding(document, "est autorisé : à signaler au procureur")
    assert authorised.section == ("Dérogations au secret professionnel",)


def test_inner_numbers_of_l_1110_4(document: Document) -> None:
    items = [p.item for p in _of(document, "CSP, art. L. 1110-4")]
    assert items == ["I", "I", "II", "III", "III", "III bis", "IV", "V", "V", "V", "V", "VI"]
    assert _holding(document, "Toutefois, en cas de décès d’une personne mineure").item == "V"


def test_what_a_passage_cites(document: Document) -> None:
    assert _holding(document, "Selon les termes des articles").cites == (
        "CPP, art. 60-1", "CPP, art. 77-1-1", "CPP, art. 99-3",
    )  # fmt: skip
    assert _of(document, "CSP, art. L. 4323-3")[0].cites == ("CP, art. 226-13", "CP, art. 226-14")


def test_a_bullet_ends_where_it_ends(document: Document) -> None:
    principles = _holding(document, "Le patient ne peut délier")
    assert principles.text.count("\n\n") == 5
    assert principles.text.endswith("de sa conversation avec un patient.")


@pytest.mark.parametrize(
    "text",
    [
        "Article L. -11104 \ndu code de la santé publique :\nToute personne a droit au secret.",
        "Décision 99/ des kinésithérapeutes : le secret a été violé.",
    ],
    ids=["article", "decision"],
)
def test_a_number_that_no_text_has_makes_no_article_and_no_decision(text: str) -> None:
    source = Source("autre", "Autre guide", "guide", Path("autre.txt"), "0" * 64)
    passages = read_guide(source, text).passages
    assert {p.kind for p in passages} == {"guide"}
    assert " ".join(text.split()[-3:]) in " ".join(p.text for p in passages)
