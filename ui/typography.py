"""French spacing of the wording: a sign is never left alone at the start of a line."""

from __future__ import annotations

import re
from typing import Any

# The space before these signs, and those inside quotation marks.
_UNBROKEN = re.compile(r" (?=[:;?!»%](?:\W|$))|(?<=«) ")


def unbroken(value: Any) -> Any:
    """The same text, or the same texts, with these spaces made non-breaking."""
    if isinstance(value, str):
        return _UNBROKEN.sub("\u00a0", value)
    if isinstance(value, tuple):
        return tuple(unbroken(one) for one in value)
    if isinstance(value, dict):
        return {key: unbroken(one) for key, one in value.items()}
    return value


def set_in_french(names: dict[str, Any]) -> None:
    """Set every constant of a module of wording so; called at its end with its ``globals()``.

    The sources keep ordinary spaces, which whoever edits them can see.
    """
    names.update({name: unbroken(value) for name, value in names.items() if name.isupper()})
