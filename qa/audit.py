"""The audit trail: each staff act, in a chain that shows whether it was touched.

One JSON object a line, each holding the sha256 of the line before it. ``audit.head`` beside the
file says how long the chain is and how it ends, so that lines cut off at the end are missed too.
Nothing free is ever written: an act of a closed list, a document's name, a generation, an
identity; hence never a question.

The chain shows faults and careless edits. Somebody who may write both files can forge a whole new
chain: keep the printed head elsewhere now and then, and give it to ``verify --expect``.

    python -m qa.audit verify [--file FILE] [--expect SHA256]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

import settings
from qa.errors import AuditDamaged

Act = Literal[
    "stage", "preview", "approve", "discard", "withdraw", "build", "rollback",
    "submit", "judge", "delete-review", "export", "login", "refused", "recovered",
]  # fmt: skip
ACTS: tuple[Act, ...] = get_args(Act)
FILE = "audit.jsonl"
ROOT_SHA256 = "0" * 64
LOCK_SECONDS = 10
_NAME = re.compile(r"[\w.:/@+-]{1,200}")
_DAMAGED = (
    "Le journal des actes n’est pas dans l’état où il a été écrit : aucun acte n’est possible. "
    "Comparez-le avec une copie (`python -m qa.audit verify`)."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One act.

    Attributes:
        n: Rank, from 1.
        at: When, ISO 8601, UTC.
        who: E-mail address, or the local user.
        document: Id of a source, of a staged document or of a review; never free text.
        generation: Of the index in use.
        before: sha256 of the line before; zeros for the first.
    """

    n: int
    at: str
    who: str
    act: Act
    document: str | None
    generation: str | None
    before: str

    def as_line(self) -> bytes:
        """Canonical JSON and an end of line: the bytes that are hashed."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Head:
    """How the chain ends: entries, bytes, and the sha256 of the last line."""

    n: int = 0
    size: int = 0
    sha256: str = ROOT_SHA256


@dataclass(frozen=True, slots=True)
class Trail:
    """The audit trail of one installation.

    Attributes:
        path: The JSONL file; its head lies beside it.
    """

    path: Path

    @classmethod
    def of(cls, chosen: settings.Settings | None = None) -> Trail:
        """The trail in the data folder of the settings."""
        return cls((chosen or settings.load()).data / FILE)

    @property
    def head_path(self) -> Path:
        """Where the head is kept."""
        return self.path.with_suffix(".head")

    def require(self) -> None:
        """Raise before an act that could not be recorded.

        Raises:
            AuditDamaged: The trail is shorter than it was, or cannot be written.
        """
        with self._locked() as head:
            self._mended(head)

    def record(
        self, who: str, act: Act, document: str | None = None, generation: str | None = None
    ) -> Entry:
        """Append one act, and force it to the disk before returning.

        Raises:
            ValueError: An unknown act, or a document or generation that is no plain name.
            AuditDamaged: The trail is shorter than it was, or cannot be written.
        """
        for name in (document, generation):
            if name is not None and not _NAME.fullmatch(name):
                raise ValueError("an audit entry names things by id: give an id, not a text")
        if act not in ACTS:
            raise ValueError(f"unknown act {act!r}: use one of {', '.join(ACTS)}")
        with self._locked() as head:
            head = self._mended(head)
            return self._append(head, who, act, document, generation)

    def entries(self) -> Iterator[Entry]:
        """The acts, oldest first, unchecked; lines that cannot be read are passed over."""
        if self.path.is_file():
            for line in self.path.read_bytes().splitlines():
                entry = _parsed(line + b"\n")
                if entry is not None:
                    yield entry

    def head(self) -> Head:
        """The head as kept; zeros when nothing was recorded yet.

        Raises:
            AuditDamaged: It cannot be read.
        """
        try:
            return Head(**json.loads(self.head_path.read_bytes()))
        except FileNotFoundError:
            return Head()
        except (OSError, ValueError, TypeError) as error:
            raise AuditDamaged(_DAMAGED) from error

    def _append(
        self, head: Head, who: str, act: Act, document: str | None, generation: str | None
    ) -> Entry:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        entry = Entry(head.n + 1, at, " ".join(who.split())[:200], act, document, generation,
                      head.sha256)  # fmt: skip
        line = entry.as_line()
        after = Head(entry.n, head.size + len(line), hashlib.sha256(line).hexdigest())
        try:
            _append_whole(self.path, line)
            _replace_whole(self.head_path, json.dumps(asdict(after)).encode())
        except OSError as error:
            raise AuditDamaged(_DAMAGED) from error
        return entry

    def _mended(self, head: Head) -> Head:
        """The head to go on from, after what a power cut may have left behind it.

        A whole line beyond the head was written and not yet counted: it is. A piece of one was
        never acknowledged to anybody: it is cut off, and an entry says so.
        """
        size = self.path.stat().st_size if self.path.is_file() else 0
        if size < head.size:
            raise AuditDamaged(_DAMAGED)
        if size == head.size:
            return head
        with self.path.open("rb") as stream:
            stream.seek(head.size)
            tail = stream.read()
        entry = _parsed(tail)
        if entry is not None and (entry.n, entry.before) == (head.n + 1, head.sha256):
            after = Head(entry.n, size, hashlib.sha256(tail).hexdigest())
            _replace_whole(self.head_path, json.dumps(asdict(after)).encode())
            return after
        if b"\n" in tail:
            raise AuditDamaged(_DAMAGED)
        os.truncate(self.path, head.size)
        self._append(head, "-", "recovered", None, None)
        return self.head()

    def _locked(self) -> _Locked:
        return _Locked(self)


class _Locked:
    def __init__(self, trail: Trail) -> None:
        self._trail = trail
        self._lock = FileLock(trail.path.with_suffix(".lock"), timeout=LOCK_SECONDS)

    def __enter__(self) -> Head:
        try:
            self._trail.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except (OSError, Timeout) as error:
            raise AuditDamaged(_DAMAGED) from error
        try:
            return self._trail.head()
        except AuditDamaged:
            self._lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def verify(trail: Trail, expected: str | None = None) -> tuple[str, ...]:
    """Every fault of the trail, one line each; empty when it is whole.

    Args:
        trail: What to check.
        expected: sha256 of a line that was noted elsewhere: the chain must hold it.
    """
    data = trail.path.read_bytes() if trail.path.is_file() else b""
    faults, seen, before, count = [], set(), ROOT_SHA256, 0
    lines = data.splitlines(keepends=True)
    for rank, line in enumerate(lines, start=1):
        entry = _parsed(line)
        digest = hashlib.sha256(line).hexdigest()
        if entry is None:
            faults.append(f"line {rank}: not what was written there")
        elif (entry.n, entry.before) != (rank, before):
            faults.append(f"line {rank}: does not follow the line before it")
        before, count = digest, rank
        seen.add(digest)
    try:
        head = trail.head()
    except AuditDamaged:
        return (*faults, "the head cannot be read: restore it from a copy")
    if (head.n, head.size, head.sha256) != (count, len(data), before):
        faults.append(f"{count} entries, and the head says {head.n}, or another last line")
    if expected is not None and expected not in seen:
        faults.append("the head noted elsewhere is not in the chain: it was rewritten")
    return tuple(faults)


def _parsed(line: bytes) -> Entry | None:
    """An entry, if these are exactly the bytes that a recording writes."""
    try:
        entry = Entry(**json.loads(line))
        return entry if entry.as_line() == line else None
    except (ValueError, TypeError, RecursionError):
        return None


def _append_whole(path: Path, line: bytes) -> None:
    new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        written = os.write(handle, line)
        os.fsync(handle)
        if written != len(line):
            raise OSError("short write")
    finally:
        os.close(handle)
    if new:
        _sync(path.parent)


def _replace_whole(path: Path, data: bytes) -> None:
    aside = path.with_suffix(".head.tmp")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    aside.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def main(argv: list[str] | None = None) -> int:
    """``verify``: exit status 0 when the trail is whole, else 1."""
    top = argparse.ArgumentParser(prog="python -m qa.audit", description="The audit trail.")
    command = top.add_subparsers(dest="command", required=True).add_parser("verify")
    command.add_argument("--file", type=Path, help="by default, that of the settings")
    command.add_argument("--expect", metavar="SHA256", help="a head noted elsewhere")
    args = top.parse_args(argv)
    trail = Trail(args.file) if args.file else Trail.of()
    faults = verify(trail, args.expect)
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        head: Any = trail.head()
        print(f"{head.n} entries, whole; head {head.sha256}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
