"""Documents entering and leaving the library: staged, previewed, approved, replaced, withdrawn."""

from __future__ import annotations

import json
from pathlib import Path

import legi_maker as legi
import pytest
import typeset
from forge import crafted, pdf, prose
from guide_library import sources
from test_corpus_decisions import CASES, parts

from corpus.errors import AlreadyThere, NotApproved, SourceNotFound, SourceRefused
from corpus.library import DEFAULT_FOLDER, load_library, problems, read_manifest
from corpus.naming import safe_name
from corpus.readers import read_document
from corpus.shelf import withdraw
from corpus.staging import Staging

__all__ = ["sources"]

PDF = pdf(prose(1), prose(2))
DECISION = "\n\n".join(text for _, text in parts(CASES[0])).encode()


@pytest.fixture
def staging(sources: Path) -> Staging:
    return Staging.of(sources)


def rows(sources: Path) -> dict[str, dict[str, object]]:
    return {row["id"]: row for row in read_manifest(sources / "manifest.json")}


# Staged → previewed → approved


def test_a_document_waits_until_it_is_previewed_and_approved(staging: Staging) -> None:
    staged = staging.stage(PDF, "note.pdf", "Anne", title="Une note", origin="courriel du 3 mai")
    assert [waiting.id for waiting in staging.pending()] == [staged.id]
    assert [d.source.id for d in load_library(staging.sources).documents] == ["guide-cnomk"]
    with pytest.raises(NotApproved, match="not previewed"):
        staging.approve(staged.id, "Paul")
    preview = staging.preview(staged.id)
    assert "Page de texte portant le repere 222." in preview.document.text
    assert preview.reservations == ()
    source = staging.approve(staged.id, "Paul")
    assert staging.pending() == ()
    library = load_library(staging.sources)
    document = library.document(source.id)
    assert document.text == preview.document.text
    assert document.passages[0].page == 1
    row = rows(staging.sources)[source.id]
    assert row["added"] | row["approved"] == {  # type: ignore[operator]  # both are objects
        "by": "Paul", "at": row["approved"]["at"],  # type: ignore[index]
        "name": "note.pdf", "confirmed": [],
    }  # fmt: skip
    assert (row["added"]["by"], row["provenance"]) == ("Anne", "courriel du 3 mai")  # type: ignore[index]
    assert problems(staging.sources) == ()


def test_an_approved_pdf_is_not_read_again_and_its_reading_holds_for_its_bytes_only(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = staging.stage(PDF, "note.pdf", "Anne")
    shown = staging.preview(staged.id).document
    source = staging.approve(staged.id, "Paul")
    other = pdf(prose(5))
    reads = []
    monkeypatch.setattr("corpus.readers._pdf", lambda data, name: reads.append(name))
    assert load_library(staging.sources).document(source.id).text == shown.text
    assert reads == []
    with pytest.raises(AttributeError):  # other bytes: the reading is not theirs
        read_document(source, other)
    assert reads == [source.path.name]
    withdraw(staging.sources, source.id, "Paul")
    assert not list(staging.sources.glob("note*"))


def test_reservations_must_be_confirmed_and_are_kept(staging: Staging) -> None:
    data, _ = crafted()["white text"]
    assert isinstance(data, bytes)
    staged = staging.stage(data, "blanc.pdf", "Anne")
    (doubt,) = staging.preview(staged.id).reservations
    assert "Ignorez les regles" in doubt
    with pytest.raises(NotApproved, match="--confirm"):
        staging.approve(staged.id, "Paul")
    source = staging.approve(staged.id, "Paul", confirmed=True)
    assert rows(staging.sources)[source.id]["approved"]["confirmed"] == [doubt]  # type: ignore[index]
    assert "Ignorez" not in load_library(staging.sources).document(source.id).text
    assert problems(staging.sources) == ()  # confirmed: no problem any more


def test_only_the_text_that_was_shown_can_be_approved(staging: Staging) -> None:
    staged = staging.stage(b"Un texte que tout le monde a lu et relu.", "note.txt", "Anne")
    staging.preview(staged.id)
    (staging.room / staged.id / "document.txt").write_bytes(b"Un tout autre texte, jamais lu.")
    with pytest.raises(NotApproved, match="changed since"):
        staging.approve(staged.id, "Paul")
    record = staging.room / staged.id / "record.json"
    held = json.loads(record.read_text())
    (staging.room / staged.id / "document.txt").write_bytes(
        b"Un texte que tout le monde a lu et relu."
    )
    record.write_text(json.dumps({**held, "seen": "0" * 64}))
    with pytest.raises(NotApproved, match="preview it again"):
        staging.approve(staged.id, "Paul")


@pytest.mark.slow
def test_pages_have_their_printed_number_and_their_place_in_the_file(staging: Staging) -> None:
    paragraphs = typeset.guide_document().text.split("\n\n")[:24]
    staged = staging.stage(typeset.set_plain(*paragraphs), "guide.pdf", "Anne")
    document = staging.preview(staged.id).document
    assert [(page.number, page.index) for page in document.pages] == [(4, 1), (5, 2), (6, 3)]
    assert {passage.page for passage in document.passages} <= {4, 5, 6}


def test_hidden_text_and_tags_are_flagged_in_the_preview(staging: Staging) -> None:
    text = "Le secret est une règle. " * 20 + "".join(chr(0xE0000 + ord(c)) for c in "ignore")
    preview = staging.preview(staging.stage(text.encode(), "note.txt", "Anne").id)
    assert any("caractères invisibles" in doubt for doubt in preview.reservations)
    assert not any(0xE0000 <= ord(c) <= 0xE007F for c in preview.document.text)


def test_a_file_cannot_forge_page_marks(staging: Staging) -> None:
    text = "\ue00199\ue001 Le secret est une règle, et le praticien doit la garder. " * 3
    preview = staging.preview(staging.stage(text.encode(), "note.txt", "Anne").id)
    assert preview.document.pages == ()
    assert {passage.page for passage in preview.document.passages} == {None}


def test_discarding_leaves_nothing(staging: Staging) -> None:
    staged = staging.stage(PDF, "note.pdf", "Anne")
    staging.discard(staged.id)
    assert list(staging.room.iterdir()) == []
    with pytest.raises(SourceNotFound):
        staging.get(staged.id)


# Kinds and titles


def test_a_decision_names_itself_and_warns_of_names(staging: Staging) -> None:
    staged = staging.stage(DECISION, "sans nom.txt", "Anne")
    assert staged.kind == "decision"
    staging.preview(staged.id)
    source = staging.approve(staged.id, "Paul")
    assert source.title == "Décision CDN MK, 20/12/2013, n° 922-2012"
    assert source.id == "cdn-mk-20-12-2013-n-922-2012"
    assert load_library(staging.sources).document(source.id).source.date == "2013-12-20"
    named = DECISION.replace("l’employeur".encode(), "M. Martin, l’employeur".encode())
    doubts = staging.preview(staging.stage(named, "nommée.txt", "Anne").id).reservations
    assert any("M. Martin" in doubt for doubt in doubts)


def test_a_legi_article_brings_its_version(staging: Staging) -> None:
    staged = staging.stage(legi.article().encode(), "LEGIARTI000019727851.xml", "Anne")
    staging.preview(staged.id)
    source = staging.approve(staged.id, "Paul")
    assert source.title == "Article R. 4321-55, Code de la santé publique"
    assert (source.id, source.version) == ("csp-r-4321-55-2008-11-05", "LEGIARTI000019727851")
    library = load_library(staging.sources)
    found = library.versions.in_force("CSP, art. R. 4321-55", "2026-01-01")
    assert found is not None
    assert found.source == source.id
    assert found.url == "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000019727851"


# Twice, replaced, withdrawn


def test_the_same_bytes_are_recognised(staging: Staging) -> None:
    guide = (DEFAULT_FOLDER / "guide-secret-professionnel.txt").read_bytes()
    with pytest.raises(AlreadyThere, match="guide-cnomk"):
        staging.stage(guide, "copie.txt", "Anne")
    first = staging.stage(PDF, "a.pdf", "Anne")
    assert staging.stage(PDF, "b.pdf", "Paul").id == first.id
    assert len(staging.pending()) == 1


def test_the_same_text_in_other_bytes_is_recognised(staging: Staging) -> None:
    text = "Le secret est une règle que le praticien doit garder envers tous.\n"
    first = staging.stage(text.encode(), "a.txt", "Anne")
    staging.preview(first.id)
    source = staging.approve(first.id, "Paul")
    second = staging.preview(staging.stage((text + "\n").encode(), "b.txt", "Anne").id)
    assert second.duplicate_of == source.id
    assert any(source.id in doubt for doubt in second.reservations)


def test_a_new_edition_replaces_the_old_one_and_both_stay_citable(staging: Staging) -> None:
    old = staging.stage(b"Le secret est une ancienne regle de la profession.", "regle.txt", "Anne")
    staging.preview(old.id)
    before = staging.approve(old.id, "Paul")
    text = b"Le secret est une nouvelle regle de la profession."
    new = staging.preview(staging.stage(text, "Regle.txt", "Anne").id)
    assert new.replaces == before.id
    assert any("nouvelle édition" in remark for remark in new.remarks)
    staging.discard(new.staged.id)
    again = staging.stage(text, "Regle.txt", "Anne", supersedes=before.id, date="2026-03-01")
    staging.preview(again.id)
    after = staging.approve(again.id, "Paul")
    library = load_library(staging.sources)
    assert library.superseded == {before.id: after.id}
    ends = {passage.source: passage.in_force_to for passage in library.passages}
    assert ends == {"guide-cnomk": None, before.id: "2026-03-01", after.id: None}
    withdraw(staging.sources, after.id, "Paul")  # the old edition applies again
    ends = {
        passage.source: passage.in_force_to for passage in load_library(staging.sources).passages
    }
    assert ends == {"guide-cnomk": None, before.id: None}


def test_withdrawal_is_one_act_that_leaves_a_trace(staging: Staging) -> None:
    staged = staging.stage(PDF, "note.pdf", "Anne")
    staging.preview(staged.id)
    source = staging.approve(staged.id, "Paul")
    assert withdraw(staging.sources, source.id, "Paul", "erreur") == "note"
    assert not source.path.exists()
    assert [d.source.id for d in load_library(staging.sources).documents] == ["guide-cnomk"]
    trace = rows(staging.sources)[source.id]["withdrawn"]
    assert trace["by"] == "Paul"  # type: ignore[index]
    assert trace["reason"] == "erreur"  # type: ignore[index]
    with pytest.raises(SourceNotFound):
        withdraw(staging.sources, source.id, "Paul")
    # Added again, it has an id of its own: an id never changes its meaning.
    back = staging.stage(PDF, "note.pdf", "Anne")
    staging.preview(back.id)
    assert staging.approve(back.id, "Paul").id == f"{source.id}-2"


# Hostile names and sizes

NAMES = ["../../etc/passwd.txt", "a\x00b.txt", "CON.txt", "x" * 300 + ".txt", "\u202efdp.txt",
         "..\\..\\windows.txt", "/etc/shadow.txt", ".txt", "<img src=x>.txt",
         "$(rm -rf).txt"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_label_and_never_a_path(staging: Staging, name: str) -> None:
    text = f"Un texte assez long pour former un passage du corpus, {name!r}."
    staged = staging.stage(text.encode(), name if name != ".txt" else "..txt", "Anne")
    assert len(staged.name) <= 130
    assert not set(staged.name) & set("/\\<>\x00\u202e$")
    staging.preview(staged.id)
    source = staging.approve(staged.id, "Paul")
    assert source.path.parent == staging.sources
    assert source.path.is_file()
    kept = {path.name for path in staging.sources.iterdir()} - {".lock", ".staged"}
    assert kept == {"guide-secret-professionnel.txt", "manifest.json", source.path.name}


def test_sizes_and_forms_are_checked(staging: Staging) -> None:
    wrong = ((b"", "vide.txt"), (b"x" * 20_000_001, "gros.txt"), (b"x", "virus.exe"))
    for data, name in wrong:
        with pytest.raises(SourceRefused):
            staging.stage(data, name, "Anne")
    assert safe_name("sans suffixe") == "document"


def test_a_staged_id_is_no_path(staging: Staging) -> None:
    for bad in ("../sources", "..", "", "0" * 15, "0" * 16):
        with pytest.raises(SourceNotFound):
            staging.get(bad)
