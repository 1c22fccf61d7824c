"""Page « À propos »: what the service is and is not, and what becomes of questions."""

from __future__ import annotations

import streamlit as st

import settings
from ui import wording
from ui.components import contact, page_title
from ui.engine import require_index
from ui.escape import escape


def page() -> None:
    """Draw the page."""
    page_title(wording.ABOUT_TITLE)
    with st.container(key="apropos"):
        is_, is_not = st.columns(2, gap="large")
        is_.header(wording.ABOUT_IS_TITLE, anchor=False)
        is_.markdown(wording.ABOUT_IS)
        is_not.header(wording.ABOUT_IS_NOT_TITLE, anchor=False)
        is_not.markdown(wording.ABOUT_IS_NOT)
        st.header(wording.ABOUT_RANKS_TITLE, anchor=False)
        st.markdown(wording.ABOUT_RANKS)
        st.header(wording.ABOUT_PRIVACY_TITLE, anchor=False)
        st.markdown(wording.ABOUT_PRIVACY)
        st.header(wording.ABOUT_HELP_TITLE, anchor=False)
        st.markdown(wording.ABOUT_HELP)
        _documents()
        contact()


def _documents() -> None:
    st.header(wording.ABOUT_DOCUMENTS_TITLE, anchor=False)
    index = require_index()
    for document in index.documents:
        source = document.source
        detail = [source.publisher, source.version, source.date, source.provenance]
        st.markdown(f"**{escape(source.title)}**")
        st.caption(" · ".join(escape(part) for part in detail if part))
    model = settings.load().model
    st.caption(
        wording.ABOUT_INDEX.format(
            generation=escape(index.generation or wording.UNKNOWN_GENERATION),
            passages=len(index.passages),
        )
        + " · "
        + wording.ABOUT_MODEL.get(model, wording.ABOUT_MODEL_OTHER.format(model=escape(model)))
    )


if __name__ == "__main__":
    page()
