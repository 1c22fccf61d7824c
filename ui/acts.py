"""A staff act: allowed now, done, and recorded, or not done at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

import settings
from index.generations import current_id
from index.open import REMOTE
from qa.audit import Act, Trail
from qa.errors import AuditDamaged
from ui import wording_staff as wording
from ui.access import SIGNATURE, Person, Role, require

_UNFIT = re.compile(r"[^\w.:/@+-]")


class Record:
    """What the trail will say of an act; ``document`` may be learnt while it is done."""

    def __init__(self, document: str | None) -> None:
        self.document = document


@contextmanager
def acting(
    act: Act, document: str | None = None, *, needs: Role = "staff"
) -> Iterator[tuple[Person, Record]]:
    """Check the role again, see that the trail can be written, do the act, record it.

    An act that raises is not recorded. One that cannot be recorded is not begun.
    """
    permitted(needs)
    who, record = require(needs), Record(document)
    yield who, record
    note(who, act, record.document)


def permitted(needs: Role = "staff") -> str:
    """The name that will sign an act, once the role and the trail allow it; else end the page."""
    who = require(needs)
    if who.name == "local" and not st.session_state.get(SIGNATURE):
        st.warning(wording.SIGNATURE_MISSING)
        st.stop()
    try:
        Trail.of().require()
    except AuditDamaged:
        st.error(wording.AUDIT_STOPPED)
        st.stop()
    return signed(who)


def note(who: Person, act: Act, document: str | None = None) -> None:
    """Record an act that was done."""
    named = None if document is None else _UNFIT.sub("-", document)[:200] or None
    try:
        Trail.of().record(signed(who), act, named, generation())
    except AuditDamaged:
        st.error(wording.AUDIT_STOPPED)
        st.stop()


def signed(who: Person) -> str:
    """The name that signs an act: on one's own machine, the one that was typed."""
    typed = str(st.session_state.get(SIGNATURE) or "").strip()
    return f"local:{typed[:100]}" if who.name == "local" and typed else who.name or "anonyme"


def generation() -> str | None:
    """The generation in use; ``None`` when it is in a shared database, or there is none."""
    place = settings.load().index
    return None if place.startswith(REMOTE) else current_id(Path(place).expanduser())


def signature(who: Person) -> str:
    """Draw the line where a local user signs; the name that signs: empty when none is given.

    Somebody who is logged in signs by their address, and nothing is drawn.
    """
    if who.name != "local":
        return who.name
    with st.container(key="signature-ligne"):
        # Kept under a name of its own: Streamlit forgets a widget that a page does not draw.
        typed = st.text_input(
            wording.SIGNATURE, value=st.session_state.get(SIGNATURE, ""), max_chars=100,
            help=wording.SIGNATURE_HELP, key="signature-saisie",
        )  # fmt: skip
    name = str(typed or "").strip()
    st.session_state[SIGNATURE] = name
    return name
