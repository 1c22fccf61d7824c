"""Who may see which page. Asked on every rerun, on the server; nothing is remembered here."""

from __future__ import annotations

from typing import Literal, get_args

import settings

Role = Literal["reader", "staff", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


def current_role() -> Role:
    """Role of the person behind this session; on one's own machine, every right."""
    return "admin" if settings.load().auth == "local" else "reader"


def allows(role: Role, needed: Role) -> bool:
    """Whether ``role`` includes ``needed``: an administrator is staff, and staff are readers."""
    return ROLES.index(role) >= ROLES.index(needed)
