"""Publication under fault: whatever fails and whenever, one whole generation is there to open."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest
from faults import FailNth, KillNth, ended, forked, on_each_operation
from generations_under_fault import (
    Record,
    content,
    mark_of,
    quick_path,
    report,
    root,
    root_on_disk,
)

from index import publication
from index.errors import IndexMissing, IndexUnwritable
from index.generations import open_current, publish, verify

__all__ = ["quick_path", "root", "root_on_disk"]


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
    usual = (time.monotonic() - began) / 5
    try:
        for trial in range(trials):
            child = forked(lambda last=last: work(last + 1))
            time.sleep(chance.uniform(0.0, 3 * usual))
            os.kill(child, signal.SIGKILL)
            assert ended(child) == -signal.SIGKILL
            opened = open_current(root)
            assert mark_of(opened) >= last and opened.notice is None, f"trial {trial}"
            # However busy the machine becomes, kills fall before, within and after a publication.
            usual *= 1.25 if mark_of(opened) == last else 0.9
            last = mark_of(opened)
        publish(root, content(0), {})
    finally:
        publication.GRACE_SECONDS = publication_grace
    assert verify(root) == () and last > trials / 10
    report(record_property, 4, "SIGKILL at random times, pruning at once", trials, "kills")
