"""Publication on a disk that fills up, and the order in which it writes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from faults import ended, forked, on_each_operation
from generations_under_fault import (
    SIZES,
    Record,
    content,
    mark_of,
    quick_path,
    report,
    root,
)

from index.errors import IndexUnwritable
from index.generations import open_current, publish, verify

__all__ = ["quick_path", "root"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "limits", [20, pytest.param(100, marks=pytest.mark.long)], ids=["20", "100"]
)
def test_a_file_size_limit_in_the_last_page(
    root: Path, limits: int, record_property: Record
) -> None:
    """The fault by which ``faiss.write_index`` loses a tail in silence."""
    size = max(SIZES.values())
    for step in range(limits):
        limit = size - 1 - step * 4096 // limits

        def work(limit: int = limit) -> int:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                publish(root, content(2), {})
            except IndexUnwritable:
                return 3
            return 0

        assert ended(forked(work)) == 3, f"published under a limit of {limit} bytes"
        assert mark_of(open_current(root)) == 1
    assert verify(root) == ()
    publish(root, content(2), {})
    report(record_property, 6, "RLIMIT_FSIZE inside the last 4 KB", limits, "limits")


_ON_TMPFS = """
import shutil, sys
from pathlib import Path
from index.errors import IndexUnwritable
from index.generations import open_current, publish, verify
root = Path(sys.argv[1]) / "index"
publish(root, {"a": b"1" * 500_000}, {})
usage = shutil.disk_usage(root)
shutil.disk_usage = lambda path: usage._replace(free=1 << 40)  # so that the writing itself fails
for extra in range(20):
    try:
        publish(root, {"a": b"2" * 500_000, "b": b"2" * (1_096_000 + 4096 * extra)}, {})
    except IndexUnwritable as error:
        assert "No space left" in str(error), error
    else:
        sys.exit("published on a full disk")
    assert open_current(root).files["a"][:1] == b"1" and verify(root) == ()
publish(root, {"a": b"3" * 500_000}, {})
assert open_current(root).files["a"][:1] == b"3"
print("whole")
"""


def test_a_disk_really_full(tmp_path: Path, record_property: Record) -> None:
    """A 2 MB tmpfs in a mount namespace of its own; the check of free space is made to lie."""
    mounted = 'mount -t tmpfs -o size=2m tmpfs {0} && exec {1} -c "$CODE" {0}'
    ran = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c",
         mounted.format(tmp_path, sys.executable)],
        env={**os.environ, "CODE": _ON_TMPFS}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    if ran.stderr.startswith(("unshare:", "mount:")):  # their word, never the product's
        pytest.skip(f"this system lets nobody mount a tmpfs: {ran.stderr.strip()}")
    assert (ran.returncode, ran.stdout) == (0, "whole\n"), ran.stderr
    report(record_property, 6, "tmpfs of 2 MB really full", 20, "publications")


def test_each_step_reaches_the_disk_before_the_next_begins(
    root: Path, record_property: Record
) -> None:
    """The order that a loss of power needs: contents, names, new name, pointer, its name."""
    steps: list[str] = []

    def note(name: str, args: tuple[object, ...]) -> None:
        if name == "open":
            steps.append(f"create {Path(str(args[0])).name}")
        elif name == "fsync":
            target = Path(f"/proc/self/fd/{args[0]}").readlink()
            steps.append(f"fsync {target.name}")
        elif name in ("rename", "replace"):
            steps.append(f"{name} to {Path(str(args[1])).name}")

    with on_each_operation(note):
        wanted = publish(root, content(2), {})
    steps = [step for step in steps if ".lock" not in step]
    pointer = f".CURRENT.{os.getpid()}"
    each = [f"{verb} {name}" for name in SIZES for verb in ("create", "fsync")]
    assert steps == [
        *each,
        "create manifest.json",
        "fsync manifest.json",
        f"fsync .tmp-{wanted}",
        f"rename to {wanted}",
        "fsync gen",
        f"create {pointer}",
        f"fsync {pointer}",
        "replace to CURRENT",
        f"fsync {root.name}",
    ]
    report(record_property, 5, "order of writes and fsyncs", len(steps), "steps in order")
