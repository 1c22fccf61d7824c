"""Disciplinary decisions: header, procedure, numbered *considérants*, *dispositif*.

A decision is cited to its considérant: each is a passage of its own, with its printed number as
``item`` (``considérant 3``, ``article 1er`` in the dispositif). Numbers are those of the page,
never counted: an older decision that does not number its considérants gets no item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.anonymity import names_left
from corpus.chunking import Block, assemble
from corpus.passage import Document, Source
from corpus.references import DATE, decision_label, iso_date
from corpus.text import dehyphenate, join_lines, normalise, sentence_spans
from corpus.wording import DECISIONS

HEAD = 3_000  # characters in which a header stands
LONGEST = 1_300  # characters; a longer considérant is cut between paragraphs, then sentences
_MARK = re.compile("(?:\ue001\\d{1,6}\ue001\\s?){0,3}")
_CHAMBER = re.compile(
    r"CHAMBRE\s{1,3}DISCIPLINAIRE\s{1,3}(?:(?P<cdn>NATIONALE)|DE\s{1,3}PREMI[ÈE]RE\s{1,3}INSTANCE)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"ordre\s{1,3}(?:national\s{1,3})?des\s{1,3}(?:(?P<MK>masseurs)|(?P<médecins>m[ée]decins)"
    r"|(?P<dentistes>chirurgiens-dentistes)|(?P<infirmiers>infirmiers)"
    r"|(?P<podologues>p[ée]dicures)|(?P<sages>sages-femmes)|(?P<pharmaciens>pharmaciens))",
    re.IGNORECASE,
)
_ORDERS = {"sages": "sages-femmes"}
_NUMBER = re.compile(
    r"\b(?:N\s?[°ºo]s?|Dossier(?:\s{1,3}n\s?[°º])?|Affaire(?:\s{1,3}n\s?[°º])?)\s{0,3}:?\s{0,3}"
    r"(?P<number>\d{1,5}(?:[-/.]\d{1,5}){0,3})(?![\d/.-])",
    re.IGNORECASE,
)
_AUDIENCE = re.compile(r"audience\s{1,3}publique\s{1,3}(?:en\s{1,3}date\s{1,3})?du\b", re.I)
_POSTED = re.compile(
    r"(?:par\s{1,3}affichage|lecture\s{1,3}publique|rendue\s{1,3}publique)[^.;]{0,60}?\s(?:le|du)\b",
    re.IGNORECASE,
)
# The parties stand between the number and whichever of these comes next.
_AFTER_PARTIES = re.compile(
    r"Rapporteur|Audience|D[ée]cision|Ordonnance|Vu\b|Pr[ée]sident|Date\b|Lecture"
)
_PARTY = re.compile(
    r"\b(?:MM?\.|M(?:me|lle)|Dr|Docteur|Pr|Conseil|CDO|CNO|CNOMK|Procureur|Soci[ée]t[ée]|SELARL|ARS"
    r"|CPAM)(?!\w)"
)
_VERSUS = re.compile(r"\s(?:c\.|c/|contre)\s")
_OPENINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Vu\s{1,3}la\s{1,3}proc[ée]dure\s{1,3}suivante|Vu\b"), "Procédure"),
    (re.compile(r"Consid[ée]rant\s{1,3}ce\s{1,3}qui\s{1,3}suit|(?:1\.\s{0,3})?Consid[ée]rant\b"
                r"|(?:Apr[èe]s\s{1,3}en\s{1,3}avoir|Motifs)\b", re.I), "Motifs"),
    (re.compile(r"D\s?[ÉEé]\s?C\s?I\s?D\s?E\s?N?\s?T?\s{0,3}:?$|PAR\s{1,3}CES\s{1,3}MOTIFS"),
     "Dispositif"),
    (re.compile(r"Ainsi\s{1,3}(?:fait|d[ée]lib[ée]r|jug)|D[ée]lib[ée]r[ée]\s{1,3}(?:dans|[àa]|par)"
                r"|Fait\s{1,3}et\s{1,3}d[ée]lib[ée]r"), "Mentions finales"),
)  # fmt: skip
_NUMBERED = re.compile(r"(\d{1,3})\s?[.)]\s{1,3}\S")
_DECIDED = re.compile(r"Article\s{1,3}(1er|\d{1,2})\s{0,3}(?:[:.–-]|er\b)", re.I)
_SUBHEADING = re.compile(r"(?:Sur|En\s{1,3}ce\s{1,3}qui\s{1,3}concerne|S[’']agissant)\b.{1,160}:$")
_TITLE_LINE = re.compile(r"[^a-zà-ÿ]{4,90}|[Cc]onsid[ée]rant\s{1,3}ce\s{1,3}qui\s{1,3}suit\s?:?")
_OWN_LINE = re.compile(
    r"\s{0,8}(?:\d{1,3}\s?[.)]\s{1,3}[A-ZÀ-Ý«(\"]|Article\s{1,3}(?:1er|\d{1,2})\b|Vu\b|Consid[ée]rant\b"
    r"|D\s?[ÉE]\s?C\s?I\s?D\s?E|PAR CES MOTIFS|Rapporteur|Audience|D[ée]cision rendue|N\s?[°º]"
    r"|CHAMBRE DISCIPLINAIRE|Ainsi fait|Sur\b|En ce qui concerne\b)"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What the first page of a decision says of it; ``None`` for what it does not say.

    Attributes:
        chamber: ``CDN MK``, ``CDPI MK``, ``CDN médecins``…
        number: As printed, without “N°”.
        audience: Day of the public hearing, ISO 8601.
        posted: Day on which it was made public by posting, ISO 8601: the date it is cited by.
        parties: As printed, to be initials.
    """

    chamber: str | None
    number: str | None
    audience: str | None
    posted: str | None
    parties: str | None

    @property
    def date(self) -> str | None:
        """The date that the decision is cited by."""
        return self.posted or self.audience

    @property
    def ref(self) -> str:
        """Canonical reference, as far as the header allows."""
        return decision_label(self.chamber or "décision", self.date, self.number)


def read_header(text: str) -> Header:
    """Header of a decision, from its normalised text."""
    head = " ".join(text[:HEAD].split())
    chamber = _CHAMBER.search(head)
    start = chamber.end() if chamber else 0
    number = _NUMBER.search(head, start)
    return Header(
        chamber=_chamber_name(chamber, " ".join(text.split())),
        number=number["number"] if number else None,
        audience=_date_after(_AUDIENCE, head),
        posted=_date_after(_POSTED, head),
        parties=_parties(head[number.end() if number else start :]),
    )


def is_decision(text: str) -> bool:
    """Whether a text opens as a decision does: a chamber, then a number or a hearing."""
    head = text[:HEAD]
    chamber = _CHAMBER.search(head[:1_200])
    if chamber is None or not re.search(r"D\s?[ÉE]\s?C\s?I\s?D\s?E|onsid[ée]rant", text):
        return False
    return bool(_NUMBER.search(head, chamber.end()) or _AUDIENCE.search(head))


def read_decision(source: Source, raw: str) -> Document:
    """Parse a decision.

    Args:
        source: The document it comes from.
        raw: Text as extracted, one layout line a line; pages announced by ``page_mark``.
    """
    text = dehyphenate(normalise(raw))
    bare = re.sub("\ue001\\d{1,6}\ue001", "", text)
    header = read_header(bare)
    ref = header.ref if header.chamber else source.title
    base = Block("", section=(), kind="decision", ref=ref, title=f"Décision {ref}",
                 date=header.date or source.date or "")  # fmt: skip
    blocks = [piece for block in _blocks(_paragraphs(text), base) for piece in _cut(block)]
    dated = replace(source, date=source.date or header.date)
    return assemble(dated, blocks, _warnings(header, blocks))


def _warnings(header: Header, blocks: list[Block]) -> list[str]:
    found = [
        DECISIONS[name]
        for name, value in (
            ("chamber", header.chamber), ("number", header.number), ("date", header.date),
            ("parties", header.parties),
        )
        if not value
    ]  # fmt: skip
    if not any((block.item or "").startswith("considérant") for block in blocks):
        found.append(DECISIONS["unnumbered"])
    if not any(block.section[:1] == ("Dispositif",) for block in blocks):
        found.append(DECISIONS["no_dispositif"])
    names = names_left("\n\n".join(block.text for block in blocks))
    return found + [DECISIONS["name"].format(name=name) for name in names]


def _chamber_name(chamber: re.Match[str] | None, text: str) -> str | None:
    if chamber is None:
        return None
    order = _ORDER.search(text)
    group = (order.lastgroup or "MK") if order else "MK"
    return f"{'CDN' if chamber['cdn'] else 'CDPI'} {_ORDERS.get(group, group)}"


def _parties(rest: str) -> str | None:
    """“M. S. c. CDO du Val d’Oise”: from a party's title to the next field of the header."""
    after = _AFTER_PARTIES.search(rest)
    field = rest[: after.start() if after else 300]
    opening = _PARTY.search(field)
    named = field[opening.start() :].strip() if opening else ""
    return named if _VERSUS.search(named) and len(named) <= 300 else None


def _date_after(opening: re.Pattern[str], head: str) -> str | None:
    for match in opening.finditer(head):
        date = DATE.match(head, match.end() + 1)
        if date:
            return iso_date(date.group())
    return None


def _paragraphs(text: str) -> list[str]:
    """Paragraphs; what opens a part of a decision stands alone even without a blank line."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and _OWN_LINE.match(line) and not _MARK.fullmatch(lines[-1]):
            lines.append("")
        lines.append(line)
        if _SUBHEADING.fullmatch(line.strip()) or _OPENINGS[2][0].fullmatch(line.strip()):
            lines.append("")
    return [p for p in join_lines("\n".join(lines)).split("\n\n") if p.strip()]


def _blocks(paragraphs: list[str], base: Block) -> Iterator[Block]:
    """Blocks in order: headings, paragraphs of the procedure, whole considérants, articles."""
    part, below, last = "", "", 0
    open_block: Block | None = None
    for paragraph in paragraphs:
        bare = paragraph[_MARK.match(paragraph).end() :].strip()  # type: ignore[union-attr]  # {0,3} always matches
        new_part = _part(bare, part)
        if new_part != part:
            part, below = new_part, ""
        subheading = part == "Motifs" and bool(_SUBHEADING.fullmatch(bare))
        if subheading:
            below = bare.rstrip(" :")
        section = tuple(name for name in (part, below) if name)
        block = replace(base, text=paragraph, section=section)
        item = _item(bare, part, last)
        if not part or subheading or (not item and _TITLE_LINE.fullmatch(bare)):
            block = replace(block, heading=True)
        elif item:
            last = int(_NUMBERED.match(bare)[1]) if part == "Motifs" else last  # type: ignore[index]  # item implies the match
            block = replace(block, item=item)
        elif (
            open_block is not None
            and open_block.section[:1] == section[:1] == (part,)
            and (open_block.item)
        ):
            open_block = replace(open_block, text=f"{open_block.text}\n\n{paragraph}")
            continue
        if open_block is not None:
            yield open_block
        open_block = block
    if open_block is not None:
        yield open_block


def _part(bare: str, part: str) -> str:
    """The part of the decision that a paragraph stands in; parts only follow one another."""
    names = ["", *(name for _, name in _OPENINGS)]
    for pattern, name in _OPENINGS:
        later = names.index(name) > names.index(part)
        if later and pattern.match(bare) and (name != "Mentions finales" or part == "Dispositif"):
            return name
    return part


def _item(bare: str, part: str, last: int) -> str | None:
    """``considérant 3`` when the printed number is the next one; ``article 1er`` at the end."""
    if part == "Motifs":
        match = _NUMBERED.match(bare)
        if match and int(match[1]) == last + 1:
            return f"considérant {match[1]}"
    if part == "Dispositif":
        match = _DECIDED.match(bare)
        if match:
            return f"article {match[1].lower()}"
    return None


def _cut(block: Block) -> Iterator[Block]:
    """A considérant, in pieces that a passage can hold."""
    if len(block.text) <= LONGEST or block.heading:
        yield block
        return
    pieces = [piece for p in block.text.split("\n\n") for piece in _sentences(p)]
    held = ""
    for piece in pieces:
        if held and len(held) + 2 + len(piece) > LONGEST:
            yield replace(block, text=held)
            held = ""
        held = f"{held}\n\n{piece}" if held else piece
    yield replace(block, text=held)


def _sentences(paragraph: str) -> Iterator[str]:
    """A paragraph whole, or in runs of sentences when it is too long for a passage."""
    if len(paragraph) <= LONGEST:
        yield paragraph
        return
    start = 0
    for _, end in sentence_spans(paragraph):
        if end - start > LONGEST * 0.6:
            yield paragraph[start:end].strip()
            start = end
    if paragraph[start:].strip():
        yield paragraph[start:].strip()
