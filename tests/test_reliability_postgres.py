"""The shared index under fault: its server is killed while a generation is being published."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faults import ended, forked
from postgres import SERVERS, start, stop_at_once

from index.errors import IndexUnreachable
from index.generations import Generation, open_current

psycopg = pytest.importorskip("psycopg", reason="pip install '.[postgres]'")
from index.stores import open_store, upload, verify_store  # noqa: E402 - after the skip

Record = Callable[[str, object], None]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def generation(real_root: Path) -> Generation:
    return open_current(real_root)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def kill(server: Any) -> None:
    """SIGKILL to the server and to each of its processes: no handler of any kind runs."""
    import psutil

    postmaster = psutil.Process(server.get_pid())
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=10)


def served(address: str) -> str:
    index = open_store(address)
    try:
        assert index.notice is None
        assert index.retriever.search("secret professionnel", 1)
        return index.generation
    finally:
        index.close()


@pytest.mark.parametrize(
    "kills", [4, pytest.param(20, marks=pytest.mark.long(minutes=2))], ids=["4", "20"]
)
def test_the_server_killed_while_publishing(
    generation: Generation, folder: Path, kills: int, record_property: Record
) -> None:
    """After its restart the former generation is there whole, or the new one is: never a mix."""
    chance = random.Random(kills)
    server = start(SERVERS[0], folder)
    address = server.get_uri()
    began = time.monotonic()
    last = upload(generation, address)
    usual = time.monotonic() - began

    def publish() -> int:
        try:
            upload(generation, address)
        except IndexUnreachable:
            return 3
        return 0

    interrupted = 0
    try:
        for trial in range(kills):
            child = forked(publish)
            time.sleep(chance.uniform(0.05, 1.1) * usual)
            kill(server)
            status = ended(child)
            assert status in (0, 3), f"the builder ended with {status}, not with a clear error"
            with pytest.raises(IndexUnreachable):
                open_store(address)
            server = restarted(server, folder)
            found = served(address)
            assert found >= last, f"trial {trial}: a published generation was lost"
            assert status == 3 or found > last, f"trial {trial}: what was confirmed is gone"
            interrupted += status == 3
            last = found
        assert verify_store(address) == ()
    finally:
        stop_at_once(server)
    assert interrupted, "no publication was interrupted: the test showed nothing"
    report = f"4|kill -9 of the PostgreSQL server while publishing|{kills}|kills"
    record_property("reliability", report)


def restarted(server: Any, folder: Path) -> Any:
    """The server started again on the same data, as an init system would."""
    (folder / "postmaster.pid").unlink(missing_ok=True)
    server.cleanup()
    return start(SERVERS[0], folder)


def test_a_server_gone_while_reading_is_said_so(generation: Generation, folder: Path) -> None:
    server = start(SERVERS[0], folder)
    upload(generation, server.get_uri())
    index = open_store(server.get_uri())
    try:
        assert index.retriever.search("secret professionnel", 1)
        os.kill(server.get_pid(), signal.SIGQUIT)
        with pytest.raises(IndexUnreachable, match="does not answer"):
            for _ in range(100):
                index.retriever.search("secret professionnel", 1)
                time.sleep(0.05)
    finally:
        index.close()
        stop_at_once(server)
