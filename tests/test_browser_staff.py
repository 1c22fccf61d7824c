"""Each act of the staff in a real browser, on a phone and on a desktop, light and dark.

Needs Debian's Chromium; without it these tests are skipped, and say so.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.library import DEFAULT_FOLDER, list_sources
from index.generations import current_id
from qa.audit import Trail, verify
from tests.browsing import CHROMIUM, Served, served
from tests.visits import Visit, sound, words

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]

QUESTION = "Que risque un kinésithérapeute qui viole le secret professionnel ?"
NOTE = "# Note du conseil\n\nLe remplaçant est tenu au secret comme le titulaire. Lot {n}.\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("staff")
    shutil.copytree(DEFAULT_FOLDER, place / "sources")
    sources = place / "sources"
    with served(place / "store", sources=sources, SECRETPRO_SOURCES=str(sources)) as running:
        yield running


def press(visit: Visit, label: str) -> None:
    visit.page.get_by_role("button", name=label).first.click()
    visit.settled()


def tab(visit: Visit, label: str) -> None:
    visit.page.locator('[data-testid="stButtonGroup"]').get_by_text(label, exact=True).click()
    visit.settled()


def choose(visit: Visit, label: str, option: str) -> None:
    """Take an option of a select box: by sight; by typing where the list is long."""
    box = visit.page.locator('[data-testid="stSelectbox"]').filter(has_text=label).locator("input")
    box.scroll_into_view_if_needed()
    visit.page.wait_for_timeout(400)  # a list that is open closes as soon as the page moves
    box.click()
    visit.page.wait_for_selector('[role="option"]')
    offered = visit.page.locator('[role="option"]', has_text=option)
    if not offered.count():
        box.fill(option)
    offered.first.click()
    visit.settled()


def sign(visit: Visit, name: str) -> None:
    visit.page.get_by_role("textbox", name="Votre nom ou vos initiales").fill(name)
    visit.page.keyboard.press("Enter")
    visit.settled()


def judge(visit: Visit, verdict: str) -> None:
    for group in visit.page.locator('[class*="st-key-juger-"] [role="radiogroup"]').all():
        group.get_by_text("Appuie la phrase", exact=True).click()
    whole = visit.page.locator('[class*="st-key-ensemble-"] [role="radiogroup"]')
    whole.get_by_text(verdict, exact=True).click()
    press(visit, "Signer l’avis")
    visit.page.get_by_text("Avis enregistré.").wait_for()


def test_an_answer_is_submitted_judged_twice_and_exported(
    visit: Visit, server: Served, tmp_path: Path
) -> None:
    data = server.store.parent / "var"
    visit.go("/")
    visit.ask(QUESTION)
    press(visit, "Soumettre à vérification")
    visit.page.get_by_text("Voici ce qui sera conservé").wait_for()
    sound(visit)
    press(visit, "Conserver ma question")
    visit.page.get_by_text("Soumise sous le").wait_for()
    done = visit.page.locator(".st-key-soumettre").inner_text()
    number = "".join(c for c in done if c.isdigit())
    for name, verdict in (("A. M.", "Juste"), ("B. N.", "Juste, mais incomplète")):
        visit.go("/verifier")
        sign(visit, name)
        sound(visit)
        visit.page.locator(f".st-key-verifier-{number} button").click()
        visit.settled()
        assert visit.page.locator(".stMarkdownColoredBackground").count() > 0
        # The second reviewer is told that there is another reading, and nothing of it.
        others = " ".join(visit.page.locator('[class*="st-key-autres-"]').all_inner_texts())
        assert "A. M." not in others and "Juste" not in others
        assert (others == "") == (name == "A. M.")
        sound(visit)
        judge(visit, verdict)
    assert "A. M." in visit.page.locator('[class*="st-key-autres-"]').inner_text()
    press(visit, "Revenir à la file")
    tab(visit, "Accord et exports")
    agreement = visit.page.locator(".st-key-accord").inner_text()
    # Never alike on the answers, so no better than chance; always alike on the citations.
    assert "A. M. et B. N." in agreement
    assert re.search(r"0.%\s+0,00 \[0,00", agreement) and "non défini" in agreement
    sound(visit)
    with visit.page.expect_download() as caught:
        visit.page.locator(".st-key-export-csv button").click()
    file = tmp_path / caught.value.suggested_filename
    caught.value.save_as(file)
    assert QUESTION in file.read_text("utf-8-sig")
    trail = Trail(data / "audit.jsonl")
    assert verify(trail) == ()
    assert [e.act for e in trail.entries()][-4:] == ["submit", "judge", "judge", "export"]
    assert QUESTION.encode() not in trail.path.read_bytes()
    assert QUESTION not in server.log()


def test_a_document_is_added_read_approved_indexed_rolled_back_and_withdrawn(
    visit: Visit, server: Served, tmp_path: Path
) -> None:
    sources = server.store.parent / "sources"
    before = current_id(server.store)
    text = NOTE.format(n=before)
    file = tmp_path / "note-du-conseil.md"
    file.write_text(text, encoding="utf-8")
    visit.go("/documents")
    sign(visit, "A. M.")
    sound(visit)
    tab(visit, "Ajouter")
    visit.page.get_by_role("button", name="Choisir un fichier").wait_for()
    visit.page.set_input_files("input[type=file]", str(file))
    visit.page.get_by_text(file.name).wait_for()
    sound(visit)
    press(visit, "Mettre en attente")
    shown = visit.page.locator('[class*="st-key-lecture-doc-"] code').inner_text()
    assert shown.split() == text.split()
    sound(visit)
    for box in visit.page.locator('[data-testid="stCheckbox"] label').all():
        box.click()
        visit.settled()
    press(visit, "Approuver")
    visit.page.get_by_text("Les documents ont changé").wait_for()
    tab(visit, "Index")
    press(visit, "Reconstruire l’index")
    visit.page.get_by_text("en service, construit en").wait_for(timeout=120_000)
    visit.settled()
    assert current_id(server.store) != before
    press(visit, "Contrôler")
    visit.page.get_by_text("L’index correspond aux documents.").wait_for()
    sound(visit)
    visit.page.locator(".st-key-retour-sur label").click()
    press(visit, "Revenir à cette version")
    visit.page.get_by_text("remis en service").wait_for()
    assert current_id(server.store) == before
    added = next(s.id for s in list_sources(sources) if s.path.suffix == ".md")
    tab(visit, "Bibliothèque")
    visit.page.locator(f".st-key-retirer-{added} button").click()
    visit.settled()
    visit.page.get_by_role("textbox", name="Motif du retrait").fill("essai")
    press(visit, "Retirer ce document")
    visit.page.get_by_text("est retiré").wait_for()
    assert added not in {s.id for s in list_sources(sources)}
    tab(visit, "Journal")
    assert "local:A. M." in visit.page.locator(".st-key-journal").inner_text()
    sound(visit)


@pytest.mark.parametrize(
    "part", ["Ensemble", "Par nature", "Comparaison", "Questions", "Deux campagnes"]
)
def test_each_part_of_the_evaluation_is_drawn(visit: Visit, part: str) -> None:
    visit.go("/evaluation")
    tab(visit, part)
    if part in ("Ensemble", "Par nature", "Comparaison"):
        visit.page.wait_for_selector('[data-testid="stVegaLiteChart"] svg')
    visit.page.wait_for_timeout(300)
    sound(visit)


def test_the_missed_questions_are_listed_and_two_systems_compared(visit: Visit) -> None:
    visit.go("/evaluation")
    tab(visit, "Questions")
    choose(visit, "Résultat", "Manquées")
    detail = visit.page.locator(".st-key-detail-question")
    assert "Manquée" in detail.inner_text() and "Textes attendus" in detail.inner_text()
    tab(visit, "Deux campagnes")
    choose(visit, "Première", "Mots seuls (BM25)")
    choose(visit, "Seconde", "Ce service")
    table = visit.page.locator('[data-testid="stMarkdownContainer"] table')
    rows = [words(row) for row in table.locator("tbody tr").all_inner_texts()]
    assert len(rows) >= 5
    for row in rows:
        before, after, gap = (float(n.replace(",", ".").replace("−", "-"))
                              for n in re.findall(r"([+−]?\d+,\d) %", row))  # fmt: skip
        assert gap == pytest.approx(after - before, abs=0.11)
    sound(visit)


def test_what_two_people_agree_on_leaves_as_questions_for_the_evaluation(
    visit: Visit, tmp_path: Path
) -> None:
    visit.go("/")
    visit.ask(QUESTION)
    press(visit, "Soumettre à vérification")
    press(visit, "Conserver ma question")
    visit.page.get_by_text("Soumise sous le").wait_for()
    number = "".join(c for c in visit.page.locator(".st-key-soumettre").inner_text() if c.isdigit())
    for name in ("C. O.", "D. P."):
        visit.go("/verifier")
        sign(visit, name)
        visit.page.locator(f".st-key-verifier-{number} button").click()
        visit.settled()
        fact = words(visit.page.locator(".stMarkdownColoredBackground").first.inner_text())[:40]
        choose(visit, "Nature de la question", "Question directe")
        visit.page.get_by_role("textbox", name="Mots que toute bonne réponse").fill(fact)
        judge(visit, "Juste")
    press(visit, "Revenir à la file")
    tab(visit, "Accord et exports")
    with visit.page.expect_download() as caught:
        visit.page.locator(".st-key-export-gold button").click()
    file = tmp_path / caught.value.suggested_filename
    caught.value.save_as(file)
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert rows and {row["question"] for row in rows} == {QUESTION}
    assert all(row["kind"] == "direct" and row["evidence"] for row in rows)
    assert all(re.search(row["answer_facts"][0][0], fact, re.IGNORECASE) for row in rows)


def test_a_file_over_twenty_megabytes_is_refused(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "gros.txt"
    file.write_bytes(b"a" * 21 * 1024 * 1024)
    visit.go("/documents")
    sign(visit, "A. M.")
    tab(visit, "Ajouter")
    visit.page.set_input_files("input[type=file]", str(file))
    visit.page.wait_for_timeout(800)
    press(visit, "Mettre en attente")
    assert visit.page.get_by_text("attend votre lecture").count() == 0
    staged = visit.server.store.parent / "var" / "staged"
    kept = [json.loads(p.read_text("utf-8"))["name"] for p in staged.glob("*/record.json")]
    assert "gros.txt" not in kept
