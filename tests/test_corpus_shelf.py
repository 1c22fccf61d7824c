"""The library's manifest: whole, whatever fails while it changes."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from guide_library import sources

from corpus.library import read_manifest
from corpus.shelf import changing, write_whole

__all__ = ["sources"]


def test_a_failed_write_leaves_the_manifest_as_it_was(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each system call of the write fails in turn; readers always find a whole manifest."""
    manifest = sources / "manifest.json"
    before = manifest.read_bytes()
    for name in ("fsync", "replace"):
        calls = {"fsync": os, "replace": Path}[name]
        with monkeypatch.context() as patch:
            patch.setattr(calls, name, _full)
            with pytest.raises(OSError, match="full"), changing(sources) as found:
                found.clear()
        assert manifest.read_bytes() == before
    assert sorted(p.name for p in sources.iterdir()) == [
        ".lock", "guide-secret-professionnel.txt", "manifest.json"
    ]  # fmt: skip


def _full(*_: object) -> None:
    raise OSError("disk full")


def test_an_error_inside_a_change_writes_nothing(sources: Path) -> None:
    before = (sources / "manifest.json").read_bytes()
    with pytest.raises(RuntimeError), changing(sources) as found:
        found.clear()
        raise RuntimeError
    assert (sources / "manifest.json").read_bytes() == before


def _add_row(folder: str, number: int) -> None:
    with changing(Path(folder)) as found:
        found.append({"id": f"n-{number}", "file": "x.txt", "kind": "guide", "title": "n",
                      "sha256": "0" * 64, "withdrawn": {"by": "x"}})  # fmt: skip


@pytest.mark.slow
def test_concurrent_changes_are_all_kept(sources: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(_add_row, [(str(sources), n) for n in range(24)])
    assert {row["id"] for row in read_manifest(sources / "manifest.json")} == {
        "guide-cnomk", *(f"n-{n}" for n in range(24))
    }  # fmt: skip


def test_a_whole_file_is_written_or_none(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_whole(path, b"1")
    write_whole(path, b"22")
    assert path.read_bytes() == b"22"
    assert list(tmp_path.iterdir()) == [path]
