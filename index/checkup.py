"""The checks of `python -m index doctor`: each looks at one thing and says what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import shutil
import stat
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from packaging.requirements import Requirement

import settings
from corpus.errors import CorpusError
from corpus.library import Library, load_library
from index.encoder import Encoder, load_encoder
from index.errors import SearchIndexError

State = Literal["ok", "warning", "fault"]

MIN_PYTHON = (3, 11)
MIN_FREE = 1 << 30  # a rebuild keeps the former generation beside the new one
TRACING = ("LANGSMITH_TRACING", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING_V2")
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: Name of the check.
        state: ``ok``, ``warning`` (it works, and should be better) or ``fault``.
        detail: What is there.
        remedy: What to do; empty when nothing is to be done.
    """

    check: str
    state: State
    detail: str
    remedy: str = ""


class Installation:
    """What is to be looked at; each part is read once, when a check needs it.

    Args:
        environ: Environment variables.
        root: Folder of the project.
        place: Folder or address of the index, in place of the setting's.
    """

    def __init__(
        self, environ: Mapping[str, str], root: Path = settings.ROOT, place: str | None = None
    ) -> None:
        self.environ = environ
        self.root = root
        self._place = place

    @cached_property
    def settings(self) -> settings.Settings:
        """The settings, or an error."""
        return settings.load(self.environ)

    @property
    def place(self) -> str:
        """Folder or address of the index."""
        return self._place or self.settings.index

    @cached_property
    def library(self) -> Library:
        """The sources, or an error."""
        return load_library(self.settings.sources)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder of the settings, or an error."""
        return load_encoder(self.settings.encoder)


def python(_: Installation) -> Iterator[Finding]:
    """The interpreter is recent enough."""
    version = platform.python_version()
    if sys.version_info[:2] < MIN_PYTHON:
        yield Finding("python", "fault", version, "install Python 3.11 or later")
    else:
        yield Finding("python", "ok", version)


def packages(installation: Installation) -> Iterator[Finding]:
    """Each dependency is there, in a version that pyproject.toml allows."""
    project = tomllib.loads((installation.root / "pyproject.toml").read_text(encoding="utf-8"))
    wrong = []
    required = [Requirement(line) for line in project["project"]["dependencies"]]
    for requirement in required:
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} is {version}, not {requirement.specifier}")
    if wrong:
        yield Finding("packages", "fault", "; ".join(wrong), "run `make setup`")
    else:
        yield Finding("packages", "ok", f"{len(required)} as required")


def configuration(installation: Installation) -> Iterator[Finding]:
    """The settings are read, and do not open to others what only this machine should see."""
    configured = installation.settings
    yield Finding("settings", "ok", "read")
    far = sorted(set(configured.hosts) - LOCAL_HOSTS)
    if far and configured.auth == "local":
        yield Finding(
            "access", "fault", f"served under {', '.join(far)} without any login",
            "set auth = 'oidc' with staff and admins, or keep hosts to localhost",
        )  # fmt: skip
    elif configured.auth == "oidc" and not configured.admins:
        yield Finding("access", "warning", "nobody is administrator", "set admins")
    else:
        yield Finding("access", "ok", f"{configured.auth}, hosts {', '.join(configured.hosts)}")
    if configured.model == "extractive":
        yield Finding("model", "ok", "extractive: no text leaves this machine")
    else:
        yield Finding(
            "model", "warning", f"{configured.model}: masked questions are sent to it",
            "see that its provider may receive them, or set model = 'extractive'",
        )  # fmt: skip


def secrets(installation: Installation) -> Iterator[Finding]:
    """Files that hold secrets are for their owner only."""
    named = installation.environ.get("SECRETPRO_SETTINGS")
    paths = [installation.root / "settings.toml", installation.root / ".streamlit/secrets.toml"]
    for path in [*paths, *([Path(named)] if named else [])]:
        if path.is_file() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding(
                "secrets", "warning", f"{path} can be read by others", f"chmod 600 {path}"
            )


def privacy(installation: Installation) -> Iterator[Finding]:
    """Nothing sends or keeps what people type."""
    traced = [
        name for name in TRACING
        if installation.environ.get(name, "").lower() not in ("", "0", "false")
    ]  # fmt: skip
    for name in traced:
        yield Finding(
            "privacy", "fault", f"{name} sends what is asked to a tracing service", f"unset {name}"
        )
    path = installation.root / ".streamlit" / "config.toml"
    config = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if config.get("browser", {}).get("gatherUsageStats") is not False:
        yield Finding(
            "privacy", "fault", "the page reports its use to Streamlit",
            f"set gatherUsageStats = false under [browser] in {path}",
        )  # fmt: skip
    elif not traced:
        yield Finding("privacy", "ok", "no telemetry, no tracing")
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0:
        yield Finding(
            "privacy", "warning", "a crash would write the memory, questions included, to disk",
            "run with `ulimit -c 0` (the systemd unit does)",
        )  # fmt: skip


def sources(installation: Installation) -> Iterator[Finding]:
    """Every document is there, unchanged, and read without a warning."""
    library = installation.library
    noted = [
        f"{document.source.id}: {warning}"
        for document in library.documents
        for warning in document.warnings
    ]
    if not library.passages:
        yield Finding(
            "sources", "fault", f"no passage in {library.folder}", "run `python -m corpus add FILE`"
        )
        return
    counts = f"{len(library.documents)} documents, {len(library.passages)} passages"
    if noted:
        detail = f"{counts}; {len(noted)} warnings, the first: {noted[0]}"
        yield Finding("sources", "warning", detail, "run `python -m corpus check`")
    else:
        yield Finding("sources", "ok", counts)


def encoder(installation: Installation) -> Iterator[Finding]:
    """The encoder loads and gives unit vectors."""
    loaded = installation.encoder
    vector = loaded.encode_queries(["secret professionnel"])[0]
    sound = vector.shape == (loaded.dimension,) and bool(abs(np.linalg.norm(vector) - 1) < 1e-3)
    detail = f"{loaded.name}, {loaded.dimension} dimensions, sha256 {loaded.fingerprint[:16]}"
    if sound:
        yield Finding("encoder", "ok", detail)
    else:
        yield Finding("encoder", "fault", f"{detail}: no unit vector", "restore its folder")


def disk(installation: Installation) -> Iterator[Finding]:
    """There is room, and the folders can be written."""
    folders = {"data": installation.settings.data}
    if "://" not in installation.place:
        folders["index"] = Path(installation.place).expanduser()
    for name, folder in folders.items():
        there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
        free = shutil.disk_usage(there).free
        if not there.is_dir() or not os.access(there, os.W_OK):
            yield Finding(
                f"disk ({name})", "fault", f"{there} cannot be written",
                f"give its user the right to write there, or change the setting '{name}'",
            )  # fmt: skip
        elif free < MIN_FREE:
            yield Finding(
                f"disk ({name})", "fault", f"{free >> 20} MiB free at {there}", "free 1 GiB"
            )
        else:
            yield Finding(f"disk ({name})", "ok", f"{free >> 30} GiB free at {there}")


Check = Callable[[Installation], Iterator[Finding]]


def examined(check: Check, installation: Installation) -> tuple[Finding, ...]:
    """The findings of a check; what it cannot look at is a fault that says why."""
    name = check.__name__
    try:
        return tuple(check(installation))
    except settings.SettingsError as error:
        return (Finding(name, "fault", "the settings cannot be read", str(error)),)
    except (CorpusError, SearchIndexError) as error:
        return (Finding(name, "fault", type(error).__name__, str(error)),)
    except (OSError, ValueError, KeyError) as error:
        return (Finding(name, "fault", f"{type(error).__name__}: {error}", "restore this file"),)
