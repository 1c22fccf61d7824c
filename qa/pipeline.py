"""From a question to an answer or a refusal: retrieve, rank, judge, compose, verify."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from corpus.versions import Versions
from index.hit import Hit
from index.open import Index, open_index
from qa import wording
from qa.abstention import judge
from qa.answer import Answer, Citation, Outcome, Reason, Refusal
from qa.currency import remarks
from qa.extractive import Composition, compose
from qa.injection import trusted
from qa.question import Question, parts_of, read, types_of
from qa.ranking import Candidate, Ranker
from qa.verify import as_pointers, gate

CANDIDATES = 40
"""Passages ranked sentence by sentence. In the guide, the right one is among them for 99 % of the
development questions (`python -m evaluation.fit_answers`), and each costs some 30 µs."""
POINTERS = 3
EXTRACTIVE = "extractive"
PARTS = 4

Stage = Callable[[str], None]


class Engine:
    """Answers questions over one generation of the index; safe to share between threads.

    It keeps nothing of a question: no cache holds one, and nothing is logged.
    """

    def __init__(self, index: Index, model: str = EXTRACTIVE) -> None:
        self.index = index
        self.model = model
        self._ranker = Ranker(index)
        self._versions = Versions.among(index.passages)

    @classmethod
    def open(cls, location: str | Path | None = None, model: str | None = None) -> Engine:
        """Open the index of the settings, or the one given, and make ready to answer.

        Args:
            location: A folder or an address, by default the setting ``index``.
            model: A chat model, ``provider:name``. Naming it here agrees, for every question, to
                send what the masking lets through; nothing is sent otherwise.

        Raises:
            index.errors.SearchIndexError: There is no whole index to answer from.
        """
        return cls(open_index(location), model or EXTRACTIVE)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        id: str | None = None,
        day: str | None = None,
        on_stage: Stage | None = None,
    ) -> Outcome:
        """Answer one question.

        Args:
            question: As typed.
            history: Questions asked before it in the same conversation, oldest first.
            id: Given back with the outcome.
            day: Answer with the texts in force on that day (ISO 8601), today by default, where
                their dates are known.
            on_stage: Told of each stage as it starts: retrieve, synthesise, verify.

        Raises:
            qa.errors.QuestionError: The question is empty or too long.
        """
        asked = read(question, history)
        clock = _Clock(on_stage)
        if asked.forbidden or not asked.asked:
            return self._refusal(asked, "demande_refusee", (), clock, id)
        if not asked.french:
            return self._refusal(asked, "hors_corpus", (), clock, id, wording.NOT_FRENCH)
        clock.stage("retrieve")
        when = day or date.today().isoformat()
        reading = self.index.retriever.read(asked.query)
        hits = trusted(self.index.retriever.search(reading, CANDIDATES, day=when))
        clock.stage("synthesise")
        prepared = self._ranker.ask(asked, reading)
        ranked = self._ranker.rank(prepared, hits)
        judgement = judge(prepared, ranked, self._ranker)
        if judgement.reason is not None:
            message = judgement.missing and wording.TEXT_MISSING.format(ref=judgement.missing)
            return self._refusal(
                asked, judgement.reason, ranked, clock, id, message, judgement.confidence
            )
        parts = self._best_of_parts(asked, hits)
        composed = compose(prepared, ranked, self._ranker, parts)
        clock.stage("verify")
        kept = _verified(composed)
        if not kept.sentences:
            return self._refusal(asked, "preuve_insuffisante", ranked, clock, id)
        answer = Answer(
            asked.text, kept.sentences, kept.citations, alerts=asked.alerts,
            warnings=(*self._warnings(asked), *remarks(kept.citations, self._versions, when)),
            timings_ms=clock.done(),
            confidence=round(judgement.confidence, 4), generation=self.index.generation, id=id,
        )  # fmt: skip
        if self.model == EXTRACTIVE:
            return answer
        from qa.assisted import answered_by  # imports LangChain, seconds that few need

        return answered_by(self.model, asked.asked, hits, answer)

    def _best_of_parts(self, asked: Question, hits: Sequence[Hit]) -> tuple[Candidate, ...]:
        """The sentence that best answers each part of a question that has several."""
        parts = parts_of(asked.asked)
        best: list[Candidate] = []
        for part in parts if 1 < len(parts) <= PARTS else ():
            question = replace(asked, asked=part, query=part, types=types_of(part))
            prepared = self._ranker.ask(question, self.index.retriever.read(part))
            ranked = self._ranker.rank(prepared, hits)
            if ranked and judge(prepared, ranked, self._ranker).reason is None:
                best.append(ranked[0])
        return tuple(best)

    def _warnings(self, asked: Question) -> tuple[str, ...]:
        notice = (self.index.notice,) if self.index.notice else ()
        return (*notice, *((wording.INSTRUCTION_IGNORED,) if asked.instructed else ()))

    def _refusal(
        self,
        asked: Question,
        reason: Reason,
        ranked: Sequence[Candidate],
        clock: _Clock,
        id: str | None,
        message: str | None = None,
        confidence: float = 0.0,
    ) -> Refusal:
        return Refusal(
            asked.text, reason, message or wording.REFUSALS[reason], _pointers(ranked),
            alerts=asked.alerts, warnings=self._warnings(asked), timings_ms=clock.done(),
            confidence=round(confidence, 4), generation=self.index.generation, id=id,
        )  # fmt: skip


def _pointers(ranked: Sequence[Candidate]) -> tuple[Citation, ...]:
    """The nearest passages, one sentence each, offered for reading and asserting nothing."""
    best: dict[str, tuple[Candidate, Hit]] = {}
    for candidate in ranked:
        if not candidate.unit.label:
            best.setdefault(candidate.hit.passage.id, (candidate, candidate.hit))
    return as_pointers(
        Citation(n, hit, c.unit.text, c.unit.start, c.unit.end)
        for n, (c, hit) in enumerate(list(best.values())[:POINTERS], 1)
    )


def _verified(composed: Composition) -> Composition:
    """What passes the gate, its citations numbered anew from 1."""
    passed = gate(composed.sentences, composed.citations)
    number = {c.n: n for n, c in enumerate(passed.citations, 1)}
    sentences = (
        replace(s, citations=tuple(number[n] for n in s.citations)) for s in passed.sentences
    )
    return Composition(tuple(sentences), tuple(replace(c, n=number[c.n]) for c in passed.citations))


class _Clock:
    """Milliseconds spent in each stage."""

    def __init__(self, on_stage: Stage | None) -> None:
        self._tell = on_stage
        self._name: str | None = None
        self._since = 0.0
        self._spent = {"retrieve": 0.0, "synthesise": 0.0, "verify": 0.0}

    def stage(self, name: str) -> None:
        """Enter a stage."""
        self.done()
        self._name, self._since = name, time.perf_counter()
        if self._tell is not None:
            self._tell(name)

    def done(self) -> dict[str, float]:
        """Leave the current stage; what each has taken so far."""
        if self._name is not None:
            self._spent[self._name] += 1000 * (time.perf_counter() - self._since)
            self._name = None
        return {name: round(spent, 3) for name, spent in self._spent.items()}
