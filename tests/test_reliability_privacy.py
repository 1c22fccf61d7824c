"""The question is a secret: it stays in the process that answers it, and leaves no trace."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_index import real_index

Record = Callable[[str, object], None]
HERE = Path(__file__).parent
CANARY = "Zyxqvw"


def ask(
    tmp_path: Path, count: int, *options: str, before: tuple[str, ...] = ()
) -> tuple[dict[str, Any], str, Path]:
    """The child's summary, its standard error, and the only folder where it may have written."""
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)
    index = Path(shutil.copytree(real_index(), home / "index"))
    keep = {"PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "OMP_NUM_THREADS"}
    environ = {name: value for name, value in os.environ.items() if name in keep}
    environ |= {
        "HOME": str(home), "TMPDIR": str(home / "tmp"), "XDG_CACHE_HOME": str(home / "cache"),
        "SECRETPRO_DATA": str(home / "data"), "PYTHONPATH": str(HERE.parent),
    }  # fmt: skip
    ran = subprocess.run(
        [*before, sys.executable, str(HERE / "canaries.py"), str(index), str(count), *options],
        cwd=home, env=environ, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if ran.returncode and ran.stderr.startswith(
        ("unshare:", "strace:")
    ):  # theirs, not the product's
        pytest.skip(f"this system lets nobody cut the network off: {ran.stderr.strip()}")
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(ran.stdout), ran.stderr, home


@pytest.mark.slow
def test_no_trace_is_left_of_what_was_asked(tmp_path: Path, record_property: Record) -> None:
    """50 canaries: logs at their most talkative, streams, index, temporary files, caches, data."""
    log = tmp_path / "home" / "debug.log"
    summary, errors, home = ask(tmp_path, 50, "--log", str(log))
    assert summary["answered"] + summary["refused"] == 50 and summary["errors"] == 50
    assert summary["answered"] > 5, "hardly anything was answered: the test showed little"
    assert CANARY not in errors
    assert "Traceback" in log.read_text(), "the log did not even hold the errors"
    files = [path for path in home.rglob("*") if path.is_file()]
    assert len(files) > 10
    found = [path for path in files if CANARY.encode() in path.read_bytes()]
    assert found == []
    record_property("reliability", "26|canary questions, then every file and stream|50|questions")


@pytest.mark.slow
def test_nothing_opens_a_socket(tmp_path: Path, record_property: Record) -> None:
    """100 questions with the chat model off; Python tells of each socket it makes."""
    summary, _, _ = ask(tmp_path, 100)
    assert summary["answered"] + summary["refused"] == 100
    assert summary["sockets"] == []
    record_property("reliability", "27|questions without a socket, chat model off|100|questions")


@pytest.mark.slow
def test_nothing_asks_the_kernel_for_the_network(tmp_path: Path, record_property: Record) -> None:
    """The same seen from outside the process, libraries in C included."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    options = ("-f", "-qq", "-e", "trace=socket,connect,sendto,sendmsg", "-o", str(trace))
    summary, _, _ = ask(tmp_path, 20, before=("strace", *options))
    assert summary["answered"] + summary["refused"] == 20
    calls = [line for line in trace.read_text().splitlines() if re.search(r"AF_INET6?\b", line)]
    assert calls == []
    record_property("reliability", "27|questions without a network system call|20|questions")


@pytest.mark.slow
def test_it_answers_with_the_network_cut_off(tmp_path: Path, record_property: Record) -> None:
    cut = ("unshare", "--net", "--map-root-user")
    summary, _, _ = ask(tmp_path, 20, "--ordinary", before=cut)
    assert summary["answered"] == 20
    record_property("reliability", "25|questions with the network cut off|20|questions")
