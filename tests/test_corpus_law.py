"""LEGI articles: parsing, refusals, which version applies on which day, what changed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import legi_maker as legi
import pytest
import typeset
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import SourceNotFound, SourceRefused
from corpus.law import APPLIES, NEVER, parse_article, read_article
from corpus.legi import Selection, select
from corpus.passage import Document
from corpus.versions import Versions, compare, compare_quotations
from corpus.wording import LAW


def read(xml: str, name: str = "LEGIARTI000019727851.xml") -> Document:
    return read_article(typeset.source(Path(name)), xml.encode())


# One article


def test_an_article_says_its_number_dates_address_and_place() -> None:
    document = read(legi.article(end="2030-01-01"))
    (passage,) = document.passages
    assert passage.ref == "CSP, art. R. 4321-55"
    assert passage.title == "Article R. 4321-55"
    assert passage.kind == "article"
    assert passage.text == "Le secret professionnel s'impose au masseur-kinésithérapeute."
    assert passage.text == document.text[passage.start : passage.end]
    assert (passage.in_force_from, passage.in_force_to) == ("2008-11-05", "2030-01-01")
    assert passage.url == ("https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000019727851")
    assert passage.section == (
        "Code de la santé publique", "Sous-section 2 : Devoirs envers les patients"
    )  # fmt: skip
    assert document.source.version == "LEGIARTI000019727851"
    assert document.warnings == ("cette version cessera d’être en vigueur le 2030-01-01",)


@pytest.mark.parametrize(("num", "spelt"), [
    ("R4321-55", "CSP, art. R. 4321-55"), ("R*4321-55", "CSP, art. R. 4321-55"),
    ("L1110-4", "CSP, art. L. 1110-4"), ("D4321-1", "CSP, art. D. 4321-1"),
    ("L. 1110-4", "CSP, art. L. 1110-4"),
])  # fmt: skip
def test_numbers_are_spelt_as_references_are(num: str, spelt: str) -> None:
    assert parse_article(legi.article(num).encode(), "x.xml").ref == spelt


def test_mixed_content_keeps_its_alineas_items_and_rows() -> None:
    body = (
        "<p>I.-Toute personne a droit au\n respect <a>de sa vie</a> privée&#160;:</p>"
        "1° Premièrement ;<br/>2° Deuxièmement.<br/><br/>II.-Un professionnel peut échanger."
        "<table><tr><td>Acte</td><td>Tarif</td></tr><tr><td>Bilan</td><td>10</td></tr></table>"
    )
    document = read(legi.article("L1110-4", body=body, nota="<p>Voir le décret.</p>"))
    assert document.text.split("\n\n") == [
        "Article L. 1110-4",
        "I.-Toute personne a droit au respect de sa vie privée :",
        "1° Premièrement ;", "2° Deuxièmement.", "II.-Un professionnel peut échanger.",
        "Acte | Tarif", "Bilan | 10", "Voir le décret.",
    ]  # fmt: skip
    assert [p.item for p in document.passages] == ["I", "1°", "2°", "II", "nota"]
    assert document.passages[-1].section[-1] == "Nota"


# Refusals: twelve kinds of malformed file, each with its reason

SOUND = legi.article()
MALFORMED = {
    "doctype": SOUND.replace("<ARTICLE>", '<!DOCTYPE a [<!ENTITY e "x">]><ARTICLE>', 1),
    "not_xml": SOUND.replace("</META>", ""),
    "not_article": "<?xml version='1.0'?><SECTION_TA><ID>x</ID></SECTION_TA>",
    "no_id": SOUND.replace("<ID>LEGIARTI000019727851</ID>", "<ID>LEGIARTI12</ID>"),
    "no_number": SOUND.replace("<NUM>R4321-55</NUM>", "<NUM/>"),
    "no_code": SOUND.replace('cid="LEGITEXT000006072665"', "").replace(
        ">Code de la santé publique</TITRE_TXT>", "></TITRE_TXT>"),
    "unknown_state": legi.article(state="VIGEUR"),
    "bad_date": legi.article(start="2008-13-05"),
    "dates_reversed": legi.article(state="MODIFIE", start="2012-01-01", end="2011-01-01"),
    "never_starts": legi.article(start="2999-01-01"),
    "never_ends": legi.article(state="ABROGE"),
    "empty_body": legi.article(body="<p> </p><br/>"),
    "too_large": legi.article(body="<p>" + "a " * 2_600_000 + "</p>"),
}  # fmt: skip


DETAILS = {"not_article": "SECTION_TA", "unknown_state": "VIGEUR", "bad_date": "2008-13-05",
           "dates_reversed": "2012-01-01 > 2011-01-01", "never_starts": "VIGUEUR",
           "never_ends": "ABROGE"}  # fmt: skip


@pytest.mark.parametrize("code", MALFORMED)
def test_a_malformed_article_is_refused_with_its_reason(code: str) -> None:
    with pytest.raises(SourceRefused) as refusal:
        read(MALFORMED[code])
    assert refusal.value.code == code
    reason = LAW[code].format(detail=DETAILS.get(code, ""))
    assert str(refusal.value) == f"LEGIARTI000019727851.xml : {reason}"


def test_deep_nesting_and_entity_bombs_are_refused() -> None:
    deep = legi.article(body="<b>" * 50_000 + "x" + "</b>" * 50_000)
    bomb = '<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><ARTICLE>&b;</ARTICLE>'
    for xml, code in ((deep, "not_xml"), (bomb, "doctype")):
        with pytest.raises(SourceRefused) as refusal:
            read(xml)
        assert refusal.value.code == code


# Which version applies. Each timeline is written by hand: (start, end, state, did it ever apply).

TIMELINES: tuple[tuple[tuple[str, str, str, bool], ...], ...] = (
    (("2004-08-08", "2008-11-05", "MODIFIE", True), ("2008-11-05", "2999-01-01", "VIGUEUR", True)),
    (("2000-06-22", "2002-03-05", "MODIFIE", True), ("2002-03-05", "2016-01-28", "MODIFIE", True),
     ("2016-01-28", "2999-01-01", "VIGUEUR", True)),
    (("1992-02-29", "1994-03-01", "MODIFIE", True), ("1994-03-01", "2010-07-01", "ABROGE", True)),
    (("1998-04-01", "2005-01-01", "MODIFIE", True),
     ("2005-01-01", "2027-01-01", "ABROGE_DIFF", True)),
    (("2006-05-01", "2027-09-01", "VIGUEUR", True),
     ("2027-09-01", "2999-01-01", "VIGUEUR_DIFF", True)),
    (("1995-10-10", "2001-01-01", "MODIFIE", True),
     ("2001-01-01", "2009-12-31", "TRANSFERE", True)),
    (("2003-03-03", "2007-07-07", "DEPLACE", True),
     ("2007-07-07", "2999-01-01", "VIGUEUR", True)),
    (("1996-06-06", "1999-01-01", "MODIFIE", True), ("1999-09-09", "2001-02-28", "PERIME", True)),
    (("2010-01-01", "2012-06-15", "ANNULE", False), ("2012-06-15", "2999-01-01", "VIGUEUR", True)),
    (("2007-01-01", "2011-11-11", "MODIFIE", True),
     ("2011-11-11", "2013-01-01", "DISJOINT", False)),
    (("2018-01-01", "2018-01-01", "MORT_NE", False), ("2019-01-01", "2999-01-01", "VIGUEUR", True)),
    (("2014-04-01", "2015-04-01", "MODIFIE_MORT_NE", False),
     ("2015-04-01", "2020-02-29", "MODIFIE", True), ("2021-01-01", "2999-01-01", "VIGUEUR", True)),
)  # fmt: skip


def sixty() -> tuple[list[Document], dict[str, list[tuple[str, str, str]]]]:
    """60 articles over all twelve states, and the versions of each that ever applied."""
    documents, truth, serial = [], {}, 0
    for index in range(60):
        timeline = TIMELINES[index % len(TIMELINES)]
        number, code = (f"R{4321 + index}-{index + 1}", "CSP") if index % 2 else (
            f"{226 + index}-{index + 1}", "CP")  # fmt: skip
        shift = timedelta(days=37 * (index // len(TIMELINES)))
        spelt = f"R. {number[1:]}" if code == "CSP" else number
        applied = truth.setdefault(f"{code}, art. {spelt}", [])
        for start, end, state, applies in timeline:
            serial += 1
            moved = [
                day if day == "2999-01-01" else str(date.fromisoformat(day) + shift)
                for day in (start, end)
            ]
            identifier = f"LEGIARTI{serial:012d}"
            xml = legi.article(number, state, *moved, identifier=identifier, code=code,
                               body=f"<p>Version {serial}.</p>")  # fmt: skip
            documents.append(read(xml, f"{identifier}.xml"))
            if applies:
                applied.append((moved[0], moved[1], identifier))
    return documents, truth


def test_the_version_in_force_is_right_on_every_day_of_a_sweep() -> None:
    documents, truth = sixty()
    versions = Versions.of(documents)
    assert len(truth) == 60
    assert {state for timeline in TIMELINES for _, _, state, _ in timeline} == APPLIES | NEVER
    assert all(len(timeline) > 1 for timeline in TIMELINES)
    assert set(versions.refs) == set(truth)
    assert versions.problems() == ()
    bounds = {date.fromisoformat(day) for spans in truth.values() for span in spans
              for day in span[:2] if day < "2999"}  # fmt: skip
    days = {day + timedelta(days=step) for day in bounds for step in (-1, 0, 1)}
    days |= {date(1990, 1, 1) + timedelta(days=29 * n) for n in range(540)}
    checked = 0
    for day in sorted(str(day) for day in days):
        for ref, spans in truth.items():
            expected = [name for start, end, name in spans if start <= day < end]
            found = versions.in_force(ref, day)
            assert ([found.id] if found else []) == expected, (ref, day)
            checked += 1
    assert checked > 40_000


def test_what_is_said_of_an_article_on_a_day() -> None:
    versions = Versions.of(sixty()[0])
    assert versions.standing("CP, art. 226-1", "2005-01-01").state == "in_force"
    repealed = versions.standing("CP, art. 228-3", "2024-01-01")
    assert (repealed.state, repealed.version and repealed.version.end) == ("ended", "2010-07-01")
    assert versions.standing("CP, art. 228-3", "1990-01-01").state == "future"
    # A version that was struck out never applied: nothing came after the one before it.
    assert versions.standing("CSP, art. R. 4330-10", "2012-01-01").state == "ended"
    assert versions.standing("CSP, art. R. 1-1", "2012-01-01").state == "unknown"


def test_today_is_the_default_day() -> None:
    versions = Versions.of([read(legi.article(start="2008-11-05"))])
    current = versions.in_force("CSP, art. R. 4321-55")
    assert current is not None
    assert current.id == "LEGIARTI000019727851"


def test_two_versions_at_once_are_a_problem_that_is_named() -> None:
    a = read(legi.article(identifier="LEGIARTI000000000001"))
    b = read(legi.article(start="2015-01-01", identifier="LEGIARTI000000000002"))
    (problem,) = Versions.of([a, b]).problems()
    assert "2015-01-01" in problem
    assert "LEGIARTI000000000001" in problem
    assert "LEGIARTI000000000002" in problem


# Choosing articles


def library_of_legi() -> dict[str, bytes]:
    files = {
        legi.member("CSP", "LEGIARTI000000000001"): legi.article(
            identifier="LEGIARTI000000000001").encode(),
        legi.member("CSP", "LEGIARTI000000000002"): legi.article(
            "R4321-56", identifier="LEGIARTI000000000002").encode(),
        legi.member("CP", "LEGIARTI000000000003"): legi.article(
            "226-13", code="CP", identifier="LEGIARTI000000000003").encode(),
        legi.member("CSP", "LEGIARTI000000000004"): legi.article(
            "L1110-4", body="", identifier="LEGIARTI000000000004").encode(),
        legi.member("CSP", "LEGIARTI000000000005"): legi.article(
            "L1110-4", "VIGEUR", identifier="LEGIARTI000000000005").encode(),
        legi.member("LEGITEXT000006069414", "LEGIARTI000000000006"): legi.article(
            "R4321-55", identifier="LEGIARTI000000000006").encode(),
        "legi/liste_suppression_legi.dat":
            b"legi/global/x/LEGIARTI000000000099\nlegi/global/x/LEGITEXT000000000001\n",
        "legi/../../evil.sh": b"#!/bin/sh",
    }  # fmt: skip
    return files


WANTED = {"CSP, art. R. 4321-55", "CP, art. 226-13", "CSP, art. L. 1110-4"}


def check_selection(found: Selection) -> None:
    assert {a.ref for a, _ in found.articles} == {"CSP, art. R. 4321-55", "CP, art. 226-13"}
    assert found.empty == ("LEGIARTI000000000004",)
    assert len(found.refused) == 1
    assert "VIGEUR" in found.refused[0]
    assert found.deleted == ("LEGIARTI000000000099",)
    assert found.skipped == 2


def test_an_archive_is_streamed_and_only_the_wanted_articles_kept(tmp_path: Path) -> None:
    path = tmp_path / "Freemium_legi_global.tar.gz"
    path.write_bytes(legi.archive(library_of_legi()))
    found = select(path, WANTED)
    check_selection(found)
    assert list(tmp_path.iterdir()) == [path]  # nothing is unpacked


def test_a_folder_gives_the_same(tmp_path: Path) -> None:
    for name, data in library_of_legi().items():
        if ".." not in name:
            place = tmp_path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    check_selection(select(tmp_path, WANTED))


def test_a_damaged_archive_and_a_missing_path_are_named(tmp_path: Path) -> None:
    path = tmp_path / "legi.tar.gz"
    path.write_bytes(legi.archive(library_of_legi())[:300])
    with pytest.raises(SourceRefused, match="download it again"):
        select(path)
    with pytest.raises(SourceNotFound):
        select(tmp_path / "none.xml")


# What changed


def test_a_comparison_shows_each_word_that_differs() -> None:
    changes = compare(
        "puni d’un an d’emprisonnement et de 15 000 euros d’amende.",
        "puni de deux ans d'emprisonnement et de 30 000 euros d'amende.",
    )
    assert [(c.kind, c.text) for c in changes] == [
        ("same", "puni"), ("removed", "d’un an"), ("added", "de deux ans"),
        ("same", "d'emprisonnement et de"), ("removed", "15"), ("added", "30"),
        ("same", "000 euros d'amende."),
    ]  # fmt: skip


def test_typography_is_no_difference() -> None:
    changes = compare("I. L’Etat « garantit » l’œuvre.", "I.-L'État \"garantit\" l'oeuvre.")
    assert [change.kind for change in changes] == ["same"]


wordings = st.lists(
    st.sampled_from(["le", "secret", "n'est", "pas", "levé", ",", "."]), max_size=12
)


@given(wordings, wordings)
def test_a_comparison_holds_both_wordings_whole(a: list[str], b: list[str]) -> None:
    before, after = " ".join(a), " ".join(b)
    changes = compare(before, after)
    kept = "".join(c.text for c in changes if c.kind in ("same", "added"))
    gone = "".join(c.text for c in changes if c.kind in ("same", "removed"))
    assert "".join(kept.split()) == "".join(after.split())
    assert "".join(gone.split()) == "".join(before.split())


def test_the_guide_is_compared_with_the_version_in_force() -> None:
    guide = typeset.guide_document()
    quoted = "\n".join(p.text for p in guide.passages if p.ref == "CP, art. 226-13")
    same = read(legi.article("226-13", code="CP", start="2002-01-01", end="2026-01-01",
                             state="MODIFIE", body=f"<p>{quoted}</p>",
                             identifier="LEGIARTI000000000001"))  # fmt: skip
    harsher = read(legi.article("226-13", code="CP", start="2026-01-01",
                                body=f"<p>{quoted.replace('15 000', '45 000')}</p>",
                                identifier="LEGIARTI000000000002"))  # fmt: skip
    versions = Versions.of([same, harsher])
    passages = [*guide.passages, *same.passages, *harsher.passages]
    (then,) = compare_quotations(passages, versions, "2020-01-01")
    assert then.identical
    assert then.version.id == "LEGIARTI000000000001"
    (now,) = compare_quotations(passages, versions, "2026-06-01")
    assert not now.identical
    assert [(c.kind, c.text) for c in now.changes if c.kind != "same"] == [
        ("removed", "15"), ("added", "45")
    ]  # fmt: skip
