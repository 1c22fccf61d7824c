"""For the browser tests: a page visited as somebody would, and what must hold of every page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.browsing import Served

QUESTION = "Que risque un kinésithérapeute qui viole le secret professionnel ?"
# Findings that are Streamlit's own and that no option or style sheet of ours can reach: none today.
STREAMLITS_OWN: dict[str, str] = {}


class Visit:
    """One page of the browser, and every address that it asked for."""

    def __init__(self, context: BrowserContext, server: Served) -> None:
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.server = server
        self.page.on("request", lambda request: self.asked.append(request.url))

    def go(self, path: str) -> None:
        self.page.goto(self.server.url + path)
        self.settled()

    def settled(self) -> None:
        self.page.wait_for_selector('[data-testid="stMainBlockContainer"] p')
        self.page.wait_for_timeout(250)
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        self.page.wait_for_timeout(150)

    def ask(self, question: str) -> None:
        self.page.fill('[data-testid="stChatInputTextArea"]', question)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector('[class*="st-key-annonce-"]')
        self.settled()

    def foreign(self) -> list[str]:
        ours = (self.server.url, self.server.url.replace("http", "ws"), "data:", "blob:")
        return [url for url in self.asked if not url.startswith(ours)]

    def fits(self) -> bool:
        """Whether nothing is wider than the screen."""
        wide: bool = self.page.evaluate(
            "() => document.documentElement.scrollWidth <= innerWidth &&"
            " document.getElementById('stMain').scrollWidth"
            " <= document.getElementById('stMain').clientWidth"
        )
        return wide


def serious(page: Page) -> list[Any]:
    """Serious and critical findings of axe-core, with the element at fault."""
    # `eval` reaches the page through the debugger, so that its own policy stays in force.
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], v["nodes"][0]["html"][:200])
        for v in found
        if v["impact"] in ("serious", "critical") and v["id"] not in STREAMLITS_OWN
    ]


def words(text: str) -> str:
    return " ".join(text.split())


def sound(visit: Visit) -> None:
    """Accessible, no wider than the screen, and nobody else was called."""
    assert serious(visit.page) == []
    assert visit.fits()
    assert visit.foreign() == []
