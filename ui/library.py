"""What the library holds, with who approved it; and taking a document out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

import settings
from corpus.errors import CorpusError
from corpus.library import MANIFEST, list_sources, read_manifest
from corpus.passage import Source
from corpus.references import french_date
from corpus.shelf import withdraw
from ui import wording_staff as wording
from ui.acts import acting, signed
from ui.escape import escape

_WITHDRAWING = "a_retirer"


def in_french(error: CorpusError) -> str:
    """What is shown of an error of the corpus: its own French, or that of its class."""
    name = type(error).__name__
    if getattr(error, "code", ""):
        return escape(str(error))
    return wording.CORPUS_FAULTS.get(name, wording.CORPUS_FAULTS["SourceRefused"])


def rows() -> list[dict[str, Any]]:
    """Rows of the manifest, withdrawn ones included; none in a folder without a manifest."""
    manifest = settings.load().sources / MANIFEST
    return read_manifest(manifest) if manifest.is_file() else []


def stale(indexed: Mapping[str, str]) -> bool:
    """Whether the documents are no longer those that were indexed.

    Args:
        indexed: Source id to sha256, of the index in use.
    """
    now = {source.id: source.sha256 for source in list_sources(settings.load().sources)}
    return now != dict(indexed)


def show() -> None:
    """Draw the documents in use, then the withdrawn ones."""
    known = {row["id"]: row for row in rows()}
    for source in list_sources(settings.load().sources):
        with st.container(key=f"resultat-doc-{source.id}"):
            st.markdown(f"**{escape(source.title)}**")
            st.caption(_facts(source, known.get(source.id, {})))
            if st.session_state.get(_WITHDRAWING) == source.id:
                _withdraw(source)
            else:
                st.button(
                    f"{wording.WITHDRAW} :small[{escape(source.title)}]", type="tertiary",
                    key=f"retirer-{source.id}", on_click=_choose, args=(source.id,),
                )  # fmt: skip
    gone = [row for row in known.values() if row.get("withdrawn")]
    if gone:
        with st.expander(wording.WITHDRAWN_TITLE):
            for row in gone:
                how = row["withdrawn"]
                st.markdown("- " + wording.WITHDRAWN_ROW.format(
                    title=escape(str(row["title"])), by=escape(str(how.get("by"))),
                    day=french_date(str(how.get("at"))[:10]),
                    reason=escape(str(how.get("reason") or "")),
                ))  # fmt: skip


def _facts(source: Source, row: Mapping[str, Any]) -> str:
    parts = [wording.SOURCE_KINDS[source.kind], source.publisher, source.version]
    parts.append(french_date(source.date) if source.date else None)
    if row.get("added"):
        parts.append(wording.SOURCE_ADDED.format(by=row["added"].get("by")))
    if row.get("approved"):
        day = french_date(str(row["approved"].get("at"))[:10])
        parts.append(wording.SOURCE_APPROVED.format(by=row["approved"].get("by"), day=day))
    if source.in_force_to:
        parts.append(wording.SOURCE_SUPERSEDED.format(day=french_date(source.in_force_to)))
    return " · ".join(escape(part) for part in parts if part)


def _choose(source_id: str | None) -> None:
    st.session_state[_WITHDRAWING] = source_id


def _withdraw(source: Source) -> None:
    with st.form(f"retrait-{source.id}"):
        st.markdown(f"**{wording.WITHDRAW_TITLE.format(title=escape(source.title))}**")
        st.markdown(wording.WITHDRAW_LEAD)
        reason = st.text_input(wording.WITHDRAW_REASON, max_chars=300, key="motif")
        sure = st.form_submit_button(wording.WITHDRAW_CONFIRM, type="primary")
    if not sure:
        return
    if not reason.strip():
        st.error(wording.WITHDRAW_REASON_MISSING)
        return
    try:
        with acting("withdraw", source.id) as (who, _):
            withdraw(settings.load().sources, source.id, signed(who), reason.strip())
    except CorpusError as error:
        st.error(in_french(error))
        return
    st.session_state["dit"] = wording.WITHDRAWN.format(title=escape(source.title))
    _choose(None)
    st.rerun()
