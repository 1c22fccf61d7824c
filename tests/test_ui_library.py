"""The pages where one searches and reads, and the one about the service."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from reader_pages import _caches, _settings, app, index, store, texts
from streamlit.testing.v1 import AppTest

from index.open import Index
from ui import wording
from ui.escape import escape

__all__ = ["_caches", "_settings", "app", "index", "store"]


def test_a_search_finds_an_article_by_its_number(app: AppTest, index: Index) -> None:
    app.run()
    app.switch_page("search.py").run()
    app.text_input(key="recherche").set_value("226-13 code pénal").run()
    assert not app.exception
    assert app.get("page_link")[0].proto.label == escape("CP, art. 226-13")
    assert wording.WHY_SIGNALS["reference"] in texts(app)


@pytest.mark.slow
def test_a_search_can_be_narrowed_to_an_article(app: AppTest) -> None:
    app.run()
    app.switch_page("search.py").run()
    app.text_input(key="recherche").set_value("secret").run()
    app.selectbox[0].select("CSP, art. R. 4321-90").run()
    assert not app.exception
    assert 0 < len(app.get("page_link")) < 10


@pytest.mark.slow
def test_a_search_without_result_says_what_to_try(app: AppTest) -> None:
    app.run()
    app.switch_page("search.py").run()
    app.text_input(key="recherche").set_value("…").run()
    assert wording.SEARCH_NONE in texts(app)


@pytest.mark.slow
def test_the_whole_guide_can_be_read(app: AppTest, index: Index) -> None:
    app.run()
    app.switch_page("read.py").run()
    assert not app.exception
    headings = [h.value for h in (*app.header, *app.subheader)]
    assert escape("Dérogations au secret professionnel") in headings
    shown = texts(app)
    assert all(escape(p.text.split("\n")[0]) in shown for p in index.passages)


@pytest.mark.slow
def test_an_article_names_the_places_that_cite_it(app: AppTest, index: Index) -> None:
    app.run()
    app.switch_page("read.py").run()
    app.button_group[0].set_value(wording.TAB_ARTICLES).run()
    app.selectbox[0].select("CSP, art. R. 4321-90").run()
    assert not app.exception
    citing = [p for p in index.passages if "CSP, art. R. 4321-90" in p.cites]
    assert citing and len(app.get("page_link")) == len(citing)
    assert wording.READ_ONLY_CITED_LEAD in texts(app)


@pytest.mark.slow
def test_all_six_decisions_can_be_read(app: AppTest) -> None:
    app.run()
    app.switch_page("read.py").run()
    app.button_group[0].set_value(wording.TAB_DECISIONS).run()
    assert len(app.get("page_link")) == 6


def test_a_link_to_a_passage_shows_it(app: AppTest, index: Index) -> None:
    passage = index.passages[20]
    app.query_params["id"] = passage.id
    app.switch_page("source.py").run()
    assert not app.exception
    assert app.title[0].value.startswith(escape(passage.ref))
    assert escape(passage.text.split("\n")[0]) in texts(app)


@pytest.mark.slow
@pytest.mark.parametrize("article", [False, True], ids=["the prose", "the article"])
def test_a_passage_leads_to_what_it_cites_and_to_what_cites_it(
    app: AppTest, index: Index, article: bool
) -> None:
    expert = next(p for p in index.passages if "expert" in p.ref and p.kind == "guide")
    text = next(p for p in index.passages if p.ref == "CSP, art. R. 4321-141")
    shown, led = (text, expert) if article else (expert, text)
    app.query_params["id"] = shown.id
    app.switch_page("source.py").run()
    assert not app.exception
    (folded,) = [e for e in app.expander if e.label == wording.CITING]
    links = [parse_qs(link.proto.query_string)["id"] for link in folded.get("page_link")]
    assert [led.id] in links


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["", "x/../../etc/passwd", "![x](https://evil.example)"])
def test_a_link_to_nothing_says_so(app: AppTest, asked: str) -> None:
    app.query_params["id"] = asked
    app.switch_page("source.py").run()
    assert not app.exception
    assert app.title[0].value in (wording.SOURCE_MISSING, wording.SOURCE)
    assert "evil" not in texts(app)


@pytest.mark.slow
def test_the_page_about_the_service_names_its_documents(app: AppTest, index: Index) -> None:
    app.run()
    app.switch_page("about.py").run()
    assert not app.exception
    assert escape(index.documents[0].source.title) in texts(app)
