"""Writing that survives a crash: one builder at a time, and bytes that are on the disk.

Each function is one step of the publication protocol of :mod:`index.generations`.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from index.errors import IndexBusy, IndexUnwritable

STAGING = ".tmp-"
POINTER_STAGING = ".CURRENT."
_MARGIN_BYTES = 1 << 20


class Lock:
    """The right to build in one index folder, held by one process and one thread at a time.

    Re-entrant within a thread, so that a build holds it whole while :func:`publish` takes it
    again. The kernel releases it when the process dies, however it dies. Readers need none.

    Raises:
        IndexBusy: On entering, when another builder holds it; the message says which.
        IndexUnwritable: On entering, when the folder cannot hold a lock.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._holder = self.root / ".lock.json"
        # flock only: a lock made of a file's existence would outlive a killed builder.
        self._lock = FileLock(
            self.root.absolute() / ".lock", timeout=0, is_singleton=True, fallback_to_soft=False
        )

    def __enter__(self) -> Lock:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout as error:
            raise IndexBusy(
                f"{self._who()} is building the index {self.root}: wait for it to end, then retry"
            ) from error
        except OSError as error:
            raise unwritable(self.root, error) from error
        if self._lock.lock_counter == 1:
            self._say_who()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def _say_who(self) -> None:
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "user": _user(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        try:
            self._holder.write_text(json.dumps(holder), encoding="utf-8")
        except OSError as error:
            self._lock.release()
            raise unwritable(self.root, error) from error

    def _who(self) -> str:
        try:
            holder = json.loads(self._holder.read_text(encoding="utf-8"))
            return "process {pid} of {user} on {host} (since {since})".format(**holder)
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"  # it has taken the lock and not yet said its name


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in some containers
        return str(os.getuid())


def unwritable(root: Path, error: OSError, in_use: str | None = None) -> IndexUnwritable:
    """The one message for a disk that is full, read-only, forbidden or failing."""
    state = (
        f"{in_use} is in use but the disk did not confirm that it will keep it"
        if in_use
        else "the index in use is unchanged"
    )
    return IndexUnwritable(
        f"cannot write the index {root} ({error.strerror or error}); {state}: "
        "free space or give write access there, then build again"
    )


def require_space(root: Path, size: int) -> None:
    """Refuse before writing what would not fit.

    Args:
        root: Folder of the index.
        size: Bytes to write; twice as much is asked, as the previous generation stays.

    Raises:
        IndexUnwritable: If the disk has less than that.
    """
    free = shutil.disk_usage(root).free
    if free < 2 * size + _MARGIN_BYTES:
        raise IndexUnwritable(
            f"the disk of {root} has {free >> 20} MiB free and this index needs "
            f"{(2 * size + _MARGIN_BYTES) >> 20}: free some space, then build again"
        )


def write_file(path: Path, data: bytes) -> None:
    """Create ``path`` with ``data`` and return once the disk has it. The file must be new."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Have the disk keep the names in a folder; without it a rename may be lost with the power."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(folder: Path) -> None:
    """Remove a folder so that it is never seen half removed: renamed first, then emptied."""
    if not folder.name.startswith(STAGING):
        aside = folder.with_name(f"{STAGING}old-{folder.name}")
        folder = folder.rename(aside)
    shutil.rmtree(folder)


def sweep(root: Path, generations: Path) -> None:
    """Remove what killed builders left. For the lock's holder only: nobody else is staging."""
    for left in generations.glob(f"{STAGING}*"):
        shutil.rmtree(left)
    for left in root.glob(f"{POINTER_STAGING}*"):
        left.unlink()
