"""What a reader keeps: each file is opened and read back, every quote in it, in order."""

from __future__ import annotations

import io
import json
import re
from datetime import date
from pathlib import Path

import pytest
from docx import Document as WordFile
from pypdf import PdfReader

from corpus.library import Library, load_library
from index.hit import Hit
from index.open import Index
from qa.answer import Answer, Citation, Refusal, Role, Sentence
from ui import norms, wording
from ui.conversation import Turn
from ui.export import as_csl, as_docx, as_file, as_markdown, as_pdf
from ui.report import Report, compose, plain_text

DAY = date(2026, 3, 9)
PARTS: tuple[tuple[str, str, Role], ...] = (
    ("Guide CNOMK, « Sanctions en cas de violation du secret professionnel »",
     "Le masseur-kinésithérapeute qui manque", "conclusion"),
    ("CP, art. 226-13", "La révélation d’une information", "texte"),
    ("CDN MK, 04/06/2021, n° 012-2020", "La chambre disciplinaire nationale", "decision"),
)  # fmt: skip


class _Shelf:
    """The part of an index that a report reads: its documents."""

    def __init__(self, library: Library) -> None:
        self.documents = library.documents


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def cited(library: Library, n: int, ref: str, words: str) -> Citation:
    """The whole passage of ``ref`` that holds ``words``."""
    passage = next(p for p in library.passages if p.ref == ref and words in p.text)
    return Citation(n, Hit(passage, 1.0), passage.text, passage.start, passage.end, verified=True)


def report_of(library: Library, question: str = "Que risque-t-on ?") -> Report:
    citations = tuple(cited(library, n, ref, w) for n, (ref, w, _) in enumerate(PARTS, 1))
    sentences = tuple(
        Sentence(c.quote, (c.n,), role) for c, (_, _, role) in zip(citations, PARTS, strict=True)
    )
    answer = Answer(question, sentences, citations, generation="g-0001")
    shelf: Index = _Shelf(library)  # type: ignore[assignment]  # only its documents are read
    return compose(shelf, Turn(answer, DAY))


def flat(text: str) -> str:
    """Without blanks: formats break lines where they wish, inside hyphenated words too."""
    return "".join(text.split()).replace("\u00ad", "")


def assert_in_order(text: str, report: Report) -> None:
    at = 0
    for block in report.blocks:
        found = flat(text).find(flat(block.text), at)
        assert found >= 0, block
        at = found + 1


def test_the_parts_come_in_order_and_each_sentence_names_its_citation(library: Library) -> None:
    blocks = report_of(library).blocks
    headings = [b.text for b in blocks if b.kind == "heading"]
    assert headings == ["Question", *[wording.PARTS[r] for _, _, r in PARTS], "Citations"]
    assert [b.text[-4:] for b in blocks if b.kind == "sentence"] == [" [1]", " [2]", " [3]"]


def test_word_file_holds_every_block_in_order(library: Library) -> None:
    report = report_of(library)
    document = WordFile(io.BytesIO(as_docx(report)))
    assert_in_order("\n".join(p.text for p in document.paragraphs), report)
    assert document.paragraphs[0].style.name == "Title"
    assert document.core_properties.language == "fr-FR"


def test_pdf_file_holds_every_block_in_order(library: Library) -> None:
    report = report_of(library)
    reader = PdfReader(io.BytesIO(as_pdf(report)))
    assert_in_order("\n".join(page.extract_text() for page in reader.pages), report)
    assert reader.metadata is not None and reader.metadata.title == wording.EXPORT_TITLE


def test_markdown_file_holds_every_block_in_order(library: Library) -> None:
    report = report_of(library)
    text = as_markdown(report).decode()
    assert_in_order(re.sub(r"^>", "", text.replace("\\", ""), flags=re.MULTILINE), report)
    assert text.startswith("# Secret professionnel")


def test_csl_file_holds_every_citation_with_its_quote(library: Library) -> None:
    report = report_of(library)
    items = json.loads(as_csl(report))
    assert [i["type"] for i in items] == ["report", "legislation", "legal_case"]
    assert [i["title"] for i in items] == [norms.label(c.hit.passage) for c, _ in report.cited]
    assert all(c.quote in i["note"] for i, (c, _) in zip(items, report.cited, strict=True))
    assert items[2]["issued"] == {"date-parts": [[2021, 6, 4]]}
    assert items[0]["accessed"] == {"date-parts": [[2026, 3, 9]]}


def test_every_file_names_the_generation_the_day_and_the_publisher(library: Library) -> None:
    text = plain_text(report_of(library))
    assert "Index g-0001 · réponse du 09/03/2026" in text
    assert "Conseil national de l’ordre des masseurs-kinésithérapeutes" in text


HOSTILE = "<b>&\x00\x0b\ud83d\ude00 # titre\n- puce | ![x](http://e.x) 漢字 \ufffe $x$"


@pytest.mark.parametrize("kind", ["docx", "pdf", "md", "csl"])
def test_a_hostile_question_breaks_no_file(library: Library, kind: str) -> None:
    question = HOSTILE.encode("utf-16", "surrogatepass").decode("utf-16")
    made = as_file(kind, report_of(library, question))
    assert len(made) > 500
    if kind == "pdf":
        assert "# titre" in PdfReader(io.BytesIO(made)).pages[0].extract_text()
    if kind == "docx":
        assert "# titre" in WordFile(io.BytesIO(made)).paragraphs[2].text


def test_a_hostile_question_stays_text_in_markdown(library: Library) -> None:
    text = as_markdown(report_of(library, "![x](http://e.x)\n# titre")).decode()
    assert "![" not in text and "\n# titre" not in text


def test_a_refusal_gives_its_reason_and_its_pointers(library: Library, tmp_path: Path) -> None:
    pointer = cited(library, 1, *PARTS[1][:2])
    refusal = Refusal("Météo ?", "hors_corpus", "Rien n’en parle.", (pointer,), generation="g")
    shelf: Index = _Shelf(library)  # type: ignore[assignment]
    text = plain_text(compose(shelf, Turn(refusal, DAY)))
    assert "Rien n’en parle." in text and wording.REFUSAL_POINTERS in text
    assert pointer.quote in text
