"""Several processes on one index: builders who meet, and readers meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from faults import ended, forked
from generations_under_fault import (
    Record,
    content,
    mark_of,
    quick_path,
    report,
    root,
)

from index import publication
from index.errors import IndexBusy
from index.generations import Lock, list_generations, open_current, publish, verify

__all__ = ["quick_path", "root"]


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
