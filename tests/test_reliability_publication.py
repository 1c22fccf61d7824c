"""Publication under fault: whatever fails and whenever, one whole generation is there to open."""

from __future__ import annotations

import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults import FailNth, KillNth, ended, forked, on_each_operation

from index import generations, publication
from index.errors import IndexBusy, IndexMissing, IndexUnwritable
from index.generations import Lock, list_generations, open_current, publish, verify

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


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_every_operation_failing_in_turn(
    quick_path: Path, code: int, lasting: bool, record_property: Record
) -> None:
    """Fails the 1st, 2nd, 3rd… operation until a publication meets none (SQLite's loop)."""
    nth = refused = 0
    while True:
        nth += 1
        root = quick_path / str(nth)
        publish(root, content(1), {})
        fault = FailNth(nth, code, lasting=lasting)
        try:
            with on_each_operation(fault):
                publish(root, content(2), {})
            served = 2
        except IndexUnwritable as error:
            refused += 1
            served = 2 if "is in use but" in str(error) else 1
        opened = open_current(root)
        assert (mark_of(opened), opened.notice) == (served, None), f"operation {nth}"
        assert verify(root) == (), f"operation {nth}"
        publish(root, content(3), {})
        assert mark_of(open_current(root)) == 3, f"operation {nth}"
        assert not [p for p in (root / "gen").iterdir() if p.name.startswith(".tmp-")]
        shutil.rmtree(root)
        if fault.count < nth:
            break
    assert nth > 12 and refused >= nth - 4  # three times, a folder is already there
    report(record_property, 6, f"operation failing ({os.strerror(code)})", nth - 1, "operations")


def test_the_first_publication_failing_leaves_nothing_to_open(quick_path: Path) -> None:
    for nth in range(1, 40):
        root = quick_path / str(nth)
        fault = FailNth(nth)
        try:
            with on_each_operation(fault):
                publish(root, content(1), {})
        except IndexUnwritable as error:
            if "is in use but" not in str(error):
                with pytest.raises(IndexMissing):
                    open_current(root)
        if fault.count < nth:
            return
    pytest.fail("the loop did not reach the end of a publication")


@pytest.mark.slow
def test_killed_before_every_operation(quick_path: Path, record_property: Record) -> None:
    nth = 0
    while True:
        nth += 1
        root = quick_path / str(nth)
        publish(root, content(1), {})

        def work(nth: int = nth, root: Path = root) -> int:
            with on_each_operation(KillNth(nth)):
                publish(root, content(2), {})
            return 0

        status = ended(forked(work))
        opened = open_current(root)
        assert mark_of(opened) in (1, 2) and opened.notice is None, f"operation {nth}"
        assert verify(root) == (), f"operation {nth}"
        publish(root, content(3), {})  # the lock is free, and the orphans are swept
        assert mark_of(open_current(root)) == 3
        assert not list((root / "gen").glob(".tmp-*")) and not list(root.glob(".CURRENT.*"))
        if status == 0:
            assert mark_of(opened) == 2
            break
        assert status == -signal.SIGKILL
    assert nth > 12
    report(record_property, 4, "SIGKILL before each operation of a publication", nth - 1, "kills")


@pytest.mark.parametrize(
    "trials",
    [pytest.param(30, marks=pytest.mark.slow), pytest.param(300, marks=pytest.mark.long)],
    ids=["30", "300"],
)
def test_killed_at_random_times(root_on_disk: Path, trials: int, record_property: Record) -> None:
    root = root_on_disk
    chance = random.Random(trials)

    def work(first: int) -> int:
        for mark in range(first, first + 1000):
            publish(root, content(mark), {})
        return 0

    publication_grace, publication.GRACE_SECONDS = publication.GRACE_SECONDS, -1
    began = time.monotonic()
    for last in range(2, 7):
        publish(root, content(last), {})
    usual = (time.monotonic() - began) / 5  # a busy machine takes ten times as long
    try:
        for trial in range(trials):
            child = forked(lambda last=last: work(last + 1))
            time.sleep(chance.uniform(0.0, 3 * usual))
            os.kill(child, signal.SIGKILL)
            assert ended(child) == -signal.SIGKILL
            opened = open_current(root)
            assert mark_of(opened) >= last and opened.notice is None, f"trial {trial}"
            last = mark_of(opened)
        publish(root, content(0), {})
    finally:
        publication.GRACE_SECONDS = publication_grace
    assert verify(root) == () and last > trials / 10
    report(record_property, 4, "SIGKILL at random times, pruning at once", trials, "kills")


def test_the_lock_of_a_killed_builder_is_free(root: Path) -> None:
    read, write = os.pipe()

    def hold() -> int:
        with Lock(root):
            os.write(write, b".")
            signal.pause()
        return 0

    child = forked(hold)
    os.read(read, 1)
    with pytest.raises(IndexBusy, match=f"process {child} of"):
        publish(root, content(2), {})
    os.kill(child, signal.SIGKILL)
    ended(child)
    publish(root, content(2), {})
    assert mark_of(open_current(root)) == 2


def built(root: Path, mark: int, ready: Callable[[], object]) -> int:
    """Publish once ``ready`` returns; 3 when another builder is at work."""
    ready()
    try:
        publish(root, content(mark), {})
    except IndexBusy:
        return 3
    return 0


def test_a_builder_that_comes_during_another_s_publication_is_refused(root: Path) -> None:
    (inside, enter), (leave, go) = os.pipe(), os.pipe()

    def wait_inside(_: object) -> None:
        os.write(enter, b".")
        os.read(leave, 1)

    first = forked(lambda: 0 if publish(root, content(2), {}, check=wait_inside) else 70)
    second = forked(lambda: built(root, 3, lambda: os.read(inside, 1)))
    assert ended(second) == 3
    assert mark_of(open_current(root)) == 1, "seen before it was whole"
    os.write(go, b".")
    assert ended(first) == 0
    for end in (inside, enter, leave, go):
        os.close(end)
    assert mark_of(open_current(root)) == 2
    assert verify(root) == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    "pairs", [15, pytest.param(100, marks=pytest.mark.long)], ids=["15", "100"]
)
def test_two_builders_at_once(root: Path, pairs: int, record_property: Record) -> None:
    """However the two fall together, and on a slow machine they may just miss each other."""
    for pair in range(pairs):
        before = len(list_generations(root))
        start, go = os.pipe()
        marks = (2 * pair + 2, 2 * pair + 3)
        children = [
            forked(lambda mark=mark, start=start: built(root, mark, lambda: os.read(start, 1)))
            for mark in marks
        ]
        os.write(go, b"..")
        codes = sorted(map(ended, children))
        os.close(start), os.close(go)
        assert codes in ([0, 0], [0, 3]), codes
        assert len(list_generations(root)) - before == codes.count(0)
        assert mark_of(open_current(root)) in marks
    assert verify(root) == ()
    report(record_property, 7, "two builders at once", pairs, "pairs")


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
    if "unshare" in ran.stderr or "mount:" in ran.stderr:
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


@pytest.mark.slow
def test_readers_during_publications(root: Path, record_property: Record) -> None:
    """8 processes read while 100 generations come and, without any grace, go."""
    stop = root.parent / "stop"

    def read() -> int:
        seen = set()
        while not stop.exists():
            opened = open_current(root)
            assert opened.notice is None, opened.notice
            seen.add(mark_of(opened))
        return 0 if len(seen) > 1 else 4

    readers = [forked(read) for _ in range(8)]
    grace, publication.GRACE_SECONDS = publication.GRACE_SECONDS, -1
    try:
        for mark in range(2, 102):
            publish(root, content(mark), {})
    finally:
        publication.GRACE_SECONDS = grace
        stop.touch()
        codes = [ended(reader) for reader in readers]
    assert codes == [0] * 8
    assert len(list_generations(root)) == publication.KEPT
    report(
        record_property, 8, "publications before 8 readers, pruning at once", 100, "publications"
    )
