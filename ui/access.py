"""Who may see which page. Asked on every rerun, on the server; nothing is remembered here.

Local mode gives every right to whoever reaches the machine, so it only holds while the machine
alone can reach it: served under any other name, it gives a reader's rights. With OpenID Connect,
rights go by e-mail address, and only by one that the identity provider says it has verified:
anybody can type another's address into an account of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import streamlit as st

import settings
from qa.audit import Trail
from qa.errors import AuditDamaged
from ui import wording_staff as wording
from ui.escape import escape

Role = Literal["reader", "staff", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SIGNATURE = "signature"
_TOLD = "acces_au_journal"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is behind this session.

    Attributes:
        name: Verified e-mail address; ``local`` on one's own machine; empty when not logged in.
    """

    name: str
    role: Role


def person() -> Person:
    """The person behind this session, as the server knows them now."""
    return identify(settings.load(), _claims())


def identify(chosen: settings.Settings, claims: Mapping[str, Any]) -> Person:
    """Name and role out of the settings and of what the identity provider says.

    Args:
        chosen: The settings.
        claims: OpenID Connect claims; empty when nobody is logged in.
    """
    if chosen.auth == "local":
        alone = bool(chosen.hosts) and set(chosen.hosts) <= LOOPBACK
        return Person("local", "admin") if alone else Person("", "reader")
    # Any other value than `oidc` gives no right: a typing error must not open a door.
    if chosen.auth != "oidc" or claims.get("is_logged_in") is not True:
        return Person("", "reader")
    address = claims.get("email")
    if not isinstance(address, str) or claims.get("email_verified") is not True:
        return Person("", "reader")
    name = address.strip().casefold()
    if name and name in {one.casefold() for one in chosen.admins}:
        return Person(name, "admin")
    if name and name in {one.casefold() for one in chosen.staff}:
        return Person(name, "staff")
    return Person(name, "reader")


def current_role() -> Role:
    """Role of the person behind this session."""
    return person().role


def allows(role: Role, needed: Role) -> bool:
    """Whether ``role`` includes ``needed``: an administrator is staff, and staff are readers."""
    return ROLES.index(role) >= ROLES.index(needed)


def require(needed: Role) -> Person:
    """The person, if they have the role; otherwise say so in French and end the page here.

    To be the first line of each page and of each callback that acts.
    """
    who = person()
    if allows(who.role, needed):
        _note(who, "login")
        return who
    _note(who, "refused")
    with st.container(key="refuse"):
        st.title(wording.FORBIDDEN_TITLE, anchor=False)
        st.markdown(_why(who))
        if settings.load().auth == "oidc" and not _logged():
            st.button(wording.LOGIN, on_click=st.login, key="connexion-requise")
    st.stop()


def account_line() -> None:
    """At the foot of a page, where people log in: who is, or a button to do so."""
    if settings.load().auth != "oidc":
        return
    with st.container(key="compte", horizontal=True):
        who = person()
        if _logged():
            role = wording.ROLES[who.role]
            st.caption(wording.LOGGED_AS.format(name=escape(who.name or "?"), role=role))
            st.button(wording.LOGOUT, on_click=st.logout, type="tertiary", key="deconnexion")
        else:
            st.button(wording.LOGIN, on_click=st.login, type="tertiary", key="connexion")


def _why(who: Person) -> str:
    chosen = settings.load()
    if chosen.auth == "local":
        return wording.FORBIDDEN_LOCAL
    return wording.FORBIDDEN_LOGGED if who.name or _logged() else wording.FORBIDDEN


def _claims() -> Mapping[str, Any]:
    return st.user.to_dict()


def _logged() -> bool:
    return _claims().get("is_logged_in") is True


def _note(who: Person, act: Literal["login", "refused"]) -> None:
    """Once a session, and only of somebody who has a name: a stranger cannot fill the trail."""
    if not who.name or who.name == "local" or st.session_state.get(_TOLD) == act:
        return
    try:
        Trail.of().record(who.name, act)
        st.session_state[_TOLD] = act
    except AuditDamaged:
        st.error(wording.AUDIT_STOPPED)
