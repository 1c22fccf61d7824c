"""Generations made to be told apart: what the tests of publication under fault share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import generations
from index.generations import publish

Record = Callable[[str, object], None]
SIZES = {"passages.jsonl": 3000, "dense.faiss": 20000, "documents.jsonl": 100}


def content(mark: int) -> dict[str, bytes]:
    return {name: f"{mark}:".encode().ljust(size, b".") for name, size in SIZES.items()}


def mark_of(opened: generations.Generation) -> int:
    """The publication that all files agree on; fails when two are mixed."""
    (mark,) = {int(data.split(b":")[0]) for data in opened.files.values()}
    assert dict(opened.files) == content(mark)
    return mark


def report(record: Record, row: int, what: str, done: int, unit: str) -> None:
    record("reliability", f"{row}|{what}|{done}|{unit}")


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: injected faults do not need a slow disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def root(quick_path: Path) -> Path:
    publish(quick_path / "index", content(1), {})
    return quick_path / "index"


@pytest.fixture
def root_on_disk(tmp_path: Path) -> Path:
    publish(tmp_path / "index", content(1), {})
    return tmp_path / "index"
