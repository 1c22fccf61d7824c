"""Articles of codes as LEGI publishes them: one XML file a version, each with its dates.

Form: the DTD of the LEGI open data (``ARTICLE(META, CONTEXTE, VERSIONS, NOTA, BLOC_TEXTUEL,
LIENS)``). Anything unexpected is refused with its reason rather than read by guesswork: a wrong
state or date would present a repealed text as the law.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from corpus.chunking import Block, assemble
from corpus.errors import SourceRefused
from corpus.guide import with_item
from corpus.passage import Document, Source
from corpus.references import article_label
from corpus.text import normalise
from corpus.wording import LAW

MAX_FILE = 5_000_000
OPEN_ENDED = "2999-01-01"  # LEGI's “no end”; as a start, it means “never”
# States of a version that applies, or applied, from DATE_DEBUT until DATE_FIN.
APPLIES = frozenset(
    "VIGUEUR ABROGE_DIFF VIGUEUR_DIFF MODIFIE ABROGE TRANSFERE DEPLACE PERIME".split()
)
# States of a version that never had effect, or is deemed never to have had any.
NEVER = frozenset(["ANNULE", "DISJOINT", "MORT_NE", "MODIFIE_MORT_NE"])
ENDED = frozenset(["MODIFIE", "ABROGE", "TRANSFERE", "DEPLACE", "PERIME"])
URL = "https://www.legifrance.gouv.fr/codes/article_lc/"
CODES = {
    "LEGITEXT000006072665": ("CSP", "Code de la santé publique"),
    "LEGITEXT000006070719": ("CP", "Code pénal"),
    "LEGITEXT000006071154": ("CPP", "Code de procédure pénale"),
    "LEGITEXT000006070721": ("C. civ.", "Code civil"),
    "LEGITEXT000006074069": ("CASF", "Code de l’action sociale et des familles"),
    "LEGITEXT000006071367": ("C. rur.", "Code rural et de la pêche maritime"),
}
_ID = re.compile(r"LEGIARTI\d{12}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_LETTERED = re.compile(r"([LRDA])\s?\*{0,2}\s?\.?\s?(\d.{0,30})")
_BLOCKS = frozenset("p div blockquote li tr h1 h2 h3 h4 ul ol table".split())
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Article:
    """One version of one article.

    Attributes:
        id: LEGIARTI identifier, which names this version and no other.
        number: As cited: ``R. 4321-55``, ``226-13``.
        state: ``ETAT`` of the LEGI data.
        start: First day of effect, ISO 8601.
        end: First day without effect, ``None`` when open.
        code: Abbreviation used in references, or the code's title when it is not a known one.
        sections: Titles above the article, the code's first.
        paragraphs: Its alinéas.
        nota: The publisher's notes, which are not the law but say when it applies.
    """

    id: str
    number: str
    state: str
    start: str
    end: str | None
    code: str
    sections: tuple[str, ...]
    paragraphs: tuple[str, ...]
    nota: tuple[str, ...]

    @property
    def ref(self) -> str:
        """Canonical reference, the same for every version."""
        return article_label(self.code, self.number)

    @property
    def url(self) -> str:
        """Address of this very version at Légifrance."""
        return URL + self.id

    @property
    def interval(self) -> tuple[str, str | None]:
        """First day in force and first day no longer in force; empty when it never was."""
        return (self.start, self.end) if self.state in APPLIES else (self.start, self.start)


def is_legi(data: bytes) -> bool:
    """Whether a file opens as an article of the LEGI data."""
    return b"<ARTICLE" in data[:2_000]


def parse_article(data: bytes, name: str) -> Article:
    """Parse one LEGI file.

    Raises:
        SourceRefused: With ``code`` saying what is wrong; see ``corpus.wording.LAW``.
    """
    root = _root(data, name)
    meta = root.find("META/META_SPEC/META_ARTICLE")
    identifier = _text(root, "META/META_COMMUN/ID")
    if meta is None or not _ID.fullmatch(identifier):
        raise _refused(name, "no_id")
    state = _text(meta, "ETAT")
    if state not in APPLIES | NEVER:
        raise _refused(name, "unknown_state", detail=state)
    start, end = _dates(meta, state, name)
    number = _text(meta, "NUM")
    if not number:
        raise _refused(name, "no_number")
    code, sections = _context(root, name)
    body = root.find("BLOC_TEXTUEL/CONTENU")
    paragraphs = tuple(_paragraphs(body)) if body is not None else ()
    if not paragraphs:
        raise _refused(name, "empty_body")
    nota = root.find("NOTA/CONTENU")
    return Article(
        id=identifier,
        number=spell(number),
        state=state, start=start, end=end, code=code, sections=sections, paragraphs=paragraphs,
        nota=tuple(_paragraphs(nota)) if nota is not None else (),
    )  # fmt: skip


def spell(number: str) -> str:
    """``R4321-55`` or ``R*4321-55`` as references have it: ``R. 4321-55``."""
    lettered = _LETTERED.fullmatch(number)
    return f"{lettered[1]}. {lettered[2]}" if lettered else number


def read_article(source: Source, data: bytes) -> Document:
    """The document of one version; the source is completed with what the file says of itself.

    Raises:
        SourceRefused: See :func:`parse_article`.
    """
    article = parse_article(data, source.path.name)
    return assemble(described(source, article), _blocks(article), _warnings(article))


def described(source: Source, article: Article) -> Source:
    """A source with the title, version, address and dates of its article."""
    start, end = article.interval
    untitled = source.title == source.path.stem
    return replace(
        source,
        title=f"Article {article.number}, {article.sections[0]}" if untitled else source.title,
        kind="article", date=article.start, version=article.id, url=article.url,
        publisher=source.publisher or "DILA (LEGI)", in_force_from=start, in_force_to=end,
    )  # fmt: skip


def _blocks(article: Article) -> Iterator[Block]:
    title = f"Article {article.number}"
    base = Block("", section=(article.sections[0], *article.sections[1:][-1:]), kind="article",
                 ref=article.ref, title=title, date=article.start)  # fmt: skip
    heading = replace(base, text=title, heading=True)
    yield heading
    last = heading
    for paragraph in article.paragraphs:
        last = with_item(replace(base, text=paragraph), last)
        yield last
    for note in article.nota:
        yield replace(base, text=note, section=(*base.section, "Nota"), item="nota")


def _warnings(article: Article) -> list[str]:
    if article.state in NEVER:
        return [LAW["never"].format(state=article.state)]
    if article.state in ENDED:
        return [LAW["ended"].format(end=article.end, state=article.state)]
    found = [LAW["future_end"].format(end=article.end)] if article.end else []
    return found + ([LAW["future"].format(start=article.start)]
                    if article.state == "VIGUEUR_DIFF" else [])  # fmt: skip


def _root(data: bytes, name: str) -> Element:
    if len(data) > MAX_FILE:
        raise _refused(name, "too_large")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise _refused(name, "doctype") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise _refused(name, "not_xml") from error
    if _depth(root) > MAX_DEPTH:
        raise _refused(name, "not_xml")
    if root.tag != "ARTICLE":
        raise _refused(name, "not_article", detail=root.tag[:40])
    return root


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level and depth <= MAX_DEPTH:
        depth, level = depth + 1, [child for element in level for child in element]
    return depth


def _dates(meta: Element, state: str, name: str) -> tuple[str, str | None]:
    start, end = _text(meta, "DATE_DEBUT"), _text(meta, "DATE_FIN")
    for value in (start, end):
        if not _ISO.fullmatch(value) or not _is_day(value):
            raise _refused(name, "bad_date", detail=value[:40])
    if start >= OPEN_ENDED and state not in NEVER:
        raise _refused(name, "never_starts", detail=state)
    if end < start:
        raise _refused(name, "dates_reversed", detail=f"{start} > {end}")
    open_ended = end >= OPEN_ENDED
    if open_ended and state in ENDED | {"ABROGE_DIFF"}:
        raise _refused(name, "never_ends", detail=state)
    return start, None if open_ended else end


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _context(root: Element, name: str) -> tuple[str, tuple[str, ...]]:
    text = root.find("CONTEXTE/TEXTE")
    title = _text(text, "TITRE_TXT") if text is not None else ""
    identifier = text.get("cid", "") if text is not None else ""
    if not title and identifier not in CODES:
        raise _refused(name, "no_code")
    code, known = CODES.get(identifier, (title, title))
    titles = [" ".join((t.text or "").split()) for t in root.iterfind("CONTEXTE//TITRE_TM")]
    return code, (known, *(t for t in titles if t))


def _text(parent: Element, path: str) -> str:
    found = parent.find(path)
    return "" if found is None or found.text is None else found.text.strip()


def _paragraphs(content: Element) -> Iterator[str]:
    """Alinéas of mixed XHTML: blocks and line breaks end one, cells of a row are kept apart."""
    for line in normalise("".join(_flow(content))).split("\n"):
        clean = " ".join(line.split()).strip("| ")
        if clean:
            yield clean


def _flow(element: Element) -> Iterator[str]:
    block = element.tag in _BLOCKS
    if element.tag == "br":
        yield "\n"
    if block:
        yield "\n"
    yield _inline(element.text)
    for child in element:
        yield from _flow(child)
        yield _inline(child.tail)
    if element.tag in ("td", "th"):
        yield " | "
    if block:
        yield "\n"


def _inline(text: str | None) -> str:
    """A line end of the file is no line end of the article."""
    return " ".join(text.split("\n")) if text else ""


def _refused(name: str, code: str, **details: Any) -> SourceRefused:
    return SourceRefused(f"{name} : {LAW[code].format(**details)}", code=code)
