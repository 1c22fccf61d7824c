"""One answer under review: what its author read, each citation in its place, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from index.open import Index
from qa.errors import ReviewError
from qa.review_export import ABSTAIN_KINDS, ANSWER_KINDS
from qa.reviews import (
    CITATION_VERDICTS,
    LONGEST_COMMENT,
    ON_REFUSAL,
    VERDICTS,
    CitationJudgement,
    Judgement,
    Submission,
)
from ui import wording as words
from ui import wording_staff as wording
from ui.access import allows, current_role
from ui.acts import acting
from ui.components import passage_link, rank_badge
from ui.engine import require_index
from ui.escape import escape
from ui.passage import in_section
from ui.submit import reviews

_OPENED = "a_verifier"
_SAVED = "avis_enregistre"


def show(number: int, reviewer: str) -> None:
    """Draw the review of one answer.

    Raises:
        ReviewError: It was deleted, or the database does not answer.
    """
    kept = reviews().get(number)
    given = {one.reviewer: one for one in reviews().judgements(number)}
    index = require_index()
    if st.session_state.pop(_SAVED, None) == number:
        st.success(wording.VERIFY_SIGNED)
    _answer(index, kept)
    if reviewer:
        _form(index, kept, reviewer, given.get(reviewer))
        _others(reviewer, given, kept)
    else:
        st.info(wording.SIGNATURE_MISSING)
        for citation in kept.citations:
            _citation(index, citation)
    if allows(current_role(), "admin"):
        _delete(kept)


def _answer(index: Index, kept: Submission) -> None:
    outcome = kept.outcome
    with st.container(key=f"question-v{kept.id}"):
        st.caption(wording.VERIFY_QUESTION)
        st.header(escape(kept.question), anchor=False)
    model = str(outcome.get("model"))
    st.caption(wording.VERIFY_FROM.format(
        generation=escape(str(outcome.get("generation") or words.UNKNOWN_GENERATION)),
        model=words.EXPORT_MODEL.get(
            model, words.EXPORT_MODEL_OTHER.format(model=escape(model))
        ),
    ))  # fmt: skip
    if outcome.get("generation") != index.generation:
        st.info(wording.VERIFY_OTHER_GENERATION)
    if not kept.answered:
        reason = words.REFUSAL_TITLES[outcome["refusal_reason"]].lower()
        st.markdown(wording.VERIFY_REFUSED.format(reason=reason))
        st.markdown(escape(str(outcome.get("message", ""))))
        return
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for sentence in outcome["sentences"]:
        parts.setdefault(sentence.get("role", "conclusion"), []).append(sentence)
    for role, said in parts.items():
        with st.container(key=f"partie-v{kept.id}-{role}"):
            st.header(words.PARTS[role], anchor=False)
            for i, sentence in enumerate(said):
                with st.container(key=f"phrase-v{kept.id}-{role}-{i}"):
                    numbers = ", ".join(str(n) for n in sentence["citations"])
                    st.markdown(f"{escape(sentence['text'])} :small[\\[{numbers}\\]]")


def _citation(index: Index, citation: Mapping[str, Any]) -> None:
    """The quote in its passage as the index has it now; alone where it is no longer there."""
    n = citation["n"]
    st.subheader(f"{n} · {escape(citation['ref'])}", anchor=False)
    try:
        passage = index.passage(citation["passage_id"])
        whole = index.document_text(citation["source"])
    except KeyError:
        passage, whole = None, ""
    start, end = citation["start"], citation["end"]
    inside = passage is not None and passage.start <= start and end <= passage.end
    if passage is None or not inside or whole[start:end] != citation["quote"]:
        st.warning(wording.VERIFY_MOVED)
        st.markdown(f"> {escape(citation['quote'])}")
        return
    st.markdown(rank_badge(passage))
    in_section(index, passage, [(start - passage.start, end - passage.start)], key=f"v{n}")
    passage_link(passage, words.PERMANENT_LINK)


def _form(index: Index, kept: Submission, reviewer: str, mine: Judgement | None) -> None:
    before = {c.n: c for c in mine.citations} if mine else {}
    verdicts = wording.VERDICTS if kept.answered else wording.REFUSAL_VERDICTS
    allowed = VERDICTS if kept.answered else ON_REFUSAL
    with st.form(f"avis-{kept.id}", border=False):
        if kept.citations:
            st.header(wording.VERIFY_CITATIONS, anchor=False)
        said = [_one(index, kept.id, c, before.get(c["n"])) for c in kept.citations]
        with st.container(key=f"ensemble-{kept.id}"):
            st.header(wording.VERIFY_WHOLE, anchor=False)
            verdict = st.radio(
                wording.VERIFY_WHOLE, allowed, format_func=verdicts.__getitem__, horizontal=True,
                index=allowed.index(mine.verdict) if mine else None, key=f"avis-{kept.id}-tout",
                label_visibility="collapsed",
            )  # fmt: skip
            comment = st.text_area(
                wording.VERIFY_GENERAL_COMMENT, value=mine.comment if mine else "",
                max_chars=LONGEST_COMMENT, height=90, key=f"avis-{kept.id}-commentaire",
            )  # fmt: skip
            kinds = ["", *ANSWER_KINDS, *ABSTAIN_KINDS] if kept.answered else ["", *ABSTAIN_KINDS]
            kind = st.selectbox(
                wording.VERIFY_KIND, kinds, format_func=wording.KINDS.__getitem__,
                index=kinds.index(mine.kind) if mine and mine.kind in kinds else 0,
                help=wording.VERIFY_KIND_HELP, key=f"avis-{kept.id}-nature",
            )  # fmt: skip
            facts = "" if not kept.answered else st.text_area(
                wording.VERIFY_FACTS, value="\n".join(mine.facts) if mine else "", height=90,
                help=wording.VERIFY_FACTS_HELP, max_chars=LONGEST_COMMENT,
                key=f"avis-{kept.id}-faits",
            )  # fmt: skip
            label = wording.VERIFY_REVISE if mine else wording.VERIFY_SIGN
            signed = st.form_submit_button(label, type="primary")
    if not signed:
        return
    left = [str(n) for n, chosen, _ in said if chosen is None]
    left += [wording.VERIFY_WHOLE.lower()] if verdict is None else []
    if left or verdict is None:
        st.error(wording.VERIFY_INCOMPLETE.format(what=", ".join(left)))
        return
    judged = Judgement(
        kept.id, reviewer, verdict,
        tuple(CitationJudgement(n, chosen, text) for n, chosen, text in said if chosen),
        comment, kind or "", tuple(f.strip() for f in facts.splitlines() if f.strip()),
    )  # fmt: skip
    try:
        with acting("judge", str(kept.id)):
            reviews().judge(judged)
    except ReviewError as error:
        st.error(str(error))
        return
    st.session_state[_SAVED] = kept.id
    st.rerun()


def _one(
    index: Index, number: int, citation: Mapping[str, Any], before: CitationJudgement | None
) -> tuple[int, Any, str]:
    n = citation["n"]
    with st.container(key=f"juger-{number}-{n}"):
        _citation(index, citation)
        verdict = st.radio(
            wording.VERIFY_VERDICT.format(n=n), CITATION_VERDICTS, horizontal=True,
            format_func=wording.CITATION_VERDICTS.__getitem__, key=f"avis-{number}-{n}",
            index=CITATION_VERDICTS.index(before.verdict) if before else None,
        )  # fmt: skip
        comment = st.text_input(
            wording.VERIFY_COMMENT.format(n=n), value=before.comment if before else "",
            max_chars=LONGEST_COMMENT, key=f"avis-{number}-{n}-commentaire",
        )  # fmt: skip
    return n, verdict, comment


def _others(reviewer: str, given: Mapping[str, Judgement], kept: Submission) -> None:
    """What the others said, once one's own is said: two readings, not one and its echo."""
    others = [one for who, one in given.items() if who != reviewer]
    if not others:
        return
    with st.container(key=f"autres-{kept.id}"):
        st.header(wording.VERIFY_OTHERS, anchor=False)
        if reviewer not in given:
            st.caption(wording.VERIFY_OTHERS_HIDDEN)
            return
        names = wording.VERDICTS if kept.answered else wording.REFUSAL_VERDICTS
        for one in others:
            st.markdown(f"**{escape(one.reviewer)}** : {names[one.verdict]}")
            lines = [f"{c.n} : {wording.CITATION_VERDICTS[c.verdict].lower()}"
                     + (f" ({escape(c.comment)})" if c.comment else "")
                     for c in one.citations]  # fmt: skip
            st.caption(" · ".join([*lines, *([escape(one.comment)] if one.comment else [])]))


def _delete(kept: Submission) -> None:
    with st.expander(wording.VERIFY_DELETE):
        st.markdown(wording.VERIFY_DELETE_LEAD)
        if st.button(wording.VERIFY_DELETE_CONFIRM, key=f"effacer-{kept.id}"):
            with acting("delete-review", str(kept.id), needs="admin"):
                reviews().delete(kept.id)
            st.session_state[_OPENED] = None
            st.rerun()
