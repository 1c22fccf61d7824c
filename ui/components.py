"""What several pages share: emergency numbers, the line that dates a text, copying, the contact."""

from __future__ import annotations

import streamlit as st

from corpus.passage import Passage, Source
from index.open import Index
from ui import norms, wording
from ui.escape import escape


def emergency_line() -> None:
    """The numbers to call, at the top of every page."""
    st.html(wording.EMERGENCY_LINE)


def emergency_box() -> None:
    """The same, above everything, when a life may be at stake."""
    with st.container(key="urgence"):
        st.html(wording.EMERGENCY_BOX)


def contact(key: str = "page") -> None:
    """What the service is not, and who to ask."""
    with st.container(key=f"contact-{key}"):
        st.markdown(f"{wording.NOT_ADVICE} [{wording.CDO_LABEL}]({wording.CDO_URL})")


def page_title(title: str, lead: str | None = None) -> None:
    """Heading of a page; both are constants of :mod:`ui.wording`."""
    with st.container(key="titre"):
        st.title(title, anchor=False)
        if lead:
            st.markdown(lead)


def rank_badge(passage: Passage) -> str:
    """Markdown: which kind of norm this is, in words, never by colour alone."""
    return f":gray-badge[{wording.RANKS[norms.rank(passage)]}]"


def source_of(index: Index, passage: Passage) -> Source:
    """The document that a passage comes from."""
    return next(d.source for d in index.documents if d.source.id == passage.source)


def breadcrumb(passage: Passage) -> str:
    """Markdown: the headings above a passage."""
    return " › ".join(escape(heading) for heading in passage.section)


def passage_link(passage: Passage, label: str) -> None:
    """A link to the passage's own page, which stays valid; ``label`` is plain text."""
    st.page_link("source.py", label=escape(label), query_params={"id": passage.id})


def document_link(passage: Passage) -> None:
    """A link to the passage in the document that it comes from."""
    st.page_link("read.py", label=wording.OPEN_IN_DOCUMENT, query_params={"id": passage.id})


def copyable(title: str, text: str, *, key: str) -> None:
    """A folded block of text, with a button that copies it."""
    with st.container(key=f"copie-{key}"), st.expander(title):
        st.code(text, language=None, wrap_lines=True)
