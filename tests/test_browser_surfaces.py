"""Hostile text on each surface that reads Markdown: nothing is fetched, and it is seen as written.

A real HTTP server plays the attacker's host and counts what reaches it. The controls show that the
same text does reach it unescaped, and that the policy alone stops it too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import CHROMIUM, served
from tests.surfaces import HOSTILE, SURFACES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]


class Sink:
    """The attacker's host."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sink.hits.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Nothing: the hits are the log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    opened = Sink()
    yield opened
    opened.close()


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_page()
    page.goto(url)
    page.get_by_text("fin", exact=True).wait_for()
    page.wait_for_timeout(1500)  # an image asked for late would still be asked for
    return page


def test_escaped_text_fetches_nothing_and_is_seen_as_written(
    browser: Browser, sink: Sink, tmp_path: Path
) -> None:
    assert len(SURFACES) >= 25 and len(HOSTILE) >= 10
    with served(tmp_path / "s", "tests/surfaces.py", SURFACES_SINK=sink.url) as server:
        page = opened(browser, server.url)
        wrong = []
        for i, text in enumerate(HOSTILE):
            expected = " ".join(text.replace("http://127.0.0.1:9", sink.url).split())
            for name in (*SURFACES, "prose"):
                box = page.locator(f".st-key-s-{name.replace(' ', '-')}-{i}")
                if expected not in " ".join(box.inner_text().split()):
                    wrong.append((name, expected, box.inner_text()))
                if box.locator("img, a").count():
                    wrong.append((name, expected, box.inner_html()[:300]))
        assert wrong == []
        assert sink.hits == []


def test_control_the_same_text_unescaped_does_reach_the_attacker(
    browser: Browser, sink: Sink, tmp_path: Path
) -> None:
    raw = {"SURFACES_SINK": sink.url, "SURFACES_RAW": "1"}
    with served(tmp_path / "s", "tests/surfaces.py", **raw) as server:
        opened(browser, server.url)
        assert any("secret" in hit for hit in sink.hits)


def test_behind_our_policy_even_unescaped_text_reaches_no_one(
    browser: Browser, sink: Sink, tmp_path: Path
) -> None:
    raw = {"SURFACES_SINK": sink.url, "SURFACES_RAW": "1"}
    with served(tmp_path / "s", "tests/surfaces_guarded.py", **raw) as server:
        opened(browser, server.url)
        assert sink.hits == []
