"""An outcome as a document: the same blocks, in the same order, for every file format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from corpus.passage import Source
from corpus.references import french_date
from index.open import Index
from qa.answer import Answer, Citation
from ui import norms, wording
from ui.conversation import Turn

BlockKind = Literal["title", "heading", "text", "sentence", "quote", "reference", "note"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, and what it is."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a file holds.

    Attributes:
        blocks: In reading order.
        cited: Each citation with its source, in the order of their numbers.
    """

    blocks: tuple[Block, ...]
    cited: tuple[tuple[Citation, Source], ...]
    day: date
    generation: str


def compose(index: Index, turn: Turn) -> Report:
    """The document of one turn."""
    sources = {d.source.id: d.source for d in index.documents}
    cited = tuple((c, sources[c.hit.passage.source]) for c in turn.citations)
    generation = turn.outcome.generation or wording.UNKNOWN_GENERATION
    blocks = [
        Block("title", wording.EXPORT_TITLE),
        Block("heading", wording.EXPORT_QUESTION),
        Block("text", turn.outcome.question),
        *_answer(turn),
        *_quotes(cited, turn),
        Block("note", wording.NOT_ADVICE),
        Block("note", _foot(turn, generation)),
    ]
    return Report(tuple(blocks), cited, turn.day, generation)


def _answer(turn: Turn) -> list[Block]:
    outcome = turn.outcome
    if not isinstance(outcome, Answer):
        title = wording.REFUSAL_TITLES[outcome.reason]
        return [Block("heading", title), Block("text", outcome.message)]
    blocks = []
    for role in dict.fromkeys(s.role for s in outcome.sentences):
        blocks.append(Block("heading", wording.PARTS[role]))
        for sentence in (s for s in outcome.sentences if s.role == role):
            numbers = "".join(f" [{n}]" for n in sentence.citations)
            blocks.append(Block("sentence", f"{sentence.text}{numbers}"))
    return blocks + [Block("note", warning) for warning in outcome.warnings]


def _quotes(cited: tuple[tuple[Citation, Source], ...], turn: Turn) -> list[Block]:
    if not cited:
        return []
    answered = isinstance(turn.outcome, Answer)
    blocks = [Block("heading", wording.EXPORT_QUOTES if answered else wording.REFUSAL_POINTERS)]
    for citation, source in cited:
        passage = citation.hit.passage
        rank = wording.RANKS[norms.rank(passage)]
        origin = norms.origin(source, passage)
        section = " › ".join(passage.section)
        blocks.append(Block("reference", f"[{citation.n}] {norms.label(passage)} ({rank})"))
        blocks.append(Block("quote", f"« {citation.quote} »"))
        blocks.append(Block("note", f"{origin}. {section}."))
    return blocks


def _foot(turn: Turn, generation: str) -> str:
    model = wording.EXPORT_MODEL.get(
        turn.outcome.model, wording.EXPORT_MODEL_OTHER.format(model=turn.outcome.model)
    )
    day = french_date(turn.day.isoformat())
    return wording.EXPORT_FOOT.format(generation=generation, day=day, model=model)


def plain_text(report: Report) -> str:
    """For the clipboard."""
    lines = []
    for block in report.blocks:
        gap = "\n" if block.kind in ("title", "heading", "reference") else ""
        lines.append(f"{gap}{block.text}")
    return "\n".join(lines).strip() + "\n"
