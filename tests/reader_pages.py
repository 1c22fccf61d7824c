"""The readers' pages over the real index: what their tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from index.encoder import load_encoder
from index.open import Index, open_index

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
