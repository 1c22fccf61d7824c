"""Reading a guide: from repaired lines to blocks under their headings, then to passages.

The text of a guide holds three kinds of passage, never to be mistaken for one another: the
guide's own prose, articles of codes quoted in full, and disciplinary decisions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from corpus.chunking import Block, assemble
from corpus.outline import Heading, Outline, outline_of
from corpus.passage import Document, Kind, Source
from corpus.references import decision_label, find_references
from corpus.text import dehyphenate, join_lines, normalise

_MARK = re.compile("\ue000(\\d{1,5})\ue000")
_ARTICLE_HEADING = re.compile(
    r"^[ ]{0,8}Article\s{1,4}((?:[LRD]\.\s?)?[\d-]{1,20})\s{1,4}"
    r"du\s{1,4}code\s{1,4}(?:de\s{1,4}la\s{1,4}santé\s{1,4}publique|pénal|civil"
    r"|de\s{1,4}procédure\s{1,4}pénale)\s{0,4}:?[ ]{0,4}$",
    re.MULTILINE,
)
_DECISION_BOX = re.compile(r"Décision (?:du )?\d{1,2}[/ ]")
_DECISION_PROSE = re.compile(r"La chambre disciplinaire .{1,120}, par une décision en date du ")
_ROMAN = re.compile(r"((?:I{1,3}|IV|V|VI{1,3}|IX|X)(?: (?:bis|ter|quater))?)\.(?: |-)")
_ARABIC = re.compile(r"(\d{1,2}°) ")
_HEADING_LENGTH = 100
_LABEL_LENGTH = 30


@dataclass(frozen=True, slots=True)
class _Line:
    """A paragraph, or a heading standing where the page put it."""

    text: str
    heading: Heading | None = None


def read_guide(source: Source, raw: str) -> Document:
    """Parse a guide.

    Args:
        source: The document it comes from; passage ids are prefixed with its id.
        raw: Text as extracted, one layout line a line. A page may be announced by
            ``corpus.chunking.page_mark(number)`` before its first word.
    """
    text = dehyphenate(normalise(raw))
    outline = outline_of(text) or Outline(title=source.title, label=source.title)
    for pattern in outline.furniture:
        text = pattern.sub("", text)
    lines = _to_reading_order(_lines(text, outline))
    return assemble(source, _blocks(lines, outline))


def _lines(text: str, outline: Outline) -> list[_Line]:
    headings: list[Heading] = []

    def mark(heading: Heading) -> str:
        headings.append(heading)
        return f"\n\n\ue000{len(headings) - 1}\ue000\n\n"

    for heading in outline.headings:
        found = heading.pattern.search(text)
        if found:
            as_printed = replace(heading, text=" ".join(found.group().split()))
            text = text[: found.start()] + mark(as_printed) + text[found.end() :]
    text = _ARTICLE_HEADING.sub(lambda m: mark(Heading(" ".join(m.group().split()), 3)), text)
    lines = []
    for paragraph in join_lines(text).split("\n\n"):
        match = _MARK.fullmatch(paragraph)
        if match:
            heading = headings[int(match.group(1))]
            lines.append(_Line(heading.text, heading))
        else:
            lines.append(_Line(paragraph))
    return _join_labels(lines if outline.headings else _guess_headings(lines))


def _join_labels(lines: list[_Line]) -> list[_Line]:
    """Join a label left alone on its line (“D’intérêt privé :”) to the text that it opens."""
    joined: list[_Line] = []
    for line in lines:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.heading is None
            and line.heading is None
            and len(before.text) <= _LABEL_LENGTH
            and before.text.endswith(":")
            and line.text[:1].islower()
        ):
            joined[-1] = _Line(f"{before.text} {line.text}")
        else:
            joined.append(line)
    return joined


def _guess_headings(lines: list[_Line]) -> list[_Line]:
    """Headings of a guide without an outline: short lines that end like no sentence."""
    guessed = []
    for i, line in enumerate(lines):
        alone = (
            line.heading is None
            and len(line.text) <= _HEADING_LENGTH
            and line.text[:1].isupper()
            and line.text[-1] not in ".;,!»"
            and i + 1 < len(lines)
            and lines[i + 1].heading is None
            and len(lines[i + 1].text) > len(line.text)
        )
        guessed.append(_Line(line.text, Heading(line.text, 1)) if alone else line)
    return guessed


def _to_reading_order(lines: list[_Line]) -> list[_Line]:
    """Put each heading that the page laid below its text back above it."""
    ordered = list(lines)
    for line in lines:
        if line.heading is None or line.heading.heads is None:
            continue
        start = " ".join(line.heading.heads.split())
        target = next((x for x in ordered if x is not line and x.text.startswith(start)), None)
        if target is not None:
            ordered.remove(line)
            ordered.insert(ordered.index(target), line)
    return ordered


def _blocks(lines: list[_Line], outline: Outline) -> list[Block]:
    blocks: list[Block] = []
    path: list[Heading] = []
    for line in lines:
        if line.heading is not None:
            path = [h for h in path if h.level < line.heading.level] + [line.heading]
            blocks.append(_heading_block(line.heading, _place(path, outline)))
            continue
        decision = _decision(line.text)
        if decision is not None:
            path = [h for h in path if not _is_article(h)]
            blocks.append(replace(decision, section=_section(path)))
            continue
        block = replace(_place(path, outline), text=line.text)
        blocks.append(with_item(block, blocks[-1] if blocks else None))
    return blocks


def _heading_block(heading: Heading, place: Block) -> Block:
    return replace(place, text=heading.text, heading=True, keep=heading.keep)


def _section(path: list[Heading]) -> tuple[str, ...]:
    return tuple(_title(h) for h in path)


def _title(heading: Heading) -> str:
    return heading.text.removesuffix(":").rstrip()


def _is_article(heading: Heading) -> bool:
    """A number that no article has (“L. -11104”, after a bad reading) makes it a plain heading."""
    return bool(_ARTICLE_HEADING.match(heading.text)) and bool(find_references(_title(heading)))


def _place(path: list[Heading], outline: Outline) -> Block:
    """An empty block with the kind, reference and title of what stands under these headings."""
    title = _title(path[-1]) if path else outline.title
    kind: Kind = "guide"
    ref = f"{outline.label}, « {title} »"
    if path and _is_article(path[-1]):
        kind, ref = "article", find_references(title)[0].canonical
    return Block("", section=_section(path), kind=kind, ref=ref, title=title)


def _decision(text: str) -> Block | None:
    if not (_DECISION_BOX.match(text) or _DECISION_PROSE.match(text)):
        return None
    reference = next((r for r in find_references(text) if r.kind == "decision"), None)
    if reference is None:  # a day or a chamber that does not exist: a paragraph like another
        return None
    chamber = reference.canonical.split(",")[0]
    label = decision_label(chamber, reference.date, reference.number)
    return Block(
        text, section=(), kind="decision", ref=label, title=f"Décision {label}",
        date=reference.date or "",
    )  # fmt: skip


def with_item(block: Block, previous: Block | None) -> Block:
    """Number a paragraph of an article: ``II``, ``4°``, or the item that it goes on from.

    A paragraph without a number goes on from a Roman item (L. 1110-4, V has four); after a list
    of Arabic items it is the article's own last alinéa (226-14).
    """
    if block.kind != "article":
        return block
    match = _ROMAN.match(block.text) or _ARABIC.match(block.text)
    if match:
        return replace(block, item=match.group(1))
    inside = previous is not None and not previous.heading and previous.ref == block.ref
    if inside and previous is not None and previous.item and "°" not in previous.item:
        return replace(block, item=previous.item)
    return block
