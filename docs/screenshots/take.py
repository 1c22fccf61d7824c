"""Take the README's pictures anew: ``python docs/screenshots/take.py``, from the root."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.browsing import launched, served  # noqa: E402  # after the path above

HERE = Path(__file__).parent
QUESTION = "Que risque un kinésithérapeute qui viole le secret professionnel ?"
PASSAGE = "guide-cnomk/cp-226-14/1"
PAPER = "#e9e5da"


def opened(browser: Browser, url: str, width: int, height: int, theme: str, ready: str) -> Page:
    """A page of that size and theme, once ``ready`` is drawn."""
    size = {"width": width, "height": height}
    page = browser.new_context(
        viewport=size,  # type: ignore[arg-type]  # a dict is what it takes
        color_scheme=theme,  # type: ignore[arg-type]
        locale="fr-FR",
    ).new_page()
    page.goto(url)
    page.wait_for_selector(ready)
    page.wait_for_timeout(1500)
    return page


def ask(page: Page) -> None:
    """Ask the question, and leave the field."""
    page.fill('[data-testid="stChatInputTextArea"]', QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector('[class*="st-key-contact-"]')
    page.wait_for_timeout(1200)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(300)


def keep(image: Image.Image, name: str) -> None:
    """Save as a small PNG."""
    few = image.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(HERE / name, optimize=True)
    sys.stdout.write(f"{name} {(HERE / name).stat().st_size // 1024} kB\n")


def main() -> None:
    """Three pictures: an answer, the reading page, a phone."""
    folder = Path(tempfile.mkdtemp())
    shot = folder / "shot.png"
    suggestions = ".st-key-suggestions button"
    with launched() as browser, served(folder / "store") as server:
        page = opened(browser, server.url, 1280, 800, "light", suggestions)
        ask(page)
        page.screenshot(path=str(shot))
        keep(Image.open(shot), "reponse.png")

        address = f"{server.url}/lire?id={PASSAGE}"
        page = opened(browser, address, 1280, 800, "dark", '[class*="st-key-cible-"]')
        page.screenshot(path=str(shot))
        keep(Image.open(shot), "lecture.png")

        page = opened(browser, server.url, 390, 800, "light", suggestions)
        sheet = Image.new("RGB", (3 * 390 + 80, 840), PAPER)
        for i in range(3):
            if i == 1:
                ask(page)
            if i == 2:
                page.locator('[class*="st-key-renvoi-"] button').last.click()
                page.wait_for_timeout(1800)
            page.screenshot(path=str(shot))
            sheet.paste(Image.open(shot), (20 + i * 410, 20))
        keep(sheet, "telephone.png")


if __name__ == "__main__":
    main()
