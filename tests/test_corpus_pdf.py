"""Reading PDFs: reading order, furniture, notes, pages, and the guide back from its own PDF."""

from __future__ import annotations

import difflib
import re
from collections import Counter

import pytest
import typeset
from forge import pdf, prose
from hypothesis import given
from hypothesis import strategies as st

from corpus.guide import read_guide
from corpus.pdf import read_pdf
from corpus.pdf.columns import Run, read_columns
from corpus.pdf.layout import PageRuns, lay_out, printable
from corpus.text import repair

pytestmark = pytest.mark.slow

MARK = re.compile("\ue001(\\d+)\ue001")


def column(texts: list[str], x: float, top: float = 700, width: float = 200) -> list[Run]:
    return [Run(t, x, top - 12 * i, x + width, 10) for i, t in enumerate(texts)]


def order(*runs: Run) -> list[str]:
    return [line.text for block in read_columns(runs) for line in block]


# Reading order


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [f"gauche {i} de la page" for i in range(5)]
    right = [f"droite {i} de la page" for i in range(4)]
    assert order(*column(right, 300), *column(left, 50)) == left + right


def test_a_full_width_line_cuts_the_columns() -> None:
    left = [f"gauche {i} de la page" for i in range(6)]
    right = [f"droite {i} de la page" for i in range(6)]
    across = Run("une ligne qui traverse toute la page", 50, 700 - 12 * 3 + 0.5, 500, 10)
    upper = column(left[:3], 50) + column(right[:3], 300)
    lower = column(left[3:], 50, 640) + column(right[3:], 300, 640)
    assert order(*upper, across, *lower) == [
        *left[:3], *right[:3], across.text, *left[3:], *right[3:]
    ]  # fmt: skip


def test_a_title_that_spans_the_columns_without_crossing_the_gutter_cuts_them() -> None:
    left = [f"gauche {i} de la page" for i in range(8)]
    right = [f"droite {i} de la page" for i in range(8)]
    title = Run("Sanctions", 50, 630, 130, 16)
    upper = column(left[:4], 50) + column(right[:4], 300)
    lower = column(left[4:], 50, 605) + column(right[4:], 300, 605)
    assert order(*upper, title, *lower) == [
        *left[:4], *right[:4], "Sanctions", *left[4:], *right[4:]
    ]  # fmt: skip


def test_list_numbers_are_no_column() -> None:
    items = [f"premier point numero {i} de la liste" for i in range(5)]
    numbers = [Run(f"{i}.", 50, 700 - 12 * i, 60, 10) for i in range(5)]
    assert order(*numbers, *column(items, 80)) == [f"{i}. {t}" for i, t in enumerate(items)]


def test_text_drawn_twice_to_look_bold_is_read_once() -> None:
    assert order(Run("DÉCIDE", 50, 700, 90, 10), Run("DÉCIDE", 50.3, 700, 90.3, 10)) == ["DÉCIDE"]


# U+2010 is a layout's own hyphen, which is undone.
letters = st.characters(codec="utf-8", categories=["L", "N", "P"], exclude_characters="\u2010")
words = st.text(letters, min_size=1, max_size=8)
places = st.builds(
    lambda text, x, y, size: Run(text, x, y, x + 5 * len(text), size),
    words, st.floats(0, 500), st.floats(120, 700), st.floats(4, 30),
)  # fmt: skip


@given(st.lists(places, max_size=40))
def test_laying_out_neither_loses_nor_invents_a_character(runs: list[Run]) -> None:
    # Text drawn twice in one place is read once, on purpose: here every run is its own.
    distinct = list({printable(run.text).strip(): run for run in runs}.values())
    seen = "".join(printable(run.text) for run in distinct)
    page = PageRuns(
        tuple(Run(printable(r.text), r.x0, r.y, r.x1, r.size) for r in distinct if r.text), 842
    )
    laid = MARK.sub("", lay_out([page]).raw)
    assert Counter("".join(laid.split())) == Counter(seen)


# Pages, furniture, notes


def test_pages_are_announced_and_running_titles_removed() -> None:
    paragraphs = typeset.guide_document().text.split("\n\n")[:40]
    read = read_pdf(typeset.set_plain(*paragraphs), "guide.pdf")
    assert read.flags == ()
    assert [page.index for page in read.pages] == [1, 2, 3, 4]
    assert [page.printed for page in read.pages] == [4, 5, 6, 7]
    assert [int(number) for number in MARK.findall(read.raw)] == [4, 5, 6, 7]
    assert "CNOMK" not in read.raw
    assert "Guide relatif" not in read.raw


def test_without_printed_numbers_pages_are_those_of_the_file() -> None:
    read = read_pdf(pdf(prose(1), prose(2)), "x.pdf")
    assert [(page.index, page.printed) for page in read.pages] == [(1, None), (2, None)]
    assert MARK.findall(read.raw) == ["1", "2"]


def test_declared_labels_win() -> None:
    labels = b"/PageLabels << /Nums [0 << /S /D /St 12 >>] >>"
    read = read_pdf(pdf(prose(1), prose(2), catalog=labels), "x.pdf")
    assert [page.printed for page in read.pages] == [12, 13]


def test_roman_labels_are_not_turned_into_numbers() -> None:
    labels = b"/PageLabels << /Nums [0 << /S /r >>] >>"
    read = read_pdf(pdf(prose(1), prose(2), catalog=labels), "x.pdf")
    assert [page.printed for page in read.pages] == [None, None]
    assert [flag.code for flag in read.flags] == ["numbering"]


def test_a_word_cut_by_the_end_of_a_page_stays_whole() -> None:
    first = tuple(column(["Le secret s’impose au masseur-", "Il vaut pour la kiné-"], 50, 200))
    second = tuple(column(["sithérapie tout entière, et pour", "tous les autres soins."], 50))
    raw = lay_out([PageRuns(first, 842), PageRuns(second, 842)]).raw
    assert "kiné-\nsithérapie\n\ue0012\ue001\ntout entière" in raw
    assert "kinésithérapie" in MARK.sub("", repair(raw))


def test_soft_hyphens_are_told_from_those_of_words() -> None:
    texts = ["un secret profes\u2010", "sionnel, une obli\u2010", "gation, une réqui\u2010",
             "sition : les pédicures-", "podologues y sont tenus."]  # fmt: skip
    runs = tuple(Run(printable(r.text), r.x0, r.y, r.x1, r.size) for r in column(texts, 50))
    assert repair(MARK.sub("", lay_out([PageRuns(runs, 842)]).raw)) == (
        "un secret professionnel, une obligation, une réquisition : "
        "les pédicures-podologues y sont tenus."
    )


def test_a_footnote_leaves_the_prose_and_its_call_too() -> None:
    body = column(["Le secret vaut pour tous les soins", "donnés au patient par le praticien."], 50,
                  width=150)  # fmt: skip
    call = Run("1", 201, 703, 204, 6)
    note = Run("1_ www.ordremk.fr", 50, 60, 150, 7)
    raw = lay_out([PageRuns((*body, call, note), 842)]).raw
    assert MARK.sub("", raw).split("\n\n") == [
        "\nLe secret vaut pour tous les soins\ndonnés au patient par le praticien.",
        "1_ www.ordremk.fr",
    ]


def test_ligatures_and_accents_come_back() -> None:
    text = "L’officier a suffisamment œuvré : « flagrant », efficace, où ça ? Dès l’été."
    read = read_pdf(typeset.set_plain(text, css="html{font-family:'DejaVu Serif'}"), "x.pdf")
    assert text in repair(MARK.sub("", read.raw)).split("\n\n")


# The guide, back from a real two-column PDF

VARIANTS = {
    "as designed": "",
    "plain hyphens": "html{hyphenate-character:'-'}",
    "ragged": "html{hyphens:manual;text-align:left}",
    "one column": "@page{size:A5} main{columns:1}",
    "larger": "@page{size:A4} html{font-size:11pt}",
    "three columns": "@page{size:A4 landscape} main{columns:3}",
    "indented, no gaps": "html{font-family:'DejaVu Sans'} p{margin:0;text-indent:5mm}",
}


@pytest.mark.parametrize(
    "css", [pytest.param(css, id=name) for name, css in VARIANTS.items()]
)  # fmt: skip
def test_the_guide_comes_back_from_its_pdf(css: str) -> None:
    truth = typeset.guide_document()
    laid = typeset.set_guide(truth, css=css)
    read = read_pdf(laid.pdf, "guide.pdf")
    document = read_guide(truth.source, read.raw)
    assert read.flags == ()
    match = difflib.SequenceMatcher(None, truth.text.split(), document.text.split(), False)
    same = sum(block.size for block in match.get_matching_blocks())
    assert same / len(truth.text.split()) >= 0.999
    headings = {(p.section, p.ref, p.kind) for p in truth.passages}
    assert {(p.section, p.ref, p.kind) for p in document.passages} == headings
    if not css:
        described = [(p.id, p.section, p.ref, p.item, p.text) for p in truth.passages]
        assert [(p.id, p.section, p.ref, p.item, p.text) for p in document.passages] == described


@pytest.mark.parametrize(
    "css",
    [
        pytest.param("", id="two", marks=pytest.mark.slow),
        pytest.param(
            "@page{size:A4 landscape} main{columns:3}", id="three", marks=pytest.mark.slow
        ),
    ],
)
def test_every_passage_of_the_guide_has_its_true_page(css: str) -> None:
    truth = typeset.guide_document()
    laid = typeset.set_guide(truth, css=css)
    document = read_guide(truth.source, read_pdf(laid.pdf, "guide.pdf").raw)
    page_of = dict(zip(laid.paragraphs, laid.pages, strict=True))
    pages = {p.id: page_of.get(p.text.split("\n\n")[0]) for p in truth.passages}
    got = {p.id: p.page for p in document.passages}
    assert len(set(pages.values())) >= 8
    assert {name: got[name] for name in pages} == pages
