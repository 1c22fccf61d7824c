"""Documents that arrive: received, read as they would be cited, approved by a named person."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

import settings
from corpus.errors import CorpusError
from corpus.library import list_sources
from corpus.passage import KINDS
from corpus.references import french_date
from corpus.staging import Preview, Staged, Staging
from ui import wording as words
from ui import wording_staff as wording
from ui.acts import acting, signed
from ui.escape import escape
from ui.library import in_french
from ui.upload import fault_of

_READING = "a_lire"
_SHORT = 1_500  # characters that need no window of their own
_TYPES = ["pdf", "txt", "md", "xml"]


def show() -> None:
    """Draw the form, then what waits."""
    room = Staging.of(settings.load().sources)
    _receive(room)
    st.header(wording.PENDING, anchor=False)
    waiting = room.pending()
    if not waiting:
        st.caption(wording.PENDING_NONE)
    for staged in waiting:
        with st.container(key=f"resultat-attente-{staged.id}"):
            st.markdown(f"**{escape(staged.title or staged.name)}**")
            st.caption(wording.PENDING_ROW.format(
                kind=wording.SOURCE_KINDS[staged.kind], by=escape(staged.who),
                day=french_date(staged.when[:10]),
            ))  # fmt: skip
            if st.session_state.get(_READING) == staged.id:
                _read(room, staged)
            else:
                with st.container(horizontal=True):
                    st.button(
                        wording.PREVIEW_OPEN, key=f"lire-{staged.id}", on_click=_open,
                        args=(staged.id,),
                    )  # fmt: skip
                    _discard(room, staged)


def _receive(room: Staging) -> None:
    current = {source.id: source.title for source in list_sources(room.sources)}
    with st.form("arrivee", clear_on_submit=True, border=False):
        file = st.file_uploader(wording.UPLOAD, type=_TYPES, max_upload_size=20, key="fichier")
        left, right = st.columns(2)
        kind = left.selectbox(
            wording.UPLOAD_KIND, ["", *KINDS], key="nature",
            format_func=lambda k: wording.SOURCE_KINDS.get(k, wording.UPLOAD_KIND_GUESS),
        )  # fmt: skip
        title = right.text_input(
            wording.UPLOAD_TITLE, max_chars=200, help=wording.UPLOAD_TITLE_HELP, key="titre-doc"
        )
        day: date | None = left.date_input(
            wording.UPLOAD_DATE, value=None, format="DD/MM/YYYY", min_value=date(1800, 1, 1),
            key="date-doc",
        )  # fmt: skip
        origin = right.text_input(wording.UPLOAD_ORIGIN, max_chars=300, key="provenance")
        supersedes = left.selectbox(
            wording.UPLOAD_SUPERSEDES, [None, *current], key="remplace",
            format_func=lambda one: current.get(one, wording.UPLOAD_NONE) if one else
            wording.UPLOAD_NONE,
        )  # fmt: skip
        sent = st.form_submit_button(wording.UPLOAD_SUBMIT, type="primary")
    if not sent:
        return
    if file is None:
        st.error(wording.UPLOAD_MISSING)
        return
    details: dict[str, Any] = {
        "kind": kind, "title": title.strip(), "date": day.isoformat() if day else None,
        "origin": origin.strip(), "supersedes": supersedes,
    }  # fmt: skip
    _stage(room, file.name, file.getvalue(), details)


def _stage(room: Staging, name: str, data: bytes, details: dict[str, Any]) -> None:
    fault = fault_of(name, data)
    if fault is not None:
        st.error(wording.UPLOAD_REFUSED[fault])
        return
    try:
        with acting("stage") as (who, record):
            staged = room.stage(data, name, signed(who), **details)
            record.document = staged.id
    except CorpusError as error:
        st.error(in_french(error))
        return
    st.session_state["dit"] = wording.UPLOAD_DONE.format(name=escape(staged.name))
    _open(staged.id)
    st.rerun()


def _open(staged_id: str | None) -> None:
    st.session_state[_READING] = staged_id


def _discard(room: Staging, staged: Staged) -> None:
    if st.button(wording.DISCARD, key=f"ecarter-{staged.id}", type="tertiary"):
        try:
            with acting("discard", staged.id):
                room.discard(staged.id)
        except CorpusError as error:
            st.error(in_french(error))
            return
        st.session_state["dit"] = wording.DISCARDED.format(name=escape(staged.name))
        _open(None)
        st.rerun()


def _read(room: Staging, staged: Staged) -> None:
    try:
        if st.session_state.get("lecture_notee") == staged.id:
            preview = room.preview(staged.id)
        else:
            with acting("preview", staged.id):
                preview = room.preview(staged.id)
            st.session_state["lecture_notee"] = staged.id
    except CorpusError as error:
        st.error(in_french(error))
        _discard(room, staged)
        return
    document = preview.document
    with st.container(key=f"lecture-doc-{staged.id}"):
        st.header(wording.PREVIEW_TITLE.format(name=escape(staged.name)), anchor=False)
        st.caption(wording.PREVIEW_FACTS.format(
            title=escape(document.source.title),
            passages=words.count(wording.PREVIEW_PASSAGES, len(document.passages)),
            characters=f"{len(document.text):,}".replace(",", "\u202f"),
        ))  # fmt: skip
        for remark in preview.remarks:
            st.info(f"{wording.PREVIEW_REMARKS} : {escape(remark)}")
        if preview.replaces and staged.supersedes is None:
            st.info(wording.PREVIEW_REPLACES)
        st.code(
            document.text,
            language=None,
            wrap_lines=True,
            height=420 if len(document.text) > _SHORT else "content",
        )
        _decide(room, staged, preview)


def _decide(room: Staging, staged: Staged, preview: Preview) -> None:
    if preview.reservations:
        st.markdown(f"**{wording.PREVIEW_RESERVATIONS}**")
    else:
        st.caption(wording.PREVIEW_CLEAR)
    ticked = [
        st.checkbox(escape(doubt), key=f"reserve-{staged.id}-{i}")
        for i, doubt in enumerate(preview.reservations)
    ]
    ticked.append(st.checkbox(wording.PREVIEW_READ, key=f"lu-{staged.id}"))
    with st.container(horizontal=True):
        approve = st.button(
            wording.APPROVE, key=f"approuver-{staged.id}", type="primary",
            disabled=not all(ticked), help=None if all(ticked) else wording.APPROVE_TODO,
        )  # fmt: skip
        st.button(wording.PREVIEW_CLOSE, key=f"fermer-{staged.id}", on_click=_open, args=(None,))
        _discard(room, staged)
    if not approve or not all(ticked):
        return
    try:
        with acting("approve", staged.id) as (who, record):
            source = room.approve(staged.id, signed(who), confirmed=bool(preview.reservations))
            record.document = source.id
    except CorpusError as error:
        st.error(in_french(error))
        return
    st.session_state["dit"] = wording.APPROVED.format(title=escape(source.title))
    _open(None)
    st.rerun()
