"""Publishing a generation, and going back to one: the only two ways to change an index.

See :mod:`index.generations` for what lies on the disk. The order of the steps is the guarantee:
files, their manifest, the folder's new name and then the pointer, each forced to the disk before
the next begins.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from index.durable import (
    POINTER_STAGING,
    STAGING,
    Lock,
    discard,
    require_space,
    sweep,
    sync_folder,
    unwritable,
    write_file,
)
from index.errors import IndexDamaged, IndexMissing, IndexUnwritable
from index.manifest import (
    FOLDER,
    MANIFEST,
    POINTER,
    Pointer,
    check_names,
    current_id,
    generation_id,
    list_generations,
    open_generation,
    read_generation,
    sequence_of,
    withdrawn,
    write_manifest,
)

KEPT = 3
GRACE_SECONDS = 600
"""A generation is removed only this long after its successor came: a slow reader may be in it."""

Check = Callable[[Mapping[str, bytes]], None]
_log = logging.getLogger(__name__)


def publish(
    root: Path, files: Mapping[str, bytes], info: Mapping[str, Any], *, check: Check | None = None
) -> str:
    """Publish a generation: afterwards every new reader has it; on any error, none has.

    Args:
        root: Folder of the index; made if need be.
        files: Name (plain, no folder) to content.
        info: JSON values to record with it.
        check: Given the bytes as read back from the disk, raises if they do not make a working
            index. Nothing is published then.

    Returns:
        The id of the new generation.

    Raises:
        IndexBusy: If another builder is at work.
        IndexUnwritable: If the disk is full, read-only or failing; the former generation serves.
        ValueError: For a file name that is not plain, or an ``info`` that JSON cannot hold.
    """
    root = Path(root)
    check_names(files)
    with Lock(root):
        before = list_generations(root)
        try:
            (root / FOLDER).mkdir(exist_ok=True)
            sweep(root, root / FOLDER)
            require_space(root, sum(map(len, files.values())))
            wanted, manifest = _stage(root, files, info, check)
            _point(root, Pointer(wanted, sha256(manifest).hexdigest()))
        except BaseException as error:
            in_use = _abandon(root, before)
            if isinstance(error, OSError):
                raise unwritable(root, error, in_use) from error
            raise
        _prune(root)
    return wanted


def _stage(
    root: Path, files: Mapping[str, bytes], info: Mapping[str, Any], check: Check | None
) -> tuple[str, bytes]:
    sequence = _next_sequence(root)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = write_manifest(sequence, created, files, dict(info))
    wanted = generation_id(sequence, manifest)
    staging = root / FOLDER / f"{STAGING}{wanted}"
    staging.mkdir()
    for name, data in files.items():
        write_file(staging / name, data)
    # A full disk can lose a tail without an error: only what reads back is published.
    written = {name: (staging / name).read_bytes() for name in files}
    if any(written[name] != data for name, data in files.items()):
        raise IndexUnwritable(
            f"the disk of {root} does not give back what was written: check it, then build again"
        )
    if check is not None:
        check(written)
    write_file(staging / MANIFEST, manifest)
    sync_folder(staging)
    staging.rename(root / FOLDER / wanted)
    sync_folder(root / FOLDER)
    return wanted, manifest


def _point(root: Path, pointer: Pointer) -> None:
    aside = root / f"{POINTER_STAGING}{os.getpid()}"
    write_file(aside, pointer.as_bytes())
    aside.replace(root / POINTER)
    sync_folder(root)


def _next_sequence(root: Path) -> int:
    # The pointer counts too: its generation may have been lost, and its number is not free.
    known = [*list_generations(root), *filter(None, [current_id(root)])]
    return 1 + max(map(sequence_of, known), default=0)


def _abandon(root: Path, before: tuple[str, ...]) -> str | None:
    """Leave no trace of a publication that failed, as far as the disk lets us.

    Returns:
        The id of the new generation when it is in use all the same: only the last step failed.
    """
    with contextlib.suppress(OSError):
        sweep(root, root / FOLDER)
    for new in set(list_generations(root)).difference(before):
        if new == current_id(root):
            return new
        with contextlib.suppress(OSError):
            discard(root / FOLDER / new)
    return None


def _prune(root: Path) -> None:
    """Remove old generations. A failure here costs space and not safety, so it only is logged."""
    try:
        newest_first = list_generations(root)
        kept = {*newest_first[:KEPT], current_id(root)}
        pairs = list(itertools.pairwise(newest_first))
        for newer, old in reversed(pairs):  # the oldest first: each is dated by its successor
            age = time.time() - (root / FOLDER / newer).stat().st_mtime
            if old not in kept and age > GRACE_SECONDS:
                discard(root / FOLDER / old)
                withdrawn(root, old).unlink(missing_ok=True)
    except OSError as error:
        _log.warning("old generations of %s were not removed: %s", root, error.strerror)


def rollback(root: Path, generation: str | None = None) -> str:
    """Put a generation back in use, and never fall back to a newer one.

    Args:
        root: Folder of the index.
        generation: Its id; by default the newest whole one older than the one in use.

    Returns:
        The id now in use.

    Raises:
        IndexMissing: If there is no such generation, or none is older.
        IndexDamaged: If it is not whole; the one in use stays.
        IndexBusy: If a builder is at work.
        IndexUnwritable: If the pointer cannot be written.
    """
    root = Path(root)
    with Lock(root):
        wanted = generation or _previous(root)
        manifest_sha256 = open_generation(root, wanted).manifest_sha256
        try:
            # Marked first: killed in between, the one in use is unchanged and still opens.
            for other in list_generations(root):
                if other > wanted:
                    withdrawn(root, other).touch()
            withdrawn(root, wanted).unlink(missing_ok=True)
            sync_folder(root / FOLDER)
            _point(root, Pointer(wanted, manifest_sha256))
        except OSError as error:
            raise unwritable(root, error) from error
    return wanted


def _previous(root: Path) -> str:
    current = current_id(root)
    for candidate in list_generations(root):
        if current is not None and candidate >= current:
            continue
        with contextlib.suppress(IndexDamaged, IndexMissing):
            return read_generation(root, candidate).id
    raise IndexMissing(
        f"no earlier whole generation in {root}: rebuild with `python -m index build`"
    )
