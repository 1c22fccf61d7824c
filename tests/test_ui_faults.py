"""What a page says when the installation is not whole."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
import streamlit as st
from reader_pages import _caches, _settings, app, index, store
from streamlit.testing.v1 import AppTest

from ui import server, wording

__all__ = ["_caches", "_settings", "app", "index", "store"]


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
    assert "ValueError at" in caplog.text and "test_ui_faults.py" in caplog.text
