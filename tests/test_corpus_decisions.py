"""Decisions in the form the chambers publish: header, considérants, dispositif, names left."""

from __future__ import annotations

import html
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typeset

from corpus.anonymity import names_left
from corpus.decisions import is_decision, read_decision, read_header
from corpus.passage import Document, Kind
from corpus.pdf import read_pdf

DATA = tomllib.loads((Path(__file__).parent / "data" / "decisions.toml").read_text("utf-8"))
CASES: list[dict[str, Any]] = DATA["decision"]
TEXT: dict[str, list[str]] = DATA["text"]

CSS = """
@page { size: A4; margin: 2.5cm 2.5cm 2.2cm; @bottom-center { content: counter(page) " / "
  counter(pages); font-size: 9pt } @top-right { content: "NUMBER"; font-size: 8pt } }
@page:first { @top-right { content: none } }
html { font: 12pt/1.5 'Liberation Serif'; text-align: justify; hyphens: none }
.head { text-align: center; font-weight: bold; margin: 0 } .line { margin: 6pt 0 }
h3 { font-size: 12pt; text-align: center } p { margin: 0 0 9pt }
"""


def parts(case: dict[str, Any]) -> list[tuple[str, str]]:
    """(css class, text) of every paragraph of a decision, in order."""
    laid = [("head", line) for line in case["chamber"]]
    laid += [("line", case[name]) for name in ("number", "parties", "rapporteur")]
    laid += [("line", case["audience"][0]), ("line", case["posted"][0])]
    laid += [("", "Vu la procédure suivante :"), *(("", text) for text in TEXT["procedure"])]
    laid += [("", "Considérant ce qui suit :")]
    for number, index in enumerate(case["considerants"], start=1):
        if number == 2:
            laid.append(("", "Sur la violation du secret professionnel :"))
        first, *others = TEXT["considerants"][index].split("\n\n")
        laid += [("", f"{number}. {first}"), *(("", other) for other in others)]
    laid.append(("h3", "DÉCIDE :"))
    for number in range(1, case["articles"] + 1):
        label = "1er" if number == 1 else str(number)
        laid.append(("", f"Article {label} : {TEXT['articles'][number - 1]}"))
    return [*laid, ("", "Ainsi fait et délibéré par M. DUPONT, président, et Mme MARTIN, membre.")]


def as_pdf(case: dict[str, Any]) -> bytes:
    body = "".join(
        f"<h3>{html.escape(text)}</h3>"
        if style == "h3"
        else f'<p class="{style}">{html.escape(text)}</p>'
        for style, text in parts(case)
    )
    return typeset.html_pdf(body, CSS.replace("NUMBER", case["number"]))


def read(raw: str, kind: Kind = "decision") -> Document:
    return read_decision(typeset.source(Path("decision.pdf"), kind=kind), raw)


@pytest.mark.slow
@pytest.mark.parametrize("case", [
    pytest.param(case, id=case["ref"], marks=[pytest.mark.slow] if number > 1 else [])
    for number, case in enumerate(CASES)
])  # fmt: skip
def test_a_published_decision_is_read_whole_from_its_pdf(case: dict[str, Any]) -> None:
    pdf = read_pdf(as_pdf(case), "decision.pdf")
    assert pdf.flags == ()
    assert is_decision(pdf.raw)
    document = read(pdf.raw)
    assert document.warnings == ()
    assert document.source.date == case["posted"][1]
    assert {passage.ref for passage in document.passages} == {case["ref"]}
    assert {passage.date for passage in document.passages} == {case["posted"][1]}
    header = read_header(pdf.raw)
    assert header.audience == case["audience"][1]
    assert header.parties == case["parties"]
    grounds = [p for p in document.passages if (p.item or "").startswith("considérant")]
    expected = [TEXT["considerants"][index] for index in case["considerants"]]
    assert [p.item for p in grounds] == [f"considérant {n + 1}" for n in range(len(expected))]
    assert [p.text for p in grounds] == [f"{n + 1}. {t}" for n, t in enumerate(expected)]
    assert all(p.section == ("Motifs", "Sur la violation du secret professionnel")
               for p in grounds[1:])  # fmt: skip
    articles = [p for p in document.passages if p.section == ("Dispositif",)]
    assert [p.item for p in articles] == [
        "article 1er" if n == 0 else f"article {n + 1}" for n in range(case["articles"])
    ]
    pages = [passage.page for passage in document.passages]
    assert None not in pages
    assert pages == sorted(pages, key=lambda page: page or 0)
    assert max(page or 0 for page in pages) == len(pdf.pages)


def test_the_same_text_without_blank_lines_gives_the_same_passages() -> None:
    for case in CASES:
        spaced = read("\n\n".join(text for _, text in parts(case)))
        packed = read("\n".join(text for _, text in parts(case)).replace("\n\n", "\n"))
        assert [(p.item, p.section[:1]) for p in packed.passages if p.item] == [
            (p.item, p.section[:1]) for p in spaced.passages if p.item
        ]


def test_a_number_inside_a_considerant_does_not_open_another() -> None:
    text = "\n\n".join(text for _, text in parts(CASES[0]))
    text = text.replace(
        "2. Il résulte", "2. Il résulte de ce qui suit :\n\n12. ceci ;\n\nIl résulte"
    )
    items = [p.item for p in read(text).passages if (p.item or "").startswith("considérant")]
    assert items == [f"considérant {n}" for n in range(1, 6)]


def test_an_older_decision_without_numbers_is_cited_without_them() -> None:
    case = CASES[0]
    text = "\n\n".join(text for _, text in parts(case))
    for number in range(1, 8):
        text = text.replace(f"\n\n{number}. ", "\n\nConsidérant que ")
    document = read(text)
    grounds = [p for p in document.passages if p.section[:1] == ("Motifs",)]
    assert grounds
    assert {p.item for p in grounds} == {None}
    assert any("ne sont pas numérotés" in warning for warning in document.warnings)


def test_what_the_header_does_not_say_is_not_invented() -> None:
    text = "\n\n".join(["CHAMBRE DISCIPLINAIRE NATIONALE", "Vu la procédure suivante :",
                        "DÉCIDE :", "Article 1er : rejet."])  # fmt: skip
    header = read_header(text)
    assert (header.number, header.audience, header.posted, header.parties) == (None,) * 4
    warnings = read(text).warnings
    assert sum("introuvable" in warning for warning in warnings) == 3


def test_a_long_considerant_is_cut_between_sentences() -> None:
    long = " ".join(
        f"La phrase {n} de ce considérant est assez longue pour compter." for n in range(60)
    )
    text = f"CHAMBRE DISCIPLINAIRE NATIONALE\n\nN° 1-2020\n\nConsidérant ce qui suit :\n\n1. {long}"
    pieces = read(text).passages
    assert len(pieces) > 2
    assert {piece.item for piece in pieces} == {"considérant 1"}
    assert max(len(piece.text) for piece in pieces) <= 1_300
    assert all(piece.text.endswith("compter.") for piece in pieces)
    assert " ".join(" ".join(p.text.split()) for p in pieces) == f"1. {long}"


def test_the_guide_is_no_decision() -> None:
    assert not is_decision(typeset.GUIDE.read_text("utf-8"))


PLANTED = [
    "Monsieur Jean MARTIN", "Mme Lefèvre", "M. MARTIN", "Madame D’Angelo", "M. de La Tour",
    "Mme Le Gall", "Dr Benali", "M. Martin-Dupont", "Mlle Petit", "M MARTIN", "docteur Durand",
    "M. J. Martin", "Mme Marie-Claude Blanc", "Professeur Élie Roux", "M. Ñuñez",
    "Mme O’Brien", "Madame ben Salah", "M. J.-P. Morel", "06 12 34 56 78",
    "jean.martin@exemple.fr", "née le 4 mars 1970",
]  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_name_left_in_a_decision_is_warned_of(name: str) -> None:
    text = "\n\n".join(text for _, text in parts(CASES[0]))
    planted = text.replace("remis à l’employeur", f"remis à {name}, présent, et à l’employeur")
    assert any(name in found for found in names_left(planted))
    assert any(name in warning for warning in read(planted).warnings)


OCCULTED = ["M. S.", "Mme B", "M. et Mme H.", "M. J.-P. D.", "M. le président", "Dr P."]


@pytest.mark.parametrize("occulted", OCCULTED)
def test_initials_and_offices_are_left_alone(occulted: str) -> None:
    text = f"Il résulte que {occulted} a été entendu. Rapporteur : M. Jean Dubois"
    assert names_left(text) == ()
