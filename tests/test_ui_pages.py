"""The pages' logic, run by Streamlit's own AppTest over a real index of the real guide."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from index.encoder import load_encoder
from index.open import Index, open_index
from ui import server, wording
from ui.escape import escape

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "Que risque un kinésithérapeute qui viole le secret professionnel ?"


@pytest.fixture(scope="module")
def store(real_root: Path) -> Path:
    return real_root


@pytest.fixture(scope="module")
def index(store: Path) -> Index:
    return open_index(store, load_encoder("embedded"))


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, store: Path) -> None:
    # The cached engine is kept from test to test: it is known by its index, never by a question.
    monkeypatch.setenv("SECRETPRO_INDEX", str(store))


@pytest.fixture(autouse=True, scope="module")
def _caches() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)


def texts(app: AppTest) -> str:
    shown = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.error]
    return "\n".join(element.value for element in shown)


def ask(app: AppTest, question: str) -> AppTest:
    app.run()
    app.chat_input[0].set_value(question).run()
    assert not app.exception
    return app


def numbers(app: AppTest) -> list[str]:
    return [b.key for b in app.button if b.key and b.key.startswith("renvoi-")]


def test_the_first_page_says_what_to_do_and_offers_questions(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert app.title[0].value == wording.ASK_TITLE
    labels = [button.label for button in app.button]
    assert labels[: len(wording.SUGGESTIONS)] == list(wording.SUGGESTIONS)


def test_an_answer_is_shown_sentence_by_sentence_with_its_numbers(app: AppTest) -> None:
    ask(app, QUESTION)
    turn = app.session_state["conversation"][0]
    assert app.title[0].value == escape(QUESTION)
    for sentence in turn.outcome.sentences:
        assert escape(sentence.text) in [m.value for m in app.markdown]
    assert len(numbers(app)) == sum(len(s.citations) for s in turn.outcome.sentences)


def test_the_first_citation_is_open_with_its_quote_highlighted(app: AppTest) -> None:
    ask(app, QUESTION)
    first = app.session_state["conversation"][0].outcome.citations[0]
    assert f"**{wording.PANEL_CITATION.format(n=first.n)}**" in texts(app)
    assert ":yellow-background[" in texts(app)


@pytest.mark.slow
def test_each_number_opens_its_own_passage(app: AppTest) -> None:
    ask(app, QUESTION)
    for key in numbers(app):
        app.button(key=key).click().run()
        assert not app.exception
        n = int(key.rsplit("-", 1)[1])
        opened = app.session_state["passage_ouvert"]
        turn = app.session_state["conversation"][0]
        cited = next(c for c in turn.citations if c.n == n)
        assert (opened.n, opened.passage_id) == (n, cited.hit.passage.id)


@pytest.mark.slow
def test_the_neighbours_of_a_passage_are_one_step_away(app: AppTest, index: Index) -> None:
    ask(app, QUESTION)
    before = app.session_state["passage_ouvert"].passage_id
    app.button(key="aller-apres").click().run()
    ids = [p.id for p in sorted(index.passages, key=lambda p: p.start)]
    after = app.session_state["passage_ouvert"].passage_id
    assert ids.index(after) == ids.index(before) + 1
    app.button(key="aller-avant").click().run()
    assert app.session_state["passage_ouvert"].passage_id == before


def test_a_second_question_keeps_the_first_at_hand(app: AppTest) -> None:
    ask(app, QUESTION)
    ask(app, "Que dit l’article R. 4321-55 ?")
    assert len(app.session_state["conversation"]) == 2
    assert any(escape(QUESTION) in e.label for e in app.expander)
    assert not [k for k in numbers(app) if k.startswith("renvoi-0-")]  # drawn once unfolded
    app.session_state["avant-0"] = True
    app.run()
    app.button(key=next(k for k in numbers(app) if k.startswith("renvoi-0-"))).click().run()
    assert app.session_state["passage_ouvert"].turn == 0


@pytest.mark.slow
def test_erasing_forgets_the_whole_conversation(app: AppTest) -> None:
    ask(app, QUESTION)
    next(b for b in app.button if b.label == wording.NEW_CONVERSATION).click().run()
    assert "conversation" not in app.session_state
    assert app.title[0].value == wording.ASK_TITLE


@pytest.mark.slow
def test_a_suggestion_is_asked_at_one_press(app: AppTest) -> None:
    app.run()
    app.button(key="suggestion-0").click().run()
    assert app.session_state["conversation"][0].outcome.question == wording.SUGGESTIONS[0]


def test_numbers_to_call_stand_above_an_answer_where_a_life_is_at_stake(app: AppTest) -> None:
    app.run()
    ask(app, "Mon patient m’annonce qu’il va se suicider ce soir, que faire ?")
    bodies = [element.proto.body for element in app.get("html")]
    assert bodies[:2] == [wording.EMERGENCY_LINE, wording.EMERGENCY_BOX]


def test_a_question_outside_the_documents_is_refused_with_a_contact(app: AppTest) -> None:
    ask(app, "What is the weather like in Paris today?")
    outcome = app.session_state["conversation"][0].outcome
    assert not outcome.answered
    assert wording.REFUSAL_TITLES[outcome.reason] in [s.value for s in app.header]
    assert wording.CDO_URL in texts(app)
    assert wording.EXPORT not in [s.value for s in app.header]


@pytest.mark.parametrize(
    "typed",
    [
        "   ",
        *(pytest.param(odd, marks=pytest.mark.slow) for odd in ("?!…", "\u200b\u202e", "\x00\x07")),
    ],
)
def test_an_empty_question_is_named_as_such(app: AppTest, typed: str) -> None:
    ask(app, typed)
    assert len(app.error) == 1 and "vide" in app.error[0].value
    assert "conversation" not in app.session_state


@pytest.mark.slow
def test_a_huge_text_is_refused_and_given_back_whole(app: AppTest) -> None:
    typed = "patient " * 12_500
    ask(app, typed)
    assert len(app.error) == 1 and "2" in app.error[0].value
    assert app.text_area[0].value == typed


@pytest.mark.slow
def test_a_text_given_back_can_be_shortened_and_asked(app: AppTest) -> None:
    ask(app, "a" * 2_001)
    app.text_area[0].set_value(QUESTION)
    next(b for b in app.button if b.label == wording.ASK_SHORTENED).click().run()
    assert app.session_state["conversation"][0].outcome.question == QUESTION


HOSTILE = "![x](https://evil.example) :red[secret] $a$ <b>patient</b> réquisition"


def test_a_hostile_question_is_escaped_wherever_it_is_shown(app: AppTest) -> None:
    ask(app, HOSTILE)
    ask(app, QUESTION)
    app.session_state["avant-0"] = True
    app.run()
    shown = texts(app) + "\n".join(e.label for e in app.expander)
    assert HOSTILE not in shown and escape(HOSTILE) in shown


@pytest.mark.slow
def test_nothing_of_a_question_is_in_the_address_or_a_shared_cache(app: AppTest) -> None:
    ask(app, "Canari-7f3a : puis-je répondre à une réquisition ?")
    assert app.query_params == {}
    other = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60).run()
    assert "Canari" not in texts(other)


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


def test_without_an_index_the_page_says_what_to_run(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRETPRO_INDEX", str(tmp_path / "none"))
    app.run()
    assert not app.exception
    assert app.title[0].value == wording.INDEX_MISSING
    assert app.code[0].value == "python -m index build"


@pytest.mark.slow
def test_with_a_damaged_index_the_page_says_what_to_run(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, real_root: Path
) -> None:
    shutil.copytree(real_root, tmp_path, dirs_exist_ok=True)
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.name == "passages.jsonl":
            file.write_bytes(b"{}")
    monkeypatch.setenv("SECRETPRO_INDEX", str(tmp_path))
    app.run()
    assert not app.exception
    assert app.title[0].value == wording.INDEX_DAMAGED
    assert not app.chat_input


@pytest.mark.slow
def test_a_wrong_setting_is_named_in_french(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_resource.clear()
    monkeypatch.setenv("SECRETPRO_ENCODER", "no-such-encoder")
    app.run()
    assert not app.exception
    assert app.title[0].value in (wording.ENCODER_MISSING, wording.INDEX_STALE)


def test_the_log_of_a_fault_withholds_its_text(caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogRecordFactory()
    server.withhold_exception_texts()
    server.withhold_exception_texts()  # once is enough
    try:
        try:
            raise ValueError("Mme Dupont, née le 3 mars")
        except ValueError as error:
            logging.getLogger("streamlit.any").error("Uncaught: %s", error, exc_info=error)
    finally:
        logging.setLogRecordFactory(before)
    assert "Dupont" not in caplog.text
    assert "ValueError at" in caplog.text and "test_ui_pages.py" in caplog.text
