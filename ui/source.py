"""Page « Source »: one passage under an address that stays valid, ``/source?id=…``."""

from __future__ import annotations

import streamlit as st

from ui import norms, wording
from ui.citing import citing
from ui.components import copyable, document_link, page_title, passage_link, source_of
from ui.engine import require_index
from ui.passage import heading, in_section, neighbours


def page() -> None:
    """Draw the page."""
    index = require_index()
    asked = st.query_params.get("id")
    passage = next((p for p in index.passages if p.id == asked), None)
    if passage is None:
        page_title(
            wording.SOURCE_MISSING if asked else wording.SOURCE,
            wording.SOURCE_MISSING_LEAD if asked else wording.SOURCE_NONE,
        )
        st.page_link("search.py", label=wording.SOURCE_SEARCH)
        return
    with st.container(key="source"):
        heading(index, passage, of_page=True)
        in_section(index, passage, (), key="source")
        before, after = neighbours(index, passage)
        with st.container(horizontal=True, key="pas-source"):
            if before is not None:
                passage_link(before, wording.PREVIOUS)
            if after is not None:
                passage_link(after, wording.NEXT)
            document_link(passage)
        citing(index, passage, key="source")
        origin = norms.origin(source_of(index, passage), passage)
        text = f"« {passage.text} »\n{norms.label(passage)} ({origin})"
        copyable(wording.COPY_CITATION, text, key="source")


if __name__ == "__main__":
    page()
