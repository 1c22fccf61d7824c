"""Ranks among norms, names and dates of passages, contents of documents, versions compared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import Library, load_library
from corpus.passage import Kind, Passage
from ui import norms, versions, wording
from ui.outline import outline, parts


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def passage(ref: str = "CP, art. 226-13", kind: Kind = "article", **changes: object) -> Passage:
    base = Passage("s/x/1", kind, ref, "", (), "texte", "s", 0, 5)
    return replace(base, **changes)  # type: ignore[arg-type]  # names are given by the tests


@pytest.mark.parametrize(
    ("ref", "kind", "rank"),
    [
        ("CSP, art. L. 1110-4", "article", "loi"),
        ("CP, art. 226-14", "article", "loi"),
        ("CPP, art. 60-1", "article", "loi"),
        ("C. civ., art. 9", "article", "loi"),
        ("CSP, art. R. 4321-51", "article", "deontologie"),
        ("CSP, art. R. 4321-55", "article", "deontologie"),
        ("CSP, art. R. 4321-145", "article", "deontologie"),
        ("CSP, art. R. 4321-50", "article", "decret"),
        ("CSP, art. R. 4321-146", "article", "decret"),
        ("CSP, art. R. 4127-4", "article", "decret"),
        ("CSP, art. D. 1110-3", "article", "decret"),
        ("CDN MK, 04/06/2021, n° 012-2020", "decision", "decision"),
        ("Guide CNOMK, « Édito »", "guide", "guide"),
    ],
)
def test_each_text_has_its_rank(ref: str, kind: Kind, rank: str) -> None:
    assert norms.rank(passage(ref, kind)) == rank


def test_the_inner_number_follows_the_reference() -> None:
    assert norms.label(passage(item="4°")) == "CP, art. 226-13, 4°"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"page": 12}, "p. 12"),
        ({"in_force_from": "2020-08-01"}, "en vigueur depuis le 01/08/2020"),
        (
            {"in_force_from": "2016-01-01", "in_force_to": "2020-08-01"},
            "en vigueur du 01/01/2016 au 01/08/2020",
        ),
        ({"kind": "decision", "date": "2021-06-04", "page": 3}, "décision du 04/06/2021 · p. 3"),
    ],
)
def test_a_version_is_said_only_as_far_as_it_is_known(
    changes: dict[str, object], said: str
) -> None:
    assert norms.version(passage(**changes)) == said


def test_an_article_read_in_the_guide_says_so(library: Library) -> None:
    article = next(p for p in library.passages if p.ref == "CP, art. 226-13")
    origin = norms.origin(library.document(article.source).source, article)
    assert origin.endswith("version reproduite dans le guide")


def test_contents_of_the_guide(library: Library) -> None:
    headings = outline(library.passages)
    top = [h.text for h in headings if h.level == 0]
    assert top == [
        "Édito",
        "Textes applicables",
        "Définition",
        "Grands principes du secret professionnel",
        "Sanctions en cas de violation du secret professionnel",
        "Dérogations au secret professionnel",
        "Votre conseil départemental de l’ordre est votre interlocuteur privilégié.",
    ]
    assert len({h.anchor for h in headings}) == len(headings)
    articles = [h for h in headings if h.text.startswith("Article ")]
    assert len(articles) == 10


def test_every_passage_is_under_one_part(library: Library) -> None:
    named = parts(library.passages)
    assert [p for _, own in named for p in own] == list(library.passages)
    assert len(named) == 7


def test_versions_are_grouped_by_the_day_they_came_into_force() -> None:
    old = passage(in_force_from="2000-01-01")
    new = passage(in_force_from="2020-01-01")
    assert versions.group([new, old]) == [(old,), (new,)]


def test_a_comparison_shows_what_went_and_what_came() -> None:
    old = passage(text="Un an de prison", end=15)
    new = passage(text="Deux ans de prison", end=18)
    changes = versions.compare([old], [new])
    assert [(c.kind, c.text) for c in changes] == [
        ("removed", "Un"), ("added", "Deux"), ("same", " "),
        ("removed", "an"), ("added", "ans"), ("same", " de prison"),
    ]  # fmt: skip
    gone, come = (rf":small[{wording.CHANGES[kind]}\: ]" for kind in ("removed", "added"))
    assert versions.as_markdown(changes) == (
        f":red[{gone}Un]:green-background[{come}Deux] "
        f":red[{gone}an]:green-background[{come}ans] de prison"
    )


def test_signs_that_publishers_write_otherwise_are_no_change() -> None:
    old = passage(text="dans l’exercice\nde sa pro\u2011fession", end=33)
    new = passage(text="dans l'exercice de\u00a0sa pro-fession", end=33)
    assert [c.kind for c in versions.compare([old], [new])] == ["same"]


def test_each_paragraph_that_went_or_came_is_marked() -> None:
    old, new = passage(text="a", end=1), passage(text="a\n\nb\n\nc", end=7)
    added = f":green-background[:small[{wording.CHANGES['added']}\\: ]"
    shown = versions.as_markdown(versions.compare([old], [new]))
    assert shown == f"a\n\n{added}b]\n\n{added}c]"


def test_versions_are_told_apart_by_their_dates_and_then_by_their_document() -> None:
    dated = passage(in_force_from="2020-01-01")
    other = replace(dated, source="t")
    quoted = passage()
    titles = {"s": "Guide", "t": "Recueil"}
    assert versions.names([(quoted,), (dated,), (other,)], titles) == [
        "Version reproduite dans le guide",
        "En vigueur depuis le 01/01/2020 · Guide",
        "En vigueur depuis le 01/01/2020 · Recueil",
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_comparison_rebuilds_both_texts(one: str, other: str) -> None:
    old = passage(text=one, end=len(one))
    new = passage(text=other, end=len(other))
    changes = versions.compare([old], [new])
    before = "".join(c.text for c in changes if c.kind != "added")
    assert versions.fold(before) == versions.fold(one)
    assert "".join(c.text for c in changes if c.kind != "removed") == other
