"""A passage shown in its section: what stands before and after it, and the quote highlighted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from corpus.passage import Passage
from index.open import Index
from qa.answer import Citation
from ui import conversation, norms, wording
from ui.citing import citing
from ui.components import breadcrumb, copyable, document_link, passage_link, rank_badge, source_of
from ui.escape import Span, escape, prose


def neighbours(index: Index, passage: Passage) -> tuple[Passage | None, Passage | None]:
    """The passages before and after, in the order of the document."""
    own = sorted((p for p in index.passages if p.source == passage.source), key=lambda p: p.start)
    at = next(i for i, p in enumerate(own) if p.id == passage.id)
    return own[at - 1] if at else None, own[at + 1] if at + 1 < len(own) else None


def heading(index: Index, passage: Passage, *, of_page: bool = False) -> None:
    """Reference, rank, origin with version and date, and the headings above."""
    draw = st.title if of_page else st.header
    draw(escape(norms.label(passage)), anchor=False)
    st.markdown(rank_badge(passage))
    st.caption(escape(norms.origin(source_of(index, passage), passage)))
    st.caption(breadcrumb(passage))


def in_section(index: Index, passage: Passage, marks: Sequence[Span], *, key: str) -> None:
    """The text, between what stands around it in the same section."""
    before, after = neighbours(index, passage)
    with st.container(key=f"lecture-{key}"):
        if before is not None and before.section == passage.section:
            _context(before, f"avant-{key}")
        with st.container(key=f"passage-{key}"):
            st.markdown(prose(passage.text, marks))
        if after is not None and after.section == passage.section:
            _context(after, f"apres-{key}")


def _context(passage: Passage, key: str) -> None:
    with st.container(key=f"contexte-{key}"):
        st.markdown(prose(passage.text))


def citation_text(index: Index, citation: Citation) -> str:
    """Plain text of one citation, to be pasted elsewhere."""
    passage = citation.hit.passage
    origin = norms.origin(source_of(index, passage), passage)
    return f"« {citation.quote} »\n{norms.label(passage)} ({origin})"


def panel(index: Index, citation: Citation) -> None:
    """What is open beside the answer."""
    opened = conversation.opened()
    if opened is None:
        return
    cited = citation.hit.passage
    # The passage of the answer itself when it is the cited one: the index may be newer by now.
    shown = cited if opened.passage_id == cited.id else _known(index, opened.passage_id, cited)
    is_cited = shown.id == cited.id
    with st.container(key="volet"):
        st.markdown(f"**{wording.PANEL_CITATION.format(n=citation.n)}**")
        heading(index, shown)
        marks = [(citation.start - cited.start, citation.end - cited.start)] if is_cited else []
        if _stands(index, shown):
            in_section(index, shown, marks, key="volet")
            _steps(index, shown)
        else:
            with st.container(key="passage-volet"):
                st.markdown(prose(shown.text, marks))
        citing(index, shown, key="volet")
        if is_cited:
            copyable(wording.COPY_CITATION, citation_text(index, citation), key="citation")
        with st.container(horizontal=True, key="liens-volet"):
            document_link(shown)
            passage_link(shown, wording.PERMANENT_LINK)
        st.button(wording.BACK_TO_ANSWER, key="retour", type="tertiary")  # on a phone only


def _known(index: Index, passage_id: str, otherwise: Passage) -> Passage:
    return next((p for p in index.passages if p.id == passage_id), otherwise)


def _stands(index: Index, passage: Passage) -> bool:
    """Whether the index still holds this very passage."""
    return any(p.id == passage.id and p.text == passage.text for p in index.passages)


def _steps(index: Index, shown: Passage) -> None:
    before, after = neighbours(index, shown)
    with st.container(horizontal=True, horizontal_alignment="distribute", key="pas-volet"):
        steps = ((before, wording.PREVIOUS, "avant"), (after, wording.NEXT, "apres"))
        for other, label, name in steps:
            st.button(
                label,
                key=f"aller-{name}",
                type="tertiary",
                disabled=other is None,
                on_click=conversation.open_passage,
                args=(other.id if other else "",),
            )
