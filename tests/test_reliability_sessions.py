"""The application as people use it: many sessions for long, and what they leave behind: nothing.

``LOAD_MINUTES`` shortens or lengthens the campaign (10 by default).
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page
from test_reliability_load import SUBJECTS, canary, question, resident
from websockets import Origin, Subprotocol
from websockets.sync.client import connect

from qa.pipeline import Engine
from qa.reviews import Reviews
from tests.browsing import CHROMIUM, Served, launched, served
from tests.test_ui_load import Person

Record = Callable[[str, object], None]
MINUTES = float(os.environ.get("LOAD_MINUTES", "10"))
PEOPLE, READERS = 20, 50
PAUSE = 5.0  # seconds that a reader of the engine reads before asking again
TURNS = 12  # questions of one conversation, before the person begins another
BOX = '[data-testid="stChatInputTextArea"]'
AT_REST = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CANARY = re.compile(r"Zyxq[a-j]{3}wv")


@contextmanager
def at_home(folder: Path) -> Iterator[Served]:
    """The application served, with every place where it might write inside one folder."""
    home = folder / "home"
    (home / "tmp").mkdir(parents=True)
    places = {"HOME": home, "TMPDIR": home / "tmp", "XDG_CACHE_HOME": home / "cache"}
    with served(home / "index", **{name: str(place) for name, place in places.items()}) as running:
        yield running


def traces(folder: Path, mark: str) -> list[Path]:
    """Files below a folder that hold ``mark``."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    return [path for path in files if mark.encode() in path.read_bytes()]


def server_of(running: Served) -> psutil.Process:
    """The process that serves."""
    port = running.url.rsplit(":", 1)[-1]
    (found,) = [p for p in psutil.Process().children() if port in p.cmdline()]
    return found


@pytest.mark.slow
def test_fifty_questions_leave_nothing_on_the_server(
    tmp_path: Path, record_property: Record
) -> None:
    """Through the served pages: streams, index, temporary files, caches and review database."""
    with at_home(tmp_path) as running:
        data = tmp_path / "home" / "var" / "reviews.sqlite"
        reviews = Reviews(f"sqlite:///{data}")
        reviews.submit(Engine.open(running.store).ask(f"{SUBJECTS[0]} ?"), "kept")
        address = running.url.replace("http", "ws") + "/_stcore/stream"
        for number in range(5):
            with connect(
                address, origin=Origin(running.url), subprotocols=[Subprotocol("streamlit")]
            ) as socket:
                person = Person(number, socket)
                for turn in range(10):
                    asked = question(10 * number + turn, turn)
                    person.send(asked)
                    assert canary(10 * number + turn) in person.shown[-1].replace("\\", "")
        assert "Traceback" not in running.log()
        found = traces(tmp_path / "home", "Zyxq")
    assert found == [] and traces(tmp_path / "home", "Zyxq") == []  # once it has ended, too
    assert data in traces(tmp_path / "home", "kept"), "the review database was not even searched"
    what = "canary questions to the served pages, then streams, index, reviews and every file"
    record_property("reliability", f"26|{what}|50|questions")


class Visitor:
    """One browser session, asking one question after the other and checking each answer."""

    def __init__(self, browser: Browser, running: Served, number: int) -> None:
        self.number, self.turn, self.asked = number, 0, 0
        self._browser, self._running = browser, running
        self._open()

    def _open(self) -> None:
        # A small window: what is measured is the server, which draws nothing.
        small = {"width": 360, "height": 640}
        self._context = self._browser.new_context(locale="fr-FR", viewport=small)
        self.page: Page = self._context.new_page()
        self.page.goto(self._running.url)
        self.page.wait_for_selector(BOX, timeout=120_000)
        self.page.wait_for_selector(AT_REST, timeout=120_000)
        self.turn = 0

    def ask(self) -> None:
        """Type a question and send it, without waiting for its answer."""
        if self.turn == TURNS:
            self._context.close()
            self._open()
        self.page.fill(BOX, question(self.number, self.asked))
        self.page.keyboard.press("Enter")

    def read(self) -> list[str]:
        """Wait for the answer; what was wrong with it."""
        turn, mine = self.turn, canary(self.number)
        self.turn, self.asked = turn + 1, self.asked + 1
        self.page.wait_for_selector(f".st-key-annonce-{turn}", timeout=120_000)
        self.page.wait_for_selector(AT_REST, timeout=120_000)
        shown = self.page.locator("#stMain").inner_text()
        seen = set(CANARY.findall(shown))
        wrong = [] if seen == {mine} else [f"session {self.number} was shown {sorted(seen)}"]
        if mine in self.page.url or self.page.locator('[data-testid="stException"]').count():
            wrong.append(f"session {self.number}: a fault, or its question in {self.page.url}")
        return wrong


def read_for_long(
    engine: Engine, reader: int, stop: threading.Event, wrong: list[str], count: list[int]
) -> None:
    """One of the fifty readers: asks, checks that the outcome is its own, pauses."""
    turn = 0
    while not stop.wait(PAUSE):
        try:
            outcome = engine.ask(question(reader, turn))
        except Exception as error:  # any error is what the campaign looks for
            wrong.append(f"reader {reader}: {type(error).__name__}")
            return
        if set(CANARY.findall(str(outcome.as_json()))) != {canary(reader)}:
            wrong.append(f"reader {reader} had another's answer")
        turn += 1
        count[0] += 1


@pytest.mark.long(minutes=11)
@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}")
def test_twenty_browsers_and_fifty_readers_for_ten_minutes(
    tmp_path: Path, record_property: Record
) -> None:
    """No error, nobody shown another's answer, and no memory gained once warm."""
    wrong: list[str] = []
    stop, count, rounds = threading.Event(), [0], 0
    with at_home(tmp_path) as running, launched() as browser:
        engine = Engine.open(running.store)
        readers = [
            threading.Thread(target=read_for_long, args=(engine, 900 + n, stop, wrong, count))
            for n in range(READERS)
        ]
        for reader in readers:
            reader.start()
        try:
            people = [Visitor(browser, running, n) for n in range(PEOPLE)]
            served_by = server_of(running)
            began = time.monotonic()
            memory: list[tuple[float, int, int]] = []
            while (passed := time.monotonic() - began) < 60 * MINUTES:
                for person in people:
                    person.ask()
                for person in people:
                    wrong += person.read()
                memory.append((passed, served_by.memory_info().rss >> 20, resident()))
                rounds += 1
        finally:
            stop.set()
            for reader in readers:
                reader.join()
        assert "Traceback" not in running.log() and "Zyxq" not in running.log()
    assert wrong == []
    assert traces(tmp_path / "home", "Zyxq") == []
    # Warm once a fifth of the time has gone; the conversations themselves are kept, and grow.
    after = [row for row in memory if row[0] > 12 * MINUTES]
    assert len(after) >= 3, f"{rounds} rounds only: this machine is too busy to say anything"
    (_, server_then, here_then) = after[0]
    server_most, here_most = max(m for _, m, _ in after), max(m for _, _, m in after)
    assert server_most <= server_then * 1.15 + 30, memory
    assert here_most <= here_then * 1.1 + 20, memory
    what = (
        f"questions of {PEOPLE} browser sessions for {MINUTES:g} minutes; "
        f"the server's memory {server_then} then at most {server_most} MiB"
    )
    record_property("reliability", f"32|{what}|{rounds * PEOPLE}|questions")
    what = f"questions of {READERS} readers meanwhile; memory {here_then} then {here_most} MiB"
    record_property("reliability", f"32|{what}|{count[0]}|questions")
