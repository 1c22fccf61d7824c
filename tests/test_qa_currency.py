"""An answer rests on the law of its day, and says when what the guide quotes is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import legi_maker as legi
import pytest
import typeset

from corpus.__main__ import main
from corpus.law import read_article
from corpus.library import DEFAULT_FOLDER, load_library
from corpus.passage import Passage
from corpus.versions import Versions
from index.build import build
from index.encoder import load_encoder
from index.hit import Hit
from qa.answer import Answer, Citation
from qa.currency import remarks
from qa.pipeline import Engine

QUOTED = next(p for p in typeset.guide_document().passages if p.ref == "CP, art. 226-13")


def dated(text: str, start: str, end: str, state: str, n: int) -> str:
    return legi.article("226-13", state, start, end, code="CP", body=f"<p>{text}</p>",
                        identifier=f"LEGIARTI{n:012d}")  # fmt: skip


def versions(*xml: str) -> Versions:
    return Versions.of(
        read_article(typeset.source(Path(f"v{n}.xml")), text.encode()) for n, text in enumerate(xml)
    )


def citation(passage: Passage) -> Citation:
    return Citation(1, Hit(passage, 1.0), passage.text, passage.start, passage.end)


SAME = dated(QUOTED.text, "2002-01-01", "2999-01-01", "VIGUEUR", 1)
HARSHER = dated(QUOTED.text.replace("15 000", "45 000"), "2026-01-01", "2999-01-01", "VIGUEUR", 2)
GONE = dated(QUOTED.text, "2002-01-01", "2025-07-01", "ABROGE", 3)


def test_a_quotation_equal_to_the_version_in_force_needs_no_remark() -> None:
    assert remarks([citation(QUOTED)], versions(SAME), "2026-05-01") == ()


def test_a_quotation_that_is_no_longer_the_law_is_said() -> None:
    (said,) = remarks([citation(QUOTED), citation(QUOTED)], versions(HARSHER), "2026-05-01")
    assert "CP, art. 226-13" in said
    assert "01/01/2026" in said
    assert remarks([citation(QUOTED)], versions(HARSHER), "2025-05-01") == ()  # not law yet


def test_a_repealed_article_quoted_by_the_guide_is_said() -> None:
    (said,) = remarks([citation(QUOTED)], versions(GONE), "2026-05-01")
    assert "n’est plus en vigueur depuis le 01/07/2025" in said


def test_without_dated_versions_nothing_is_claimed() -> None:
    assert remarks([citation(QUOTED)], versions(), "2026-05-01") == ()


# Over a real index: the guide, and two versions of an article that it only cites.


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    place = tmp_path_factory.mktemp("currency")
    sources = Path(shutil.copytree(DEFAULT_FOLDER, place / "sources"))
    old = "<p>Le masseur-kinésithérapeute protège les victimes de sévices par un registre.</p>"
    new = "<p>Le masseur-kinésithérapeute protège les victimes de sévices avec circonspection.</p>"
    for n, (state, start, end, body) in enumerate([
        ("MODIFIE", "2008-11-05", "2020-01-01", old), ("VIGUEUR", "2020-01-01", "2999-01-01", new),
    ]):  # fmt: skip
        file = place / f"LEGIARTI{n:012d}.xml"
        file.write_text(legi.article("R4321-90", state, start, end, body=body,
                                     identifier=f"LEGIARTI{n:012d}"), "utf-8")  # fmt: skip
        assert main(["add", str(file), "--sources", str(sources)]) == 0
    build(load_library(sources), place / "index", load_encoder("embedded"))
    return Engine.open(place / "index")


@pytest.mark.slow
@pytest.mark.parametrize(("day", "word", "other"), [
    (None, "circonspection", "registre"), ("2024-06-01", "circonspection", "registre"),
    ("2015-06-01", "registre", "avec circonspection"),
])  # fmt: skip
def test_the_version_of_the_day_is_cited_and_no_other(
    engine: Engine, day: str | None, word: str, other: str
) -> None:
    outcome = engine.ask("Que dit l'article R. 4321-90 du code de la santé publique ?", day=day)
    assert isinstance(outcome, Answer)
    law = [c for c in outcome.citations if c.hit.passage.in_force_from]
    assert law
    assert all(word in c.hit.passage.text for c in law)
    assert not any(other in c.quote for c in law)
