"""Writing the library: one manifest, changed whole, under a lock, with who did what and when."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from corpus.errors import LibraryBusy, SourceNotFound
from corpus.library import MANIFEST, list_sources, read_manifest
from corpus.passage import Source
from corpus.readers import reading_beside

LOCK_SECONDS = 20
_KEPT = ("title", "kind", "sha256", "publisher", "date", "version", "url", "provenance",
         "supersedes", "in_force_from", "in_force_to")  # fmt: skip


def now() -> str:
    """The moment, ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[list[dict[str, Any]]]:
    """The manifest's rows, to be changed in place; written back when the block ends well.

    A folder that has no manifest yet gets one that names the documents already in it.

    Raises:
        LibraryBusy: Another process holds the lock.
        ManifestInvalid: The manifest cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=LOCK_SECONDS):
            rows = _rows(folder)
            yield rows
            body = json.dumps({"sources": rows}, ensure_ascii=False, indent=2) + "\n"
            write_whole(folder / MANIFEST, body.encode())
    except Timeout as error:
        raise LibraryBusy(
            f"{folder} is being changed by another process: try again in a moment"
        ) from error


def _rows(folder: Path) -> list[dict[str, Any]]:
    manifest = folder / MANIFEST
    if manifest.is_file():
        return read_manifest(manifest)
    return [row_of(source, source.path.name) for source in list_sources(folder)]


def row_of(source: Source, file: str, **more: Any) -> dict[str, Any]:
    """A source as a row of the manifest; what is not known is left out."""
    known = {name: getattr(source, name) for name in _KEPT}
    row = {"id": source.id, "file": file, **known, **more}
    return {name: value for name, value in row.items() if value not in (None, (), [])}


def withdraw(folder: Path, source_id: str, who: str, reason: str = "") -> str:
    """Take a source out of the library: its row stays as a trace, its file is deleted.

    Returns:
        The title of the withdrawn source.

    Raises:
        SourceNotFound: No such source, or it is withdrawn already.
    """
    with changing(folder) as rows:
        row = next((r for r in rows if r["id"] == source_id and not r.get("withdrawn")), None)
        if row is None:
            raise SourceNotFound(
                f"no source {source_id!r}: see `python -m corpus list` for their ids"
            )
        row["withdrawn"] = {"by": who, "at": now(), "reason": reason}
        for older in rows:  # the edition that it replaced applies again
            if older["id"] == row.get("supersedes"):
                older.pop("in_force_to", None)
        shared = any(r["file"] == row["file"] and not r.get("withdrawn") for r in rows)
    if not shared:
        file = folder / Path(row["file"]).name
        file.unlink(missing_ok=True)
        reading_beside(file).unlink(missing_ok=True)
    return str(row["title"])


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a power cut, finds the old one or the new one whole."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
