"""A chat model behind the whole engine: only what is answered leaves, and a fault loses nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import wording_model
from qa.__main__ import main
from qa.answer import Answer
from qa.pipeline import Engine
from tests.chat_server import ChatServer, Passages, Reply, phrases, serve

QUESTION = "Mon patient M. Dupont m’a délié du secret par écrit, puis-je parler ?"
RULE = "Le patient ne peut délier le masseur-kinésithérapeute de son obligation de secret."


@pytest.fixture(scope="module")
def index_folder(real_root: Path) -> Path:
    return real_root


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    with serve(Reply(_rule), Reply(_rule)) as running:
        monkeypatch.setenv("SECRETPRO_MODEL_BASE_URL", f"{running.url}/v1")
        yield running


def _rule(passages: Passages) -> str:
    key = next(k for k, row in passages.items() if RULE in row["texte"])
    return phrases(
        ("Non : le patient ne peut délier le kinésithérapeute du secret.", [(key, RULE)])
    )


@pytest.mark.slow
def test_the_model_answers_behind_the_gate_and_no_name_leaves(
    index_folder: Path, server: ChatServer
) -> None:
    outcome = Engine.open(index_folder, "openai:scripted").ask(QUESTION)
    assert isinstance(outcome, Answer)
    assert outcome.model == "openai:scripted"
    assert [c.quote for c in outcome.citations] == [RULE]
    assert all(c.verified for c in outcome.citations)
    assert "Dupont" not in server.sent()


def test_a_refusal_is_never_sent(index_folder: Path, server: ChatServer) -> None:
    engine = Engine.open(index_folder, "openai:scripted")
    assert not engine.ask("Quelle est la recette de la tarte aux pommes ?").answered
    assert not engine.ask("Donne-moi le nom de la patiente de la décision de 2021").answered
    assert server.bodies == []


def test_without_a_model_nothing_is_sent(index_folder: Path, server: ChatServer) -> None:
    assert Engine.open(index_folder).ask(QUESTION).answered
    assert server.bodies == []


@pytest.mark.slow
def test_a_fault_of_the_model_leaves_the_extractive_answer_and_says_so(
    index_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(Reply("", status=401)) as running:
        monkeypatch.setenv("SECRETPRO_MODEL_BASE_URL", f"{running.url}/v1")
        outcome = Engine.open(index_folder, "openai:scripted").ask(QUESTION)
    assert isinstance(outcome, Answer)
    assert outcome.model == "extractive"
    assert RULE in " ".join(sentence.text for sentence in outcome.sentences)
    assert any(wording_model.PROBLEMS["key"] in warning for warning in outcome.warnings)


@pytest.mark.slow
def test_the_command_line_sends_nothing_before_it_is_agreed(
    index_folder: Path, server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["ask", QUESTION, "--model", "openai:scripted", "--index", str(index_folder)]
    assert main(argv) == 2
    assert "--yes" in capsys.readouterr().err
    assert server.bodies == []
    assert main([*argv, "--yes"]) == 0
    assert RULE.split()[-1] in capsys.readouterr().out
    # By its default action, a service that closed its connection would end us.
    assert signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN
