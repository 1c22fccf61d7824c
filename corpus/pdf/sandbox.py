"""Run the child that reads a PDF, and believe nothing that it says.

Measured on pypdf 7.1: 35 % of damaged files gave altered or missing text without any error, one
crafted file took 18 s and 338 MB. Hence a process of its own, with an empty environment, limits
on memory, processor time, files and network (see :mod:`corpus.pdf.child`), a wall clock that
kills the whole process group, and a cap on what it may answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from corpus.errors import SourceRefused
from corpus.wording import REFUSALS

CHILD = Path(__file__).with_name("child.py")
WALL_SECONDS = 25.0
MAX_ANSWER = 20 << 20  # bytes


def refused(name: str, code: str) -> SourceRefused:
    """The error for a document that cannot enter, with its French reason."""
    return SourceRefused(f"{name} : {REFUSALS[code]}", code=code)


def interrogate(data: bytes, name: str, seconds: float = WALL_SECONDS) -> dict[str, Any]:
    """The child's answer about one PDF, with the types checked.

    Raises:
        SourceRefused: It is no PDF, cannot be read, or costs too much; ``code`` says which.
    """
    if b"%PDF-" not in data[:1024]:
        raise refused(name, "not_pdf")
    answer, status = _run(data, seconds)
    if answer is None or len(answer) > MAX_ANSWER:
        raise refused(name, "too_costly")
    if status != 0:
        raise refused(name, "too_costly" if -status in _COSTLY else "damaged")
    try:
        said = json.loads(answer)
        if "refused" in said:
            raise refused(name, said["refused"] if said["refused"] in REFUSALS else "damaged")
        return _checked(said)
    except (ValueError, TypeError, KeyError) as error:
        raise refused(name, "damaged") from error


_COSTLY = (signal.SIGXCPU, signal.SIGKILL)


def _run(data: bytes, seconds: float) -> tuple[bytes | None, int]:
    """Standard output (None when the clock ran out) and exit status."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(process)

    clock = threading.Timer(seconds, end)
    clock.start()
    try:
        with contextlib.suppress(BrokenPipeError):  # the child may refuse before it has read all
            process.stdin.write(data)
            process.stdin.close()
        answer = process.stdout.read(MAX_ANSWER + 1)
    finally:
        clock.cancel()
        _kill(process)
        process.wait()
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    return (None if late.is_set() else answer), process.returncode


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the group unless the child has ended by itself."""
    if process.poll() is None:
        try:
            process.wait(timeout=0.5 if process.stdout and process.stdout.closed else 0.2)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _checked(said: dict[str, Any]) -> dict[str, Any]:
    """Only the expected keys and types; ValueError, TypeError or KeyError for anything else."""
    return {
        "raw": str(said["raw"]),
        "declared": int(said["declared"]),
        "offline": said["offline"] is True,
        "pages": [
            (int(index), None if printed is None else int(printed), int(count))
            for index, printed, count in said["pages"]
        ],
        "flags": [
            (str(code)[:40], str(text)[:400], None if page is None else int(page))
            for code, text, page in said["flags"]
        ],
    }
