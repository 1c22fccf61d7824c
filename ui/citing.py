"""What a passage cites, and which passages cite it, each one press away."""

from __future__ import annotations

from datetime import date

import streamlit as st

from corpus.passage import Passage
from index.open import Index
from ui import norms, wording
from ui.components import passage_link
from ui.escape import escape

_MOST = 20_000  # passages: a larger index lies in a database, and is not read whole for a page


def citing(index: Index, passage: Passage, *, key: str) -> None:
    """Draw both lists, folded; nothing when both are empty."""
    if len(index.passages) > _MOST:
        return
    cites = index.graph.cites(passage, date.today().isoformat())
    cited_by = index.graph.cited_by(passage)
    if not cites and not cited_by:
        return
    with st.container(key=f"citant-{key}"), st.expander(wording.CITING):
        if cites:
            st.caption(wording.CITES)
        for link in cites:
            if link.passages:
                passage_link(link.passages[0], link.ref)
            else:
                st.markdown(f"{escape(link.ref)} ({wording.READ_NOT_QUOTED})")
        if cited_by:
            st.caption(wording.CITED_BY)
        for other in cited_by:
            passage_link(other, f"{norms.label(other)} · {other.section[-1]}"
                         if other.section else norms.label(other))  # fmt: skip
