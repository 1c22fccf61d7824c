"""Real faults for tests: an operation that fails, a process that dies, a byte that rots.

The operations are Python's doors to the kernel (``os.write``, ``os.fsync``…). Behind them nothing
is replaced: the code under test and the file system are the real ones.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from unittest import mock

OPERATIONS = ("open", "write", "fsync", "mkdir", "rename", "replace", "unlink", "rmdir")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@contextlib.contextmanager
def on_each_operation(act: Callable[[str, tuple[object, ...]], None]) -> Iterator[None]:
    """Call ``act(name, arguments)`` before each operation that changes the disk."""

    def wrap(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def call(*args: object, **kwargs: object) -> object:
            if name != "open" or int(args[1]) & _WRITING:  # type: ignore[call-overload]
                act(name, args)
            return real(*args, **kwargs)

        return call

    with contextlib.ExitStack() as stack:
        for name in OPERATIONS:
            stack.enter_context(mock.patch.object(os, name, wrap(name)))
        yield


class FailNth:
    """Fail operation ``nth`` (from 1), and with ``lasting`` every later one: the disk is dead."""

    def __init__(self, nth: int, code: int = errno.ENOSPC, *, lasting: bool = False) -> None:
        self.nth, self.code, self.lasting, self.count = nth, code, lasting, 0

    def __call__(self, name: str, _args: tuple[object, ...]) -> None:
        self.count += 1
        if self.count == self.nth or (self.lasting and self.count > self.nth):
            raise OSError(self.code, os.strerror(self.code))


class KillNth:
    """SIGKILL this process just before operation ``nth`` (from 1)."""

    def __init__(self, nth: int) -> None:
        self.nth, self.count = nth, 0

    def __call__(self, _name: str, _args: tuple[object, ...]) -> None:
        self.count += 1
        if self.count == self.nth:
            os.kill(os.getpid(), signal.SIGKILL)


def forked(work: Callable[[], int]) -> int:
    """Start ``work`` in a child process that exits with its value; return the child's id."""
    child = os.fork()
    if child:
        return child
    try:
        code = work()
    except BaseException:
        traceback.print_exc()
        code = 70
    sys.stderr.flush()
    os._exit(code)


def ended(child: int) -> int:
    """Wait for a child; its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def damaged(data: bytes, kind: str, chance: random.Random) -> bytes:
    """``data`` with one damage that really changes it: ``flip``, ``truncate`` or ``zero``."""
    if kind == "truncate":
        return data[: chance.randrange(len(data))]
    rotten = bytearray(data)
    if kind == "flip":
        rotten[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(rotten)
    places = [place for place, byte in enumerate(data) if byte]
    start = chance.choice(places) // 4096 * 4096
    rotten[start : start + 4096] = bytes(len(rotten[start : start + 4096]))
    return bytes(rotten)
