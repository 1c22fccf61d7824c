"""With a chat model configured: nothing leaves before its author has read it and agreed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from qa.wording_model import PROBLEMS
from tests.chat_server import ChatServer, Passages, Reply, phrases, serve
from ui import wording

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PHONE = "06 12 34 56 78"
QUESTION = f"Que risque le kiné qui révèle une information ? Mon patient est au {PHONE}."


def penalty(passages: Passages) -> str:
    """One true sentence, quoting the passage that holds it."""
    key, row = next((k, r) for k, r in passages.items() if "d’un an d’emprisonnement" in r["texte"])
    start = row["texte"].find("La révélation d’une information")
    end = row["texte"].find("amende", start) + len("amende")
    quote = row["texte"][start:end]
    return phrases((f"{quote}.", [(key, quote)]))


@pytest.fixture(scope="module")
def store(real_root: Path) -> Path:
    return real_root


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[ChatServer]:
    with serve(*getattr(request, "param", (Reply(penalty),))) as running:
        yield running


@pytest.fixture
def app(server: ChatServer, store: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    st.cache_resource.clear()
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("SECRETPRO_INDEX", str(store))
    monkeypatch.setenv("SECRETPRO_MODEL", "openai:scripted")
    monkeypatch.setenv("SECRETPRO_MODEL_BASE_URL", f"{server.url}/v1")
    opened = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60).run()
    return opened.chat_input[0].set_value(QUESTION).run()


def test_the_answer_made_here_comes_first_and_nothing_has_left(
    app: AppTest, server: ChatServer
) -> None:
    assert not app.exception
    assert app.session_state["conversation"][0].outcome.model == "extractive"
    assert wording.ALERTS["identite"] in [w.value for w in app.warning]
    assert server.bodies == []


def test_the_text_shown_is_the_text_that_leaves(app: AppTest, server: ChatServer) -> None:
    app.button(key="apercu").click().run()
    shown = next(c.value for c in app.code if "[TELEPHONE 1]" in c.value)
    assert PHONE not in shown and "Que risque le kiné" in shown
    assert server.bodies == []
    app.button(key="envoyer").click().run()
    assert not app.exception
    assert len(server.bodies) >= 1
    for message in server.bodies[0]["messages"]:
        assert message["content"].strip() in shown
    assert PHONE not in server.sent()


def test_a_verified_sentence_takes_the_place_of_the_answer(
    app: AppTest, server: ChatServer
) -> None:
    app.button(key="apercu").click().run()
    app.button(key="envoyer").click().run()
    turn = app.session_state["conversation"][0]
    assert turn.outcome.model == "openai:scripted"
    assert "d’un an d’emprisonnement" in turn.outcome.sentences[0].text
    assert not [b for b in app.button if b.key == "apercu"]


def test_declining_sends_nothing(app: AppTest, server: ChatServer) -> None:
    app.button(key="apercu").click().run()
    app.button(key="garder-local").click().run()
    assert server.bodies == []
    assert app.button(key="apercu")
    assert not any("[TELEPHONE" in c.value for c in app.code)


@pytest.mark.parametrize("server", [(Reply(status=500),)], indirect=True)
def test_a_failed_model_leaves_the_answer_made_here_and_says_why(
    app: AppTest, server: ChatServer
) -> None:
    app.button(key="apercu").click().run()
    app.button(key="envoyer").click().run()
    assert not app.exception
    assert app.session_state["conversation"][0].outcome.model == "extractive"
    assert any(PROBLEMS["server"][:30] in i.value.replace("\\", "") for i in app.info)


def test_each_question_asks_for_its_own_agreement(app: AppTest, server: ChatServer) -> None:
    app.button(key="apercu").click().run()
    app.chat_input[0].set_value("Que dit l’article R. 4321-55 ?").run()
    assert not [b for b in app.button if b.key == "envoyer"]
    assert server.bodies == []
