"""A library with the guide in it, for whoever changes one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from corpus.library import DEFAULT_FOLDER


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A library with the guide in it."""
    return Path(shutil.copytree(DEFAULT_FOLDER, tmp_path / "sources"))
