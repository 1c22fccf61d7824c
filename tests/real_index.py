"""The index of the real sources and its engine, made once for all the tests of a run."""

from __future__ import annotations

import atexit
import fcntl
import shutil
import tempfile
from functools import cache
from pathlib import Path

from corpus.library import load_library
from index.build import build
from index.encoder import load_encoder
from qa.pipeline import Engine

shared: Path | None = None
"""Where the processes of one run find it, when they are several; set by conftest."""


@cache
def real_index() -> Path:
    """Its folder; to be copied by whoever changes it."""
    if shared is None:
        folder = Path(tempfile.mkdtemp())
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        build(load_library(), folder, load_encoder())
        return folder
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build(load_library(), shared / "index", load_encoder())  # once: the others find it
    return shared / "index"


@cache
def real_engine() -> Engine:
    """The engine over it; answering changes nothing in it."""
    return Engine.open(real_index())
