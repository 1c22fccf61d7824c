"""An answer in its parts, or a refusal with its pointers; then references, copies and files."""

from __future__ import annotations

from functools import partial

import streamlit as st

from index.open import Index
from qa.answer import Answer, Citation, Outcome, Refusal, Sentence
from qa.privacy import looks_identifying
from ui import conversation, norms, wording
from ui.components import contact, copyable, rank_badge, source_of
from ui.conversation import Turn
from ui.escape import escape
from ui.export import MEDIA, as_file
from ui.report import compose, plain_text


def show(index: Index, number: int, turn: Turn, *, last: bool) -> None:
    """Draw one turn; only the last one announces itself and offers its files."""
    outcome = turn.outcome
    with st.container(key=f"question-{number}"):
        st.caption(wording.QUESTION_LABEL)
        draw = st.title if last else st.header
        draw(escape(outcome.question), anchor=False)
    if last:
        with st.container(key=f"annonce-{number}"):
            lines = [summary(outcome)]
            if isinstance(outcome, Answer):
                lines.append(wording.SOURCES.format(refs=_sources(outcome)))
                lines.append(wording.BEFORE_ACTING.format(url=wording.CDO_URL))
            st.caption("\\\n".join(lines))
    _alerts(outcome)
    if isinstance(outcome, Answer):
        _parts(outcome, number)
        _references(index, outcome.citations, number, wording.REFERENCES)
    else:
        _refusal(index, outcome, number)
    contact(str(number))
    if last and isinstance(outcome, Answer):
        _keep(index, turn)


def summary(outcome: Outcome) -> str:
    """One line that says what came, for the eye and for a screen reader."""
    if isinstance(outcome, Refusal):
        return wording.REFUSED
    return wording.READY.format(
        sentences=wording.count(wording.READY_SENTENCES, len(outcome.sentences)),
        citations=wording.count(wording.READY_CITATIONS, len(outcome.citations)),
    )


def _sources(answer: Answer) -> str:
    """Markdown: what the answer rests on, the highest norm first; the guide named once."""
    ordered = sorted(answer.citations, key=lambda c: norms.RANKS.index(norms.rank(c.hit.passage)))
    named = (
        wording.SOURCE_GUIDE if c.hit.passage.kind == "guide" else escape(c.hit.passage.ref)
        for c in ordered
    )
    return " · ".join(dict.fromkeys(named))


def _alerts(outcome: Outcome) -> None:
    codes = set(outcome.alerts)
    if looks_identifying(outcome.question):
        codes.add("identite")
    texts = [text for code, text in wording.ALERTS.items() if code in codes]
    if texts:
        with st.container():
            for text in texts:
                st.warning(text)
    for warning in outcome.warnings:
        st.info(escape(warning))


def _parts(answer: Answer, number: int) -> None:
    refs = {c.n: norms.label(c.hit.passage) for c in answer.citations}
    for role in dict.fromkeys(sentence.role for sentence in answer.sentences):
        sentences = [(i, s) for i, s in enumerate(answer.sentences) if s.role == role]
        with st.container(key=f"partie-{number}-{role}"):
            st.header(wording.PARTS[role], anchor=False)
            for i, sentence in sentences:
                _sentence(sentence, refs, number, i)


def _sentence(sentence: Sentence, refs: dict[int, str], number: int, i: int) -> None:
    # The style sheet sets what is in this container on one line: text, then its numbers.
    with st.container(key=f"phrase-{number}-{i}"):
        st.markdown(escape(sentence.text))
        for n in sentence.citations:
            _number(n, refs[n], number, f"renvoi-{number}-{i}-{n}")


def _number(n: int, ref: str, number: int, key: str) -> None:
    """A citation's number; what follows it is read aloud and not drawn (style sheet)."""
    opened = conversation.opened()
    current = opened is not None and (opened.turn, opened.n) == (number, n)
    st.button(
        f"{n} :small[{wording.CITATION_HELP.format(ref=escape(ref))}]",
        key=key,
        type="primary" if current else "secondary",
        on_click=conversation.open_citation,
        args=(number, n),
    )


def _references(
    index: Index, citations: tuple[Citation, ...], number: int, title: str, lead: str = ""
) -> None:
    with st.container(key=f"references-{number}"):
        st.header(title, anchor=False)
        if lead:
            st.caption(lead)
        ordered = sorted(
            citations, key=lambda c: (norms.RANKS.index(norms.rank(c.hit.passage)), c.n)
        )
        for citation in ordered:
            passage = citation.hit.passage
            with st.container(key=f"reference-{number}-{citation.n}"):
                ref = escape(norms.label(passage))
                _number(citation.n, norms.label(passage), number, f"liste-{number}-{citation.n}")
                st.markdown(f"**{ref}** {rank_badge(passage)}")
                st.caption(escape(norms.origin(source_of(index, passage), passage)))
        if len(ordered) > 1:
            st.caption(wording.RANK_ORDER)


def _refusal(index: Index, refusal: Refusal, number: int) -> None:
    with st.container(key=f"refus-{number}", border=True):
        st.header(wording.REFUSAL_TITLES[refusal.reason], anchor=False)
        st.markdown(escape(refusal.message))
        st.link_button(wording.CDO_LABEL, wording.CDO_URL)
    if refusal.pointers:
        _references(
            index, refusal.pointers, number, wording.REFUSAL_POINTERS,
            wording.REFUSAL_POINTERS_LEAD,
        )  # fmt: skip


def _keep(index: Index, turn: Turn) -> None:
    report = compose(index, turn)
    name = wording.FILE_NAME.format(day=turn.day.isoformat())
    with st.container(key="garder"):
        st.header(wording.EXPORT, anchor=False)
        copyable(wording.COPY_ALL, plain_text(report), key="tout")
        with st.container(horizontal=True):
            for kind, label in wording.EXPORTS.items():
                suffix, media = MEDIA[kind]
                st.download_button(
                    label,
                    data=partial(as_file, kind, report),
                    file_name=name + suffix,
                    mime=media,
                    on_click="ignore",
                    key=f"fichier-{kind}",
                )
            st.button(wording.PRINT, key="imprimer", type="tertiary")
        st.caption(wording.EXPORT_LEAD)
