"""The settings, all of them: few, typed, and read from one place.

Each is looked for in the environment (``SECRETPRO_`` and the name in capitals), then in the TOML
file named by ``SECRETPRO_SETTINGS`` (by default ``settings.toml`` beside this file, if any), then
takes its default. An unknown name in either place is an error: a typing error must never silently
leave a default in force.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
PREFIX = "SECRETPRO_"


class SettingsError(Exception):
    """A setting is unknown or has the wrong type; the message names it and what is accepted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default.

    Attributes:
        sources: Folder of source documents.
        index: Folder of the index, or a ``postgresql://`` address.
        encoder: ``embedded``, ``minilm``, a folder, or a hub name of a sentence-transformers model.
        model: ``extractive`` (default: nothing leaves the machine) or a chat model such as
            ``ollama:mistral-small`` or ``openai:NAME``.
        model_base_url: Address of a compatible server for ``openai:``, ``mistralai:``…
        model_timeout: Seconds allowed to a chat model for one answer.
        reviews: Address (SQLAlchemy) of the staff's review database.
        data: Folder of what the application writes: audit trail, reviews, staged documents.
        hosts: Host names under which browsers may reach the application.
        auth: ``local`` (no login: whoever reaches the machine is administrator) or ``oidc``.
        staff: E-mail addresses with the staff role (OIDC only).
        admins: E-mail addresses with the administrator role (OIDC only).
    """

    sources: Path = ROOT / "corpus" / "sources"
    index: str = str(ROOT / "index" / "store")
    encoder: str = "embedded"
    model: str = "extractive"
    model_base_url: str = ""
    model_timeout: float = 30.0
    reviews: str = ""
    data: Path = ROOT / "var"
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    auth: str = "local"
    staff: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        environ: Variables to read in place of the process's own.

    Raises:
        SettingsError: For an unknown name or a value of the wrong type.
    """
    env = os.environ if environ is None else environ
    given = _from_file(env)
    known = {f.name for f in fields(Settings)}
    for name, value in env.items():
        if name.startswith(PREFIX) and name != f"{PREFIX}SETTINGS":
            given[name.removeprefix(PREFIX).lower()] = value
    unknown = sorted(set(given) - known)
    if unknown:
        raise SettingsError(
            f"unknown setting {unknown[0]!r}: remove it, or use one of {', '.join(sorted(known))}"
        )
    return Settings(**{name: _typed(name, value) for name, value in given.items()})


def _from_file(env: Mapping[str, str]) -> dict[str, Any]:
    named = env.get(f"{PREFIX}SETTINGS")
    path = Path(named) if named else ROOT / "settings.toml"
    if not path.is_file():
        if named:
            raise SettingsError(f"no settings file at {path}: mend {PREFIX}SETTINGS or unset it")
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML ({error}): mend that line") from error


def _typed(name: str, value: Any) -> Any:
    default = getattr(Settings(), name)
    try:
        if isinstance(default, tuple):
            items = value.split(",") if isinstance(value, str) else list(value)
            return tuple(str(item).strip() for item in items if str(item).strip())
        return type(default)(value) if not isinstance(default, Path) else Path(value).expanduser()
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"setting {name!r} cannot be {value!r}: give a {type(default).__name__}"
        ) from error
