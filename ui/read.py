"""Page « Lire »: documents with their contents, articles with who cites them, decisions."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from corpus.passage import Document, Passage
from index.open import Index
from ui import norms, versions, wording
from ui.components import breadcrumb, page_title, passage_link, rank_badge, source_of
from ui.engine import require_index
from ui.escape import escape, prose
from ui.outline import Heading, outline, parts
from ui.search import articles

_WHOLE = 200  # passages: beyond that a document is read one part at a time


def page() -> None:
    """Draw the page."""
    index = require_index()
    page_title(wording.READ_TITLE)
    tabs = (wording.TAB_GUIDE, wording.TAB_ARTICLES, wording.TAB_DECISIONS)
    tab = st.segmented_control(
        wording.READ_CHOICE, tabs, default=tabs[0], label_visibility="collapsed", key="lire-quoi"
    )
    if tab == wording.TAB_ARTICLES:
        _articles(index)
    elif tab == wording.TAB_DECISIONS:
        _decisions(index)
    else:
        _document(index)


def _document(index: Index) -> None:
    target = next((p for p in index.passages if p.id == st.query_params.get("id")), None)
    documents = list(index.documents)
    chosen = documents[0]
    if len(documents) > 1:
        ids = [d.source.id for d in documents]
        first = ids.index(target.source) if target else 0
        chosen = st.selectbox(
            wording.READ_CHOICE, documents, index=first, format_func=lambda d: d.source.title
        )
    _document_text(chosen, target)


def _document_text(document: Document, target: Passage | None) -> None:
    passages = sorted(document.passages, key=lambda p: p.start)
    if len(passages) > _WHOLE:
        named = parts(passages)
        at = next((i for i, (_, own) in enumerate(named) if target in own), 0)
        picked = st.selectbox(
            wording.READ_SECTION, range(len(named)), index=at, format_func=lambda i: named[i][0]
        )
        passages = list(named[picked][1])
    headings = outline(passages)
    contents, text = st.columns([3, 8], gap="large")
    with contents, st.container(key="sommaire"):
        st.markdown(f"**{wording.READ_CONTENTS}**")
        st.markdown(_contents(headings))
    with text:
        st.header(escape(document.source.title), anchor=False)
        if document.source.publisher:
            st.caption(escape(document.source.publisher))
        for n, own in enumerate(_runs(passages)):
            for heading in headings:
                if heading.first is own[0]:
                    _heading(heading)
            _run(own, n, target)


def _contents(headings: list[Heading]) -> str:
    return "\n".join(
        f"{'  ' * heading.level}- [{escape(heading.text)}](#{heading.anchor})"
        for heading in headings
    )


def _heading(heading: Heading) -> None:
    draw = (st.header, st.subheader, st.subheader)[min(heading.level, 2)]
    draw(escape(heading.text), anchor=heading.anchor)


def _runs(passages: list[Passage]) -> list[list[Passage]]:
    """Passages that follow each other in the same section, article or decision."""
    return [list(own) for _, own in groupby(passages, key=lambda p: (p.kind, p.ref, p.section))]


def _run(own: list[Passage], n: int, target: Passage | None) -> None:
    """Guide prose runs on; an article or a decision is boxed and named, never mistaken for it."""
    first = own[0]
    kind = {"guide": "prose", "article": "article", "decision": "decision"}[first.kind]
    with st.container(key=f"{kind}-{n}"):
        if first.kind != "guide":
            st.markdown(f"**{escape(first.ref)}** {rank_badge(first)}")
        for i, passage in enumerate(own):
            mark = f"cible-{n}" if passage is target else f"suite-{n}-{i}"
            with st.container(key=mark), st.container(key=f"texte-{n}-{i}"):
                st.markdown(prose(passage.text))


def _articles(index: Index) -> None:
    quoted = {p.ref for p in index.passages if p.kind == "article"}
    every = articles(index)
    ordered = [r for r in every if r in quoted] + [r for r in every if r not in quoted]
    with st.container(key="choix"):
        ref = st.selectbox(
            wording.TAB_ARTICLES, ordered, label_visibility="collapsed",
            format_func=lambda r: r if r in quoted else f"{r} ({wording.READ_NOT_QUOTED})",
        )  # fmt: skip
    own = [p for p in index.passages if p.kind == "article" and p.ref == ref]
    if own:
        _article(index, own)
    else:
        st.markdown(wording.READ_ONLY_CITED_LEAD)
    _cited_by(index, ref)


def _article(index: Index, own: list[Passage]) -> None:
    by_version = versions.group(own)
    shown = by_version[-1]
    with st.container(key="article-lu"):
        st.markdown(f"**{escape(shown[0].ref)}** {rank_badge(shown[0])}")
        st.caption(escape(norms.origin(source_of(index, shown[0]), shown[0])))
        with st.container(key="texte-article"):
            for passage in shown:
                st.markdown(prose(passage.text))
    if len(by_version) > 1:
        _compare(index, by_version)


def _compare(index: Index, by_version: list[tuple[Passage, ...]]) -> None:
    names = versions.names(by_version, {d.source.id: d.source.title for d in index.documents})
    st.header(wording.READ_VERSIONS, anchor=False)
    left, right = st.columns(2)
    numbers = range(len(by_version))
    old = left.selectbox(wording.READ_VERSION_LEFT, numbers, index=0, format_func=names.__getitem__)
    new = right.selectbox(
        wording.READ_VERSION_RIGHT,
        numbers,
        index=len(by_version) - 1,
        format_func=names.__getitem__,
    )
    changes = versions.compare(by_version[old], by_version[new])
    if all(change.kind == "same" for change in changes):
        st.markdown(wording.READ_SAME)
        return
    st.caption(wording.READ_COMPARE_KEY)
    with st.container(key="texte-compare"):
        st.markdown(versions.as_markdown(changes))


def _cited_by(index: Index, ref: str) -> None:
    st.header(wording.READ_CITED_BY, anchor=False)
    citing = index.graph.citing(ref)
    if not citing:
        st.caption(wording.READ_CITED_BY_NONE)
    for n, passage in enumerate(citing):
        with st.container(key=f"cite-{n}"):
            passage_link(passage, norms.label(passage))
            st.caption(breadcrumb(passage))


def _decisions(index: Index) -> None:
    by_ref: dict[str, list[Passage]] = {}
    for passage in index.passages:
        if passage.kind == "decision":
            by_ref.setdefault(passage.ref, []).append(passage)
    for n, own in enumerate(sorted(by_ref.values(), key=lambda ps: ps[0].date or "", reverse=True)):
        with st.container(key=f"decision-lue-{n}"):
            passage_link(own[0], own[0].ref)
            st.caption(escape(norms.origin(source_of(index, own[0]), own[0])))
            with st.container(key=f"texte-decision-{n}"):
                for passage in own:
                    st.markdown(prose(passage.text))


if __name__ == "__main__":
    page()
