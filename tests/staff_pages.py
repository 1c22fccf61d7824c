"""An installation of its own, behind its pages: what the tests of the staff's pages share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from corpus.library import DEFAULT_FOLDER
from qa.audit import Trail, verify
from tests.real_index import real_index

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "Que risque un kinésithérapeute qui viole le secret professionnel ?"
NOTE = "# Note du conseil\n\nLe remplaçant est tenu au secret comme le titulaire du cabinet.\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own: sources, index, data."""
    shutil.copytree(DEFAULT_FOLDER, tmp_path / "sources")
    shutil.copytree(real_index(), tmp_path / "store")
    monkeypatch.setenv("SECRETPRO_SOURCES", str(tmp_path / "sources"))
    monkeypatch.setenv("SECRETPRO_INDEX", str(tmp_path / "store"))
    monkeypatch.setenv("SECRETPRO_DATA", str(tmp_path / "data"))
    st.cache_resource.clear()
    yield tmp_path
    st.cache_resource.clear()


@pytest.fixture
def shared(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, behind OpenID Connect."""
    monkeypatch.setenv("SECRETPRO_AUTH", "oidc")
    monkeypatch.setenv("SECRETPRO_HOSTS", "secret.exemple.fr")
    monkeypatch.setenv("SECRETPRO_STAFF", "Staff@cdo.fr,second@cdo.fr")
    monkeypatch.setenv("SECRETPRO_ADMINS", "admin@cdo.fr")
    return place


def claims(address: str, verified: object = True, logged: object = True) -> dict[str, Any]:
    return {"email": address, "email_verified": verified, "is_logged_in": logged}


def page(script: str, user: dict[str, Any] | None = None) -> AppTest:
    """A page run alone, as somebody who goes round the navigation would."""
    app = AppTest.from_file(str(ROOT / "ui" / script), default_timeout=60)
    app.user = user or {}
    return app.run()


def shell(script: str, user: dict[str, Any] | None = None) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    app.user = user or {}
    app.run()
    return app.switch_page(script).run()


def texts(app: AppTest) -> str:
    shown = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.error,
             *app.success, *app.warning, *app.info]  # fmt: skip
    return "\n".join(element.value for element in shown)


def acts(place: Path) -> list[tuple[str, str, str | None]]:
    trail = Trail(place / "data" / "audit.jsonl")
    assert verify(trail) == ()
    return [(entry.who, entry.act, entry.document) for entry in trail.entries()]


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label.startswith(label)).click()
    app.run()
    assert not app.exception
    return app
