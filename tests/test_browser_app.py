"""The whole application in a real browser: asked, read, checked, on a phone and on a desktop.

Needs Debian's Chromium; without it these tests are skipped, and say so.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from websockets import Origin, Subprotocol
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from index.open import open_index
from tests.browsing import CHROMIUM, Served, served
from tests.visits import QUESTION, Visit, serious, words

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("store")) as running:
        yield running


def test_a_question_is_answered_and_its_citation_is_the_words_of_the_source(
    visit: Visit, server: Served
) -> None:
    documents = {d.source.id: words(d.text) for d in open_index(server.store).documents}
    visit.go("/")
    visit.ask(QUESTION)
    page = visit.page
    sentences = page.locator('[class*="st-key-phrase-"]')
    assert sentences.count() >= 2
    for i in range(sentences.count()):
        assert sentences.nth(i).locator("button").count() >= 1
    numbers = page.locator('[class*="st-key-renvoi-"] button')
    for i in range(numbers.count()):
        numbers.nth(i).click()
        visit.settled()
        panel = page.locator(".st-key-volet")
        marks = panel.locator(".stMarkdownColoredBackground")
        quoted = [words(marks.nth(k).inner_text()) for k in range(marks.count())]
        assert quoted and all(any(quote in text for text in documents.values()) for quote in quoted)
        # Word for word the passage too, not its quote alone.
        shown = panel.locator('[class*="st-key-passage-"]').inner_text()
        assert any(words(shown) in text for text in documents.values())
    assert visit.foreign() == []
    assert visit.fits()


def test_the_passage_is_beside_the_answer_or_below_it(visit: Visit) -> None:
    visit.go("/")
    visit.ask(QUESTION)
    answer = visit.page.locator(".st-key-reponse").bounding_box()
    panel = visit.page.locator(".st-key-volet").bounding_box()
    assert answer is not None and panel is not None
    viewport = visit.page.viewport_size
    if viewport is not None and viewport["width"] < 640:
        assert panel["y"] >= answer["y"] + answer["height"] - 1
        visit.page.locator('[class*="st-key-renvoi-"] button').last.click()
        visit.settled()
        visit.page.wait_for_timeout(900)
        moved = visit.page.locator(".st-key-volet").bounding_box()
        assert moved is not None and 0 <= moved["y"] < viewport["height"] / 2
    else:
        assert panel["x"] >= answer["x"] + answer["width"]


@pytest.mark.parametrize(
    "path",
    ["/", "/chercher", "/lire", "/lire?id=guide-cnomk/cp-226-13/1",
     "/source?id=guide-cnomk/cp-226-13/1", "/source?id=rien", "/a-propos"],
)  # fmt: skip
def test_each_page_is_accessible_fits_and_calls_no_one(visit: Visit, path: str) -> None:
    visit.go(path)
    assert visit.page.evaluate("document.documentElement.lang") == "fr"
    assert visit.page.locator("h1").count() == 1
    assert serious(visit.page) == []
    assert visit.foreign() == []
    assert visit.fits()


def test_an_answer_and_a_search_are_accessible(visit: Visit) -> None:
    visit.go("/")
    visit.ask(QUESTION)
    visit.page.locator(".st-key-garder summary").click()
    visit.page.wait_for_timeout(400)
    assert serious(visit.page) == []
    visit.go("/chercher")
    visit.page.fill('[data-testid="stTextInput"] input', "réquisition de la gendarmerie")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector('[class*="st-key-resultat-"]')
    visit.page.locator(".st-key-chercher summary").click()
    visit.page.wait_for_timeout(400)
    assert serious(visit.page) == []
    assert visit.fits()


def test_a_screen_reader_is_told_that_the_answer_is_there(visit: Visit) -> None:
    visit.go("/")
    region = visit.page.locator("#annonce")
    assert region.get_attribute("aria-live") == "polite" and region.inner_text() == ""
    visit.ask(QUESTION)
    visit.page.wait_for_function("document.getElementById('annonce').textContent !== ''")
    assert re.match(r"Réponse\s: \d+ phrases?, \d+ citations? vérifiées?\.", region.inner_text())


def test_a_citation_is_opened_with_the_keyboard_alone(visit: Visit) -> None:
    visit.go("/")
    page = visit.page
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector('[class*="st-key-annonce-"]')
    visit.settled()
    marks = page.locator(".st-key-volet .stMarkdownColoredBackground")
    page.locator(".st-key-aller-apres button").click()
    marks.first.wait_for(state="detached")  # another passage is shown: nothing is quoted there
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        inside = "!!document.activeElement.closest('[class*=\"st-key-renvoi-\"]')"
        if page.evaluate(inside):
            break
    page.keyboard.press("Enter")
    marks.first.wait_for(state="visible")


def test_the_numbers_to_call_come_first_where_a_life_is_at_stake(visit: Visit) -> None:
    visit.go("/")
    visit.ask(QUESTION)
    visit.page.locator("#stMain").evaluate("e => e.scrollTo(0, 400)")
    visit.ask("Mon patient va se suicider ce soir")
    visit.page.wait_for_selector(".alerte-urgence")
    visit.page.wait_for_timeout(500)
    box = visit.page.locator(".alerte-urgence").bounding_box()
    title = visit.page.locator("h1").bounding_box()
    viewport = visit.page.viewport_size
    assert box is not None and title is not None and viewport is not None
    assert 0 <= box["y"] < title["y"] and box["y"] < viewport["height"] / 2
    assert visit.page.locator('.alerte-urgence a[href="tel:15"]').count() == 1


def test_nothing_of_a_question_is_in_an_address_or_on_the_server(visit: Visit) -> None:
    canary = "Zébulon-4471"
    visit.go("/")
    visit.ask(f"Mon patient {canary} demande son dossier, que dit la loi ?")
    assert canary in visit.page.locator("h1").inner_text()
    addresses = [visit.page.url, *visit.asked]
    assert not any("4471" in address for address in addresses)
    written = visit.server.log() + "".join(
        file.read_text("utf-8", "replace") for file in visit.server.store.rglob("*.json*")
    )
    assert "4471" not in written
    visit.page.reload()
    visit.settled()
    assert "4471" not in visit.page.content()


def test_each_file_can_be_downloaded(visit: Visit, tmp_path: Path) -> None:
    visit.go("/")
    visit.ask(QUESTION)
    starts = {"docx": b"PK", "pdf": b"%PDF", "md": b"# Secret", "csl": b"["}
    for kind, start in starts.items():
        with visit.page.expect_download() as caught:
            visit.page.locator(f".st-key-fichier-{kind} button").click()
        file = tmp_path / caught.value.suggested_filename
        caught.value.save_as(file)
        assert file.read_bytes().startswith(start)


def test_a_printed_answer_keeps_its_text_and_leaves_the_tools_out(visit: Visit) -> None:
    visit.go("/")
    visit.ask(QUESTION)
    visit.page.emulate_media(media="print")
    assert visit.page.locator('[class*="st-key-phrase-"]').first.is_visible()
    assert visit.page.locator('[class*="st-key-reference-"]').first.is_visible()
    for tool in (".st-key-garder", ".st-key-volet", ".st-key-demande", ".urgences"):
        assert not visit.page.locator(tool).first.is_visible()


def test_a_fault_is_told_in_french_and_its_text_goes_nowhere(
    browser: Browser, tmp_path: Path
) -> None:
    with served(tmp_path / "store", "tests/faulty_app.py") as server:
        page = browser.new_page()
        page.goto(server.url)
        page.get_by_text("Une erreur inattendue").wait_for()
        assert "ValueError" in page.content()
        for text in (page.content(), server.log()):
            assert "4471" not in text and "Traceback" not in text
        assert "ValueError at" in server.log()


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("evil.test", "http://evil.test"),  # DNS rebinding
        ("localhost.evil.test", "http://localhost.evil.test"),
        ("localhost", "http://evil.test"),
        ("localhost", "null"),
    ],
)
def test_the_socket_refuses_a_wrong_host_or_origin(server: Served, host: str, origin: str) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        pytest.raises(InvalidStatus) as refused,
    ):
        connect(
            f"ws://{host}:{port}/_stcore/stream",
            sock=plain,
            origin=Origin(origin),
            subprotocols=[Subprotocol("streamlit")],
        )
    assert refused.value.response.status_code == 403
