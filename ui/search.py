"""Page « Chercher »: passages by meaning, words or reference, and why each was found."""

from __future__ import annotations

import re
from datetime import date

import streamlit as st

from corpus.passage import KINDS, Passage
from index.hit import Hit
from index.open import Index
from ui import norms, wording
from ui.components import breadcrumb, page_title, passage_link, rank_badge, source_of
from ui.engine import require_index
from ui.escape import Span, escape, prose

_WIDEST = 200  # candidates looked through when filtering by article
_SHOWN = (10, 20, 50)


def page() -> None:
    """Draw the page."""
    index = require_index()
    page_title(wording.SEARCH_TITLE, wording.SEARCH_LEAD)
    with st.container(key="chercher"):
        query = st.text_input(
            wording.SEARCH_INPUT, placeholder=wording.SEARCH_PLACEHOLDER, key="recherche"
        )
        with st.expander(wording.SEARCH_FILTERS):
            kinds, sources, day, article, limit = _filters(index)
    if not query.strip():
        return
    wide = article is not None
    hits = index.retriever.search(
        query, _WIDEST if wide else limit, kinds=kinds, sources=sources, day=day
    )
    if article is not None:
        hits = tuple(h for h in hits if article in (h.passage.ref, *h.passage.cites))[:limit]
    with st.container(key="annonce-recherche"):
        st.caption(wording.count(wording.SEARCH_COUNT, len(hits)) if hits else wording.SEARCH_NONE)
    for hit in hits:
        _result(index, hit)


def _filters(
    index: Index,
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None, str | None, str | None, int]:
    titles = {d.source.id: d.source.title for d in index.documents}
    left, middle, right = st.columns(3)
    kinds = left.pills(
        wording.SEARCH_KINDS, KINDS, selection_mode="multi", format_func=wording.KINDS.__getitem__
    )
    chosen = middle.multiselect(
        wording.SEARCH_SOURCES, list(titles), placeholder=wording.SEARCH_ANY,
        format_func=lambda source: titles[source],
    )  # fmt: skip
    article = right.selectbox(
        wording.SEARCH_ARTICLE, articles(index), index=None, placeholder=wording.SEARCH_ANY
    )
    day: date | None = left.date_input(
        wording.SEARCH_DAY, value=None, format="DD/MM/YYYY",
        min_value=date(1800, 1, 1), max_value=date(2100, 1, 1),  # else ten years around today
    )  # fmt: skip
    limit = middle.segmented_control(wording.SEARCH_MORE, _SHOWN, default=_SHOWN[0]) or _SHOWN[0]
    return (
        tuple(kinds) or None,
        tuple(chosen) or None,
        day.isoformat() if day else None,
        article,
        limit,
    )


def articles(index: Index) -> list[str]:
    """Every article that a passage reproduces or cites, sorted by code and number."""
    refs = {p.ref for p in index.passages if p.kind == "article"}
    refs |= {ref for p in index.passages for ref in p.cites if ", art. " in ref}
    return sorted(refs, key=_natural)


def _natural(ref: str) -> tuple[str | int, ...]:
    code, _, number = ref.partition(", art. ")
    digits = tuple(int(part) for part in re.findall(r"\d{1,6}", number))
    return (code, re.sub(r"[\d\s.-]", "", number), *digits)


def _result(index: Index, hit: Hit) -> None:
    passage = hit.passage
    with st.container(key=f"resultat-{hit.rank}"):
        passage_link(passage, norms.label(passage))
        st.markdown(f"{rank_badge(passage)} :small[{breadcrumb(passage)}]")
        st.markdown(prose(passage.text, matched_spans(passage, hit.matched)))
        st.caption(f"{wording.WHY} {reasons(hit)} · {_origin(index, passage)}")


def _origin(index: Index, passage: Passage) -> str:
    return escape(norms.origin(source_of(index, passage), passage))


def reasons(hit: Hit) -> str:
    """Markdown: what brought this passage, the strongest first."""
    found = []
    for name, _ in sorted(hit.signals.items(), key=lambda item: -item[1]):
        if hit.signals[name] <= 0:
            continue
        if name == "bm25" and hit.matched:
            words = ", ".join(escape(word) for word in hit.matched)
            found.append(wording.WHY_WORDS.format(words=words))
        elif name in wording.WHY_SIGNALS:
            found.append(wording.WHY_SIGNALS[name])
    return ", ".join(found)


def matched_spans(passage: Passage, words: tuple[str, ...]) -> list[Span]:
    """Where the words of the query stand in the passage, whole words only, any case."""
    wanted = {word.casefold() for word in words}
    return [m.span() for m in re.finditer(r"\w+", passage.text) if m.group().casefold() in wanted]


if __name__ == "__main__":
    page()
