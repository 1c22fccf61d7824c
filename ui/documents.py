"""Page « Documents » (staff): what may be cited, how it enters and leaves, and the index of it."""

from __future__ import annotations

import streamlit as st

import settings
from corpus.errors import CorpusError
from index.errors import SearchIndexError
from ui import arrivals, journal, library, upkeep
from ui import wording_staff as wording
from ui.access import allows, require
from ui.acts import signature
from ui.components import page_title
from ui.engine import engine

_SHOWN = {"library": library.show, "add": arrivals.show, "index": upkeep.show,
          "journal": journal.show}  # fmt: skip


def page() -> None:
    """Draw the page."""
    who = require("staff")
    page_title(wording.DOCUMENTS_TITLE, wording.DOCUMENTS_LEAD)
    with st.container(key="personnel"):
        if not signature(who):
            st.info(wording.SIGNATURE_MISSING)
        told = st.session_state.pop("dit", None)
        if told:
            st.success(told)
        try:
            _stale()
            tabs = [
                t for t in wording.DOCUMENTS_TABS if t != "journal" or allows(who.role, "admin")
            ]
            chosen = st.segmented_control(
                wording.DOCUMENTS_TITLE, tabs, default="library", key="onglet",
                format_func=wording.DOCUMENTS_TABS.__getitem__, label_visibility="collapsed",
            )  # fmt: skip
            _SHOWN[chosen or "library"]()
        except CorpusError as error:
            st.error(library.in_french(error))


def _stale() -> None:
    """Say it when the documents are no longer those of the index; an index at fault says itself."""
    try:
        documents = engine().index.documents
    except (SearchIndexError, settings.SettingsError):
        return
    if library.stale({d.source.id: d.source.sha256 for d in documents}):
        st.warning(wording.STALE)


if __name__ == "__main__":
    page()
