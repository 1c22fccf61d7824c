"""What a system answered, as the metrics see it: text, and where each quote claims to come from.

:class:`qa.answer.Answer` cannot hold an unverified citation, by construction. The metrics must also
judge systems that can (a chat model without the gate, another program's output), and must not
trust our own ``verified``; hence this plain view, read from an outcome or from its JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qa.answer import Answer, Outcome


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation as claimed, nothing checked."""

    n: int
    quote: str
    source: str
    start: int
    end: int
    kind: str = "guide"
    ref: str = ""
    passage: str = ""
    passage_id: str = ""
    page: int | None = None
    in_force_from: str | None = None
    in_force_to: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, and the numbers of the citations that it claims."""

    text: str
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, or (``answered`` false) an abstention, whose citations are pointers only."""

    answered: bool
    sentences: tuple[Said, ...] = ()
    citations: tuple[Cited, ...] = ()
    confidence: float = 0.0
    reason: str | None = None
    model: str = ""
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All sentences, in order."""
        return " ".join(s.text for s in self.sentences)

    @property
    def read(self) -> str:
        """All that a reader sees asserted: sentences, then quotes."""
        return "\n".join([self.text, *(c.quote for c in self.citations)])

    def cited_by(self, sentence: Said) -> tuple[Cited, ...]:
        """Citations that a sentence names, without the numbers that do not exist."""
        known = {c.n: c for c in self.citations}
        return tuple(known[n] for n in sentence.citations if n in known)


def from_outcome(outcome: Outcome) -> Response:
    """View an outcome of the engine."""
    cited = outcome.citations if isinstance(outcome, Answer) else outcome.pointers
    texts = {c.n: c.hit.passage.text for c in cited}
    return from_json(outcome.as_json(), texts)


def from_json(row: Mapping[str, Any], passages: Mapping[int, str] | None = None) -> Response:
    """View the contract's JSON form of an answer.

    Args:
        row: As printed by ``python -m qa ask --json``.
        passages: Text of the passage behind each citation number; without it, only the quote.
    """
    texts = passages or {}
    return Response(
        answered=bool(row["answered"]),
        sentences=tuple(Said(s["text"], tuple(s["citations"])) for s in row["sentences"]),
        citations=tuple(
            Cited(
                n=c["n"], quote=c["quote"], source=c["source"], start=c["start"], end=c["end"],
                kind=c["kind"], ref=c["ref"], passage=texts.get(c["n"], c["quote"]),
                passage_id=c["passage_id"], page=c.get("page"),
                in_force_from=c.get("in_force_from"), in_force_to=c.get("in_force_to"),
            )
            for c in row["citations"]
        ),
        confidence=float(row.get("confidence", 0.0)),
        reason=row.get("refusal_reason"),
        model=str(row.get("model", "")),
        timings_ms=dict(row.get("timings_ms", {})),
    )  # fmt: skip
