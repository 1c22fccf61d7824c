"""Each act of a reader in a real browser, on a phone and on a desktop, light and dark.

Needs Debian's Chromium; without it these tests are skipped, and say so.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document as WordFile
from playwright.sync_api import Browser, Locator
from pypdf import PdfReader

from corpus.library import DEFAULT_FOLDER
from corpus.staging import Staging
from index.open import open_index
from tests.browsing import CHROMIUM, Served, served
from tests.legi_maker import article
from tests.visits import QUESTION, Visit, sound, words
from ui import versions, wording

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]

OLD = (
    "Le secret professionnel s’impose au masseur-kinésithérapeute.",
    "Il le garde.",
    "Le secret couvre ce qu’il a vu, entendu ou compris.",
)
NEW = (
    "Le secret professionnel s'impose à tout masseur-kinésithérapeute.",
    "Le secret couvre ce qu'il a vu, lu, entendu ou compris.",
    "Il veille à son respect par ses collaborateurs.",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The guide, and two versions of an article of law."""
    place = tmp_path_factory.mktemp("acts")
    sources = place / "sources"
    shutil.copytree(DEFAULT_FOLDER, sources)
    for text, start, end, state in (
        (OLD, "2008-11-05", "2020-12-25", "MODIFIE"),
        (NEW, "2020-12-25", "2999-01-01", "VIGUEUR"),
    ):
        body = "".join(f"<p>{line}</p>" for line in text)
        number = "LEGIARTI0000" + start.replace("-", "")
        made = article("R4321-56", state, start, end, body=body, identifier=number)
        room = Staging(sources, place / "staged")
        staged = room.stage(made.encode(), "a.xml", "test")
        room.preview(staged.id)
        room.approve(staged.id, "test", confirmed=True)
    with served(place / "store", sources=sources, SECRETPRO_SOURCES=str(sources)) as running:
        yield running


def press(visit: Visit, where: str) -> None:
    visit.page.locator(where).first.click()
    visit.settled()


def choose(visit: Visit, label: str, option: str) -> None:
    """Type into a select box, and take what it then offers first."""
    box = visit.page.locator('[data-testid="stSelectbox"]').filter(has_text=label).locator("input")
    box.fill(option)
    visit.page.locator('[role="option"]').first.click()
    visit.settled()


def seen(place: Locator) -> str:
    return words(place.inner_text())


def cited(visit: Visit) -> list[tuple[str, str]]:
    """Each citation of the answer, in the order of numbers: its reference, its quote."""
    found: dict[int, tuple[str, str]] = {}
    for button in visit.page.locator('[class*="st-key-liste-"] button').all():
        button.click()
        visit.settled()
        panel = visit.page.locator(".st-key-volet")
        marks = panel.locator(".stMarkdownColoredBackground")
        quote = " ".join(seen(marks.nth(k)) for k in range(marks.count()))
        number = int(seen(panel.locator("strong").first).split()[-1])
        found[number] = (seen(panel.locator("h2").first), quote)
    return [found[n] for n in sorted(found)]


def flat(text: str) -> str:
    """Without blanks and soft hyphens: formats break their lines where they wish."""
    return "".join(text.split()).replace("\u00ad", "")


def test_the_rule_its_source_and_what_to_do_are_on_one_phone_screen(
    browser: Browser, server: Served
) -> None:
    opened = browser.new_context(viewport={"width": 360, "height": 780}, locale="fr-FR")
    visit = Visit(opened, server)
    for question in wording.SUGGESTIONS:
        if "suicider" in question:
            continue  # the numbers to call fill the top: their own test, in test_browser_app
        visit.go("/")
        visit.ask(question)
        visit.page.wait_for_timeout(500)
        told = visit.page.locator('[class*="st-key-annonce-"]')
        assert "D’après" in seen(told) and "Avant d’agir" in seen(told)
        rule = visit.page.locator('[class*="st-key-phrase-"]').first
        for part in (visit.page.locator("h1"), told, rule):
            box = part.bounding_box()
            assert box is not None and box["y"] >= 56 and box["y"] + box["height"] <= 780, question
    opened.close()


def test_a_suggestion_is_asked_followed_up_and_all_is_erased(visit: Visit) -> None:
    visit.go("/")
    press(visit, ".st-key-suggestion-0 button")
    visit.page.wait_for_selector('[class*="st-key-annonce-0"]')
    visit.ask("Et si c’est un juge d’instruction ?")
    visit.page.wait_for_selector('[class*="st-key-annonce-1"]')
    assert seen(visit.page.locator("h1")).startswith("Et si c’est un juge")
    assert "réquisition" in seen(visit.page.locator(".st-key-reponse")) or "requérir" in seen(
        visit.page.locator(".st-key-reponse")
    )
    earlier = visit.page.locator('[data-testid="stExpander"] summary', has_text="gendarmerie")
    earlier.click()
    visit.page.wait_for_timeout(400)
    press(visit, '[class*="st-key-renvoi-0-"] button')
    assert visit.page.locator(".st-key-volet .stMarkdownColoredBackground").count() > 0
    sound(visit)
    visit.page.get_by_role("button", name=wording.NEW_CONVERSATION).click()
    visit.page.wait_for_selector(".st-key-suggestions")
    assert "gendarmerie" not in seen(visit.page.locator("h1"))


def test_the_passages_before_and_after_are_one_press_away(visit: Visit) -> None:
    visit.go("/")
    visit.ask(QUESTION)
    passage = visit.page.locator('.st-key-volet [class*="st-key-passage-"]')
    first = seen(passage)
    press(visit, ".st-key-aller-apres button")
    second = seen(passage)
    assert second != first
    assert visit.page.locator(".st-key-volet .stMarkdownColoredBackground").count() == 0
    press(visit, ".st-key-aller-avant button")
    assert seen(passage) == first
    assert visit.page.locator(".st-key-volet .stMarkdownColoredBackground").count() > 0


def test_one_citation_and_the_whole_answer_are_copied(visit: Visit) -> None:
    visit.go("/")
    visit.ask(QUESTION)
    every = cited(visit)
    for place, expected in ((".st-key-copie-citation", every[-1:]), (".st-key-copie-tout", every)):
        if place.endswith("citation"):
            visit.page.locator('[class*="st-key-liste-"] button').filter(
                has_text=re.compile(rf"^{len(every)}\b")
            ).click()
            visit.settled()
        visit.page.locator(f"{place} summary").click()
        copy = visit.page.locator(f"{place} [data-testid='stElementToolbarButton'] button")
        assert copy.is_visible()  # without a mouse over it
        copy.evaluate("e => e.scrollIntoView({block: 'center'})")
        copy.click()
        copied = flat(visit.page.evaluate("navigator.clipboard.readText()"))
        for ref, quote in expected:
            assert flat(quote) in copied and flat(ref) in copied
    for sentence in visit.page.locator('[class*="st-key-phrase-"]').all():
        assert flat(sentence.locator("p").first.inner_text()) in copied


def test_each_file_holds_every_quote_and_reference_in_order(visit: Visit, tmp_path: Path) -> None:
    visit.go("/")
    visit.ask(QUESTION)
    every = cited(visit)
    assert len(every) >= 2
    texts = {}
    for kind in wording.EXPORTS:
        with visit.page.expect_download() as caught:
            visit.page.locator(f".st-key-fichier-{kind} button").click()
        file = tmp_path / caught.value.suggested_filename
        caught.value.save_as(file)
        data = file.read_bytes()
        if kind == "docx":
            texts[kind] = "\n".join(p.text for p in WordFile(io.BytesIO(data)).paragraphs)
        elif kind == "pdf":
            texts[kind] = "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(data)).pages)
        elif kind == "md":
            texts[kind] = re.sub(r"\\(?=\W)|^>", "", data.decode(), flags=re.MULTILINE)
        else:
            items = json.loads(data)
            texts[kind] = "\n".join(f"{item['title']} {item['note']}" for item in items)
            assert len(items) == len(every)
    generation = open_index(visit.server.store).generation
    for kind, text in texts.items():
        at = 0
        for ref, quote in every:
            for part in (ref, quote):
                found = flat(text).find(flat(part), at)
                assert found >= 0, (kind, part)
                at = found
        assert generation is not None and generation in text
        assert kind == "csl" or time.strftime("%d/%m/%Y") in text


def test_a_search_is_narrowed_and_its_links_stay_valid(visit: Visit) -> None:
    visit.go("/chercher")
    visit.page.fill('[data-testid="stTextInput"] input', "secret du dossier médical")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector('[class*="st-key-resultat-"]')
    visit.settled()
    results = visit.page.locator('[class*="st-key-resultat-"]')
    assert results.count() == 10
    assert all("Trouvé par" in seen(one) for one in results.all())
    visit.page.locator(".st-key-chercher summary").click()
    visit.page.wait_for_timeout(400)
    press(visit, '[data-testid="stButtonGroup"] button:has-text("Décisions")')
    assert results.count() > 0
    assert all("Décision disciplinaire" in seen(one) for one in results.all())
    press(visit, '[data-testid="stButtonGroup"] button:has-text("Décisions")')
    choose(visit, "Cite ou reproduit", "CSP, art. R. 4321-56")
    assert all("R. 4321-56" in seen(one) for one in results.all())
    assert results.count() == 2
    for part, value in (("jj", "1"), ("mm", "6"), ("aaaa", "2015")):
        box = visit.page.locator('[role="spinbutton"]', has_text=part)
        box.click()
        visit.page.keyboard.type(value.zfill(2))
    visit.page.keyboard.press("Escape")  # a date counts once its calendar is closed
    visit.settled()
    assert [("2008" in seen(one)) for one in results.all()] == [True]
    sound(visit)
    results.first.locator("a").first.click()
    visit.page.wait_for_url("**/source?id=*")
    visit.settled()
    shown = seen(visit.page.locator('[class*="st-key-passage-"]'))
    visit.page.reload()
    visit.settled()
    assert seen(visit.page.locator('[class*="st-key-passage-"]')) == shown
    assert words(OLD[0]) in shown


def test_the_guide_is_read_by_its_contents(visit: Visit) -> None:
    visit.go("/lire")
    link = visit.page.locator(".st-key-sommaire a", has_text="Dérogations au secret professionnel")
    link.first.click()
    visit.page.wait_for_timeout(700)
    heading = visit.page.locator("h2", has_text="Dérogations au secret professionnel").first
    box, viewport = heading.bounding_box(), visit.page.viewport_size
    assert box is not None and viewport is not None and 0 <= box["y"] < viewport["height"] / 2
    visit.page.locator('[data-testid="stButtonGroup"]').get_by_text("Décisions").click()
    visit.settled()
    assert visit.page.locator('[class*="st-key-decision-lue-"]').count() == 6
    sound(visit)
    visit.page.locator('[data-testid="stButtonGroup"]').get_by_text("Articles").click()
    visit.settled()
    visit.page.locator('.st-key-choix [data-testid="stSelectbox"] input').fill("4321-90")
    visit.page.locator('[role="option"]').first.click()
    visit.settled()
    assert "Le texte de ces articles n’est pas dans les documents" in visit.page.content()
    places = visit.page.locator('[class*="st-key-cite-"] a')
    assert places.count() > 0
    places.first.click()
    visit.page.wait_for_url("**/source?id=*")
    visit.settled()
    assert "4321-90" in seen(visit.page.locator('[class*="st-key-passage-"]'))


def test_two_versions_are_compared_and_only_what_changed_is_marked(visit: Visit) -> None:
    visit.go("/lire")
    visit.page.locator('[data-testid="stButtonGroup"]').get_by_text("Articles").click()
    visit.settled()
    visit.page.locator('.st-key-choix [data-testid="stSelectbox"] input').fill("R. 4321-56")
    visit.page.locator('[role="option"]').first.click()
    visit.settled()
    text = visit.page.locator(".st-key-texte-compare")
    script = """(e, kept) => {
      const copy = e.cloneNode(true);
      for (const s of copy.querySelectorAll('.stMarkdownColoredText, .stMarkdownColoredBackground'))
        s.firstElementChild.remove();
      for (const s of copy.querySelectorAll(kept)) s.remove();
      return copy.textContent; }"""
    after = text.evaluate(script, ".stMarkdownColoredText")
    before = text.evaluate(script, ".stMarkdownColoredBackground")
    assert flat(versions.fold(after)) == flat(versions.fold("".join(NEW)))
    assert flat(versions.fold(before)) == flat(versions.fold("".join(OLD)))
    gone = text.locator(".stMarkdownColoredText")
    for one in gone.all():
        assert one.evaluate("e => getComputedStyle(e).textDecorationLine") == "line-through"
    assert "~" not in seen(text) and text.locator("del").count() == 0
    assert "compris" not in " ".join(gone.all_inner_texts())
    assert "retiré" in gone.first.inner_text()
    sound(visit)


def test_a_new_visitor_reads_the_first_page_and_an_answer(
    browser: Browser, server: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    pages, answers = [], []
    for question in [QUESTION, *wording.SUGGESTIONS]:
        opened = browser.new_context(locale="fr-FR")  # nothing kept from a visit to the next
        page = opened.new_page()
        start = time.perf_counter()
        page.goto(server.url)
        page.wait_for_selector(".st-key-suggestions button >> nth=5")
        page.locator('[data-testid="stChatInputTextArea"]').fill(question)
        pages.append(time.perf_counter() - start)
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        start = time.perf_counter()
        page.locator('[data-testid="stChatInputTextArea"]').press("Enter")
        page.wait_for_selector('[class*="st-key-annonce-"]')
        answers.append(time.perf_counter() - start)
        opened.close()
    with capsys.disabled():
        for what, spent in (("first page", pages), ("answer", answers)):
            print(f"\n{what}: median {statistics.median(spent):.2f} s, worst {max(spent):.2f} s")
