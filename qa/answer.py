"""The values of this stage. An :class:`Answer` that breaks the citation invariant cannot exist.

A refusal is a value, not an exception: it carries its reason and the nearest passages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from index.hit import Hit

Reason = Literal["hors_corpus", "preuve_insuffisante", "demande_refusee"]
Role = Literal["conclusion", "texte", "decision", "complement"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote from one passage.

    Attributes:
        n: Number shown to the reader, from 1.
        hit: The passage as retrieved; a citation is never rebuilt from strings.
        start: Offset of the quote's first character in the cleaned document of the source.
        end: Offset after its last character.
        verified: Set by ``qa.verify`` alone, after every check has passed.
    """

    n: int
    hit: Hit
    quote: str
    start: int
    end: int
    verified: bool = False

    def __post_init__(self) -> None:
        passage = self.hit.passage
        inner = passage.text[self.start - passage.start : self.end - passage.start]
        if not self.quote or inner != self.quote or self.start < passage.start:
            raise ValueError(f"citation {self.n}: the quote is not {passage.id} at its offsets")

    def as_json(self) -> dict[str, Any]:
        """The form fixed for ``python -m qa ask --json``."""
        p = self.hit.passage
        return {
            "n": self.n, "passage_id": p.id, "kind": p.kind, "ref": p.ref, "quote": self.quote,
            "source": p.source, "page": p.page, "section": list(p.section), "start": self.start,
            "end": self.end, "url": p.url, "verified": self.verified, "item": p.item,
            "date": p.date, "in_force_from": p.in_force_from, "in_force_to": p.in_force_to,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer: its text, the numbers it cites, and its part in the answer."""

    text: str
    citations: tuple[int, ...]
    role: Role = "conclusion"

    def as_json(self) -> dict[str, Any]:
        """The form fixed for ``python -m qa ask --json``."""
        return {"text": self.text, "citations": list(self.citations), "role": self.role}


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences, each with at least one verified citation.

    Attributes:
        alerts: Codes of what a reader must see first (``urgence``, ``identite``, ``penal``…);
            their French wording is in ``qa.wording``.
        warnings: French sentences about this answer (version, generation, fallback…).
        timings_ms: Milliseconds by stage: retrieve, synthesise, verify.
    """

    question: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    model: str = "extractive"
    alerts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 1.0
    generation: str | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        numbers = {c.n for c in self.citations}
        if not self.sentences:
            raise ValueError("an answer without a sentence is a Refusal")
        if len(numbers) != len(self.citations) or not all(c.verified for c in self.citations):
            raise ValueError("an answer may only hold verified citations, each number once")
        for sentence in self.sentences:
            if not sentence.citations or not numbers.issuperset(sentence.citations):
                raise ValueError(f"a sentence without a known citation: {sentence.text[:60]!r}")

    @property
    def answered(self) -> bool:
        """Always true; the counterpart of :attr:`Refusal.answered`."""
        return True

    def as_json(self) -> dict[str, Any]:
        """The form fixed for ``python -m qa ask --json``."""
        return {
            "id": self.id, "question": self.question, "answered": True, "refusal_reason": None,
            "sentences": [s.as_json() for s in self.sentences],
            "citations": [c.as_json() for c in self.citations], "model": self.model,
            "alerts": list(self.alerts), "warnings": list(self.warnings),
            "timings_ms": dict(self.timings_ms), "confidence": self.confidence,
            "generation": self.generation,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is asserted, and the nearest passages, offered as pointers only."""

    question: str
    reason: Reason
    message: str
    pointers: tuple[Citation, ...] = ()
    model: str = "extractive"
    alerts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    generation: str | None = None
    id: str | None = None

    @property
    def answered(self) -> bool:
        """Always false."""
        return False

    def as_json(self) -> dict[str, Any]:
        """The form fixed for ``python -m qa ask --json``; pointers are citations, unasserted."""
        return {
            "id": self.id, "question": self.question, "answered": False,
            "refusal_reason": self.reason, "sentences": [],
            "citations": [c.as_json() for c in self.pointers], "message": self.message,
            "model": self.model, "alerts": list(self.alerts), "warnings": list(self.warnings),
            "timings_ms": dict(self.timings_ms), "confidence": self.confidence,
            "generation": self.generation,
        }  # fmt: skip


Outcome = Answer | Refusal
