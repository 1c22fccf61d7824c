"""Files that a reader may keep: Word, PDF, Markdown and CSL-JSON, from one report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape as xml_escape

from corpus.passage import Source
from qa.answer import Citation
from ui import norms, wording
from ui.report import Block, Report

MEDIA = {
    "docx": (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": (".pdf", "application/pdf"),
    "md": (".md", "text/markdown"),
    "csl": (".json", "application/vnd.citationstyles.csl+json"),
}

# What XML 1.0, hence Word, cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!<>|~$&])")


def as_file(kind: str, report: Report) -> bytes:
    """The bytes of one format of :data:`MEDIA`."""
    makers: dict[str, Callable[[Report], bytes]] = {
        "docx": as_docx, "pdf": as_pdf, "md": as_markdown, "csl": as_csl,
    }  # fmt: skip
    return makers[kind](report)


def as_markdown(report: Report) -> bytes:
    """CommonMark; every text escaped, so that what is read equals what was quoted."""
    prefix = {"title": "# ", "heading": "## ", "reference": "### ", "quote": "> "}
    parts = []
    for block in report.blocks:
        lines = [_MARKDOWN.sub(r"\\\1", line.strip()) for line in block.text.split("\n")]
        lead = prefix.get(block.kind, "")
        if block.kind == "quote":
            parts.append("\n".join(f"> {line}".rstrip() for line in lines))
        elif lead:
            parts.append(lead + " ".join(lines))
        else:
            parts.append("\n".join(lines))
    return ("\n\n".join(parts) + "\n").encode()


def as_csl(report: Report) -> bytes:
    """CSL-JSON: one item a citation, as reference managers import it."""
    return json.dumps(
        [_csl_item(c, s, report) for c, s in report.cited], ensure_ascii=False, indent=2
    ).encode()


def _csl_item(citation: Citation, source: Source, report: Report) -> dict[str, Any]:
    passage = citation.hit.passage
    issued = passage.date or passage.in_force_from or source.date
    kinds = {"article": "legislation", "decision": "legal_case", "guide": "report"}
    item = {
        "id": f"citation-{citation.n}",
        "type": kinds[passage.kind],
        "title": norms.label(passage),
        "container-title": source.title,
        "publisher": source.publisher,
        "version": source.version,
        "section": " › ".join(passage.section),
        "page": None if passage.page is None else str(passage.page),
        "issued": None if issued is None else {"date-parts": [_date_parts(issued)]},
        "accessed": {"date-parts": [_date_parts(report.day.isoformat())]},
        "URL": passage.url or source.url,
        "note": f"« {citation.quote} » — {wording.RANKS[norms.rank(passage)]} — "
        f"passage {passage.id} — index {report.generation}",
        "language": "fr",
    }
    return {name: value for name, value in item.items() if value is not None}


def _date_parts(iso: str) -> list[int]:
    return [int(part) for part in iso.split("-")]


def as_docx(report: Report) -> bytes:
    """Word, through python-docx, with real headings and quotations."""
    from docx import Document

    styles = {
        "title": "Title", "heading": "Heading 1", "reference": "Heading 2",
        "quote": "Intense Quote", "note": "Caption",
    }  # fmt: skip
    document = Document()
    document.core_properties.title = wording.EXPORT_TITLE
    document.core_properties.author = wording.PRODUCT
    document.core_properties.language = "fr-FR"
    for block in report.blocks:
        text = _NOT_XML.sub("\ufffd", block.text)
        document.add_paragraph(text, style=styles.get(block.kind, "Normal"))
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def as_pdf(report: Report) -> bytes:
    """PDF, through ReportLab, with its own embedded fonts: no system library, no system font."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    _register_fonts()
    styles = _pdf_styles()
    out = BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=24 * mm, rightMargin=24 * mm, topMargin=22 * mm,
        bottomMargin=22 * mm, title=wording.EXPORT_TITLE, author=wording.PRODUCT, lang="fr-FR",
    )  # fmt: skip
    document.build([Paragraph(_pdf_text(block), styles[block.kind]) for block in report.blocks])
    return out.getvalue()


def _pdf_text(block: Block) -> str:
    return xml_escape(_NOT_XML.sub("\ufffd", block.text)).replace("\n", "<br/>")


def _register_fonts() -> None:
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    if "Vera" in pdfmetrics.getRegisteredFontNames():
        return
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in ("Vera", "VeraBd", "VeraIt"):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))


def _pdf_styles() -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    ink, petrol, grey = HexColor("#1c2630"), HexColor("#1d5166"), HexColor("#5b6570")
    text = ParagraphStyle("text", fontName="Vera", fontSize=9.5, leading=14.5, textColor=ink,
                          spaceAfter=6)  # fmt: skip

    def of(name: str, **changes: Any) -> ParagraphStyle:
        return ParagraphStyle(name, parent=text, **changes)

    return {
        "title": of("title", fontName="VeraBd", fontSize=15, leading=20, textColor=petrol,
                    spaceAfter=14),
        "heading": of("heading", fontName="VeraBd", fontSize=11, leading=15, textColor=petrol,
                      spaceBefore=12, spaceAfter=5, keepWithNext=1),
        "text": text,
        "sentence": text,
        "reference": of("reference", fontName="VeraBd", spaceBefore=8, spaceAfter=3,
                        keepWithNext=1),
        "quote": of("quote", leftIndent=12, borderColor=petrol, borderPadding=(0, 0, 0, 6)),
        "note": of("note", fontName="VeraIt", fontSize=8, leading=11, textColor=grey),
    }  # fmt: skip
