"""Sets texts as real PDFs with WeasyPrint, so that reading them back can be checked.

WeasyPrint itself says on which page each paragraph begins (its anchors), so the truth about pages
does not come from the code under test.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

from corpus.guide import read_guide
from corpus.passage import Document, Source

GUIDE = Path(__file__).parents[1] / "corpus" / "sources" / "guide-secret-professionnel.txt"
FIRST_PRINTED = 4  # the PDF's first page bears number 4, as after a cover and a contents page
_ARTICLE = re.compile(r"Article (?:[LRD]\. )?[\d-]{3,12} du code")

GUIDE_CSS = f"""
@page {{ size: 17cm 24cm; margin: 2.2cm 1.8cm 2.4cm;
  @top-left {{ content: "CNOMK"; font-size: 7pt }}
  @top-right {{ content: string(chapter); font-size: 7pt }}
  @bottom-left {{ content: "Guide relatif au secret professionnel"; font-size: 7pt }}
  @bottom-right {{ content: counter(page); font-size: 8pt }} }}
@page:first {{ counter-reset: page {FIRST_PRINTED} }}
html {{ font: 9pt/1.35 'Liberation Serif'; hyphens: auto; text-align: justify;
  font-variant-ligatures: common-ligatures }}
main {{ columns: 2; column-gap: 6mm }}
h1 {{ column-span: all; font-size: 17pt; text-align: left; string-set: chapter content();
  background: #1b4f72; color: white; padding: 2mm }}
h2 {{ font-size: 11pt; text-align: left; break-after: avoid }}
p {{ margin: 0 0 2.2mm }}
.decision {{ background: #dfe9f2; padding: 2mm; font-style: italic }}
.note {{ float: footnote; font-size: 6.5pt }}
::footnote-call {{ content: counter(footnote); font-size: 6pt; vertical-align: super;
  line-height: 0 }}
::footnote-marker {{ content: counter(footnote) '_ ' }}
"""


@dataclass(frozen=True)
class Set:
    """A PDF, and the printed page on which each paragraph of the text begins."""

    pdf: bytes
    paragraphs: tuple[str, ...]
    pages: tuple[int, ...]


def source(path: Path, **fields: object) -> Source:
    given = {"id": path.stem, "title": path.stem, "kind": "guide", "sha256": "0" * 64, **fields}
    return Source(path=path, **given)  # type: ignore[arg-type]  # a test's shorthand


def guide_document() -> Document:
    return read_guide(source(GUIDE), GUIDE.read_text(encoding="utf-8"))


def html_pdf(body: str, css: str) -> bytes:
    """Any body under any style."""
    return _set(body, css, (), 1).pdf


def set_plain(*paragraphs: str, css: str = "") -> bytes:
    """Paragraphs under the guide's page design."""
    body = "".join(f'<p id="p{i}">{html.escape(t)}</p>' for i, t in enumerate(paragraphs))
    return _set(body, GUIDE_CSS + css, paragraphs, FIRST_PRINTED).pdf


def set_guide(document: Document, *, css: str = "", shown: int = FIRST_PRINTED) -> Set:
    """The guide as a two-column PDF: chapters, boxes, running heads, a footnote, hyphenation."""
    levels = {s: depth for p in document.passages for depth, s in enumerate(p.section)}
    decisions = {p.text for p in document.passages if p.kind == "decision"}
    paragraphs = tuple(document.text.split("\n\n"))
    parts = []
    for number, text in enumerate(paragraphs):
        heading = text.removesuffix(" :")
        depth = levels.get(heading, 0 if heading in levels else None)
        if depth is None and _ARTICLE.match(text) and len(text) < 70:
            depth = 2
        tag = "p" if depth is None else "h1" if depth == 0 else "h2"
        kind = ' class="decision"' if text in decisions else ""
        body = html.escape(text)
        if text.endswith("(article R. 4321-90 CSP)."):
            note = "www.ordremk.fr/actualites/kines/violences-faites-aux-femmes/"
            body = body[:-2] + f'<span class="note">{note}</span>).'
        parts.append(f'<{tag} id="p{number}"{kind}>{body}</{tag}>')
    return _set("\n".join(parts), GUIDE_CSS + css, paragraphs, shown)


def _set(body: str, css: str, paragraphs: tuple[str, ...], shown: int) -> Set:
    head = f'<meta charset="utf-8"><style>{css}</style>'
    text = f'<html lang="fr">{head}<body><main>{body}</main></body></html>'
    import weasyprint  # a second to load, for those that lay out only

    laid = weasyprint.HTML(string=text).render()
    pages = {
        int(name[1:]): index + shown
        for index, page in reversed(list(enumerate(laid.pages)))
        for name in page.anchors
    }
    return Set(laid.write_pdf(), paragraphs, tuple(pages[i] for i in range(len(paragraphs))))
