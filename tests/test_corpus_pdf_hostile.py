"""Hostile and damaged PDFs: the parent never fails, and nothing is lost without being said."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from multiprocessing import get_context

import pytest
import typeset
from faults import ended, forked
from forge import POISON, crafted, mutations, pdf, poisoned, prose

from corpus.errors import SourceRefused
from corpus.pdf import child, read_pdf, sandbox
from corpus.pdf.sandbox import WALL_SECONDS, interrogate
from corpus.wording import FLAGS, REFUSALS

Record = Callable[[str, object], None]
CRAFTED = crafted()
# What pypdf itself reads without an error and without its text (see the page on reliability).
SILENT = {"nested arrays", "length of itself", "form drawing itself", "billion laughs"}
LARGEST = 1 << 20  # KiB that a reading child may ever hold
QUICK = {"password", "scan", "one blank page", "white text", "covered text", "page left out"}


@pytest.fixture(scope="module")
def reader() -> Iterator[Executor]:
    """A small process that reads PDFs, so that what it says of its children is theirs alone.

    A child's peak begins at what its parent holds, and a test process holds a gigabyte of others'.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        yield executor


def largest_child() -> int:
    """Peak of the largest child that this process has waited for, in KiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def outcome(data: bytes, name: str) -> set[str]:
    """Codes of the refusal or of the flags; empty for a document found sound."""
    try:
        return {flag.code for flag in read_pdf(data, name).flags}
    except SourceRefused as error:
        assert error.code in REFUSALS
        assert str(error) == f"{name} : {REFUSALS[error.code]}"
        return {error.code}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[] if n in QUICK else [pytest.mark.slow]) for n in CRAFTED],
)
def test_crafted_files_are_refused_or_flagged_for_the_right_reason(
    name: str, reader: Executor, record_property: Record
) -> None:
    made, codes = CRAFTED[name]
    data = made() if callable(made) else made
    assert codes <= REFUSALS.keys() | FLAGS.keys()
    reader.submit(largest_child).result()  # it has started: the clock is the child's alone
    started = time.monotonic()
    assert reader.submit(outcome, data, name).result() & codes
    # The limit that the sandbox promises, not a speed: a child that outlives it is a defect.
    assert time.monotonic() - started < WALL_SECONDS + 2
    assert reader.submit(largest_child).result() < LARGEST
    record_property("reliability", "22|files crafted to harm or damaged|1|files")
    if "scan" in name or "page" in name or name in SILENT:
        record_property("reliability", "23|files that pypdf reads short without an error|1|files")


def test_hidden_text_never_enters_the_document() -> None:
    for name in ("white text", "covered text"):
        data = CRAFTED[name][0]
        assert isinstance(data, bytes)
        read = read_pdf(data, name)
        assert "Page de texte portant le repere 111." in read.raw
        assert "Ignorez" not in read.raw
        assert "Martin" not in read.raw


POISONED = poisoned()


@pytest.mark.parametrize("way", [
    pytest.param(way, marks=[] if way in ("white", "under an image") else [pytest.mark.slow])
    for way in POISONED
])  # fmt: skip
def test_hidden_instructions_are_flagged_and_left_out(way: str, record_property: Record) -> None:
    read = read_pdf(POISONED[way], f"{way}.pdf")
    flags = [flag.text for flag in read.flags if flag.code == "hidden"]
    assert len(POISONED) == 20
    assert any(POISON in text for text in flags)
    assert POISON not in read.raw
    assert "repere 111" in read.raw
    record_property("reliability", "11|ways of hiding instructions in a PDF|1|documents")


def test_white_text_on_a_dark_box_is_seen() -> None:
    shown = b"0.1 0.2 0.4 rg 40 690 500 30 re f 1 1 1 rg " + prose(1)
    read = read_pdf(pdf(shown), "x.pdf")
    assert {flag.code for flag in read.flags} == {"hidden"}  # the lines below the box only
    assert "repere 111" in read.raw


def test_sound_files_are_not_flagged() -> None:
    assert outcome(pdf(prose(1), prose(2), prose(3)), "sound") == set()


def test_a_child_that_does_not_end_is_killed() -> None:
    data = pdf(prose(1) + b"1 0 0 1 0 0 cm\n" * 900_000)
    with pytest.raises(SourceRefused) as refusal:
        interrogate(data, "slow.pdf", seconds=0.3)
    assert refusal.value.code == "too_costly"


def test_an_answer_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_ANSWER", 200)
    with pytest.raises(SourceRefused) as refusal:
        interrogate(pdf(prose(1)), "long.pdf")
    assert refusal.value.code == "too_costly"


def test_the_child_has_given_up_its_rights() -> None:
    """Memory, time, files, network: tried in a process that limits itself as the child does."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def tries() -> int:
            offline = child.limit()
            assert resource.getrlimit(resource.RLIMIT_AS)[1] == 1 << 30
            assert resource.getrlimit(resource.RLIMIT_CPU)[1] == 20
            assert resource.getrlimit(resource.RLIMIT_CORE)[1] == 0
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            with tempfile.TemporaryFile() as file, contextlib.suppress(OSError):
                os.write(file.fileno(), b"x")
                return 1
            with contextlib.suppress(OSError):
                socket.create_connection(server.getsockname(), timeout=1)
                return 2 if offline else 3
            return 0

        status = ended(forked(tries))
    assert status in (0, 3)
    if status == 3:
        # Asked of the system: a child that no longer tries must not pass for one that may not.
        allowed = ["unshare", "--user", "--net", "true"]
        assert subprocess.run(allowed, check=False, capture_output=True).returncode != 0
        pytest.skip("this system lets nobody give up the network")
    assert read_pdf(pdf(prose(1)), "x.pdf").offline


# Mutations. `plain` has no checksum anywhere: a changed letter there cannot be told, a lost page
# must be.


@cache
def bases() -> dict[str, bytes]:
    paragraphs = typeset.guide_document().text.split("\n\n")[:24]
    return {
        "woven": typeset.set_plain(*paragraphs),
        "packed": pdf(prose(1), prose(2), prose(3)),
        "plain": pdf(prose(1), prose(2), prose(3), packed=False),
    }


def page_words(data: bytes) -> list[list[str]] | None:
    """Words of each page of a document found sound; None when it is refused or flagged.

    Whatever the file, the parent gets one or the other, within the wall time of the child.
    """
    began = time.monotonic()
    try:
        read = read_pdf(data, "mutated.pdf")
    except SourceRefused as error:
        assert error.code in REFUSALS
        return None
    finally:
        assert time.monotonic() - began < WALL_SECONDS + 2
    assert read.declared == len(read.pages) or read.flags, "pages are missing and nothing says so"
    if read.flags:
        return None
    return [re.findall(r"\w+", page) for page in re.split("\ue001\\d+\ue001", read.raw)[1:]]


def all_page_words(copies: list[bytes]) -> list[list[list[str]] | None]:
    """The words of each copy, two read at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(page_words, copies))


def lost(truth: list[list[str]], found: list[list[str]] | None) -> bool:
    """Whether a document found sound lacks a page, or a tenth of the words of one."""
    if found is None:
        return False
    return len(found) != len(truth) or any(
        (Counter(a) - Counter(b)).total() > 0.1 * len(a) for a, b in zip(truth, found, strict=True)
    )


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(12, marks=pytest.mark.slow),
        pytest.param(667, marks=pytest.mark.long(minutes=5)),  # 2,001 files in all
    ],
)
def test_no_page_is_lost_silently(count: int, reader: Executor, record_property: Record) -> None:
    """Each copy is refused, flagged, or whole: no fault of the parent, none late, none too big."""
    read = 0
    for name, base in bases().items():
        truth = page_words(base)
        assert truth is not None
        assert len(truth) == 3
        copies = list(mutations(base, count, seed=count))
        found = reader.submit(all_page_words, copies).result()
        assert [n for n, pages in enumerate(found) if lost(truth, pages)] == [], name
        read += len(found)
    assert reader.submit(largest_child).result() < LARGEST
    record_property("reliability", f"23|damaged copies, no page lost without a word|{read}|files")
