"""The audit trail as the administration reads it: the last acts, and how the chain ends."""

from __future__ import annotations

from collections import deque

import streamlit as st

from qa.audit import Entry, Trail
from qa.errors import AuditDamaged
from ui import wording_staff as wording
from ui.access import allows, current_role
from ui.escape import escape

SHOWN = 100


def show() -> None:
    """Draw the last acts, newest first."""
    if not allows(current_role(), "admin"):
        st.info(wording.JOURNAL_ADMIN)
        return
    trail = Trail.of()
    st.caption(wording.JOURNAL_LEAD)
    last = list(deque(trail.entries(), maxlen=SHOWN))
    if not last:
        st.caption(wording.JOURNAL_NONE)
        return
    with st.container(key="journal"):
        rows = [wording.JOURNAL_HEAD, "| --- | --- | --- | --- | --- |"]
        st.markdown("\n".join([*rows, *map(_row, reversed(last))]))
    try:
        st.caption(wording.JOURNAL_LAST.format(sha256=trail.head().sha256))
    except AuditDamaged:
        st.error(wording.AUDIT_STOPPED)


def _row(entry: Entry) -> str:
    when = entry.at[:16].replace("T", " ")
    cells = [when, entry.who, wording.ACTS.get(entry.act, entry.act), entry.document or "",
             entry.generation or ""]  # fmt: skip
    return "| " + " | ".join(escape(cell) for cell in cells) + " |"
