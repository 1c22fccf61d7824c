"""What one person asked and read. It lives in that person's session, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from qa.answer import Answer, Citation, Outcome

_TURNS = "conversation"
_OPENED = "passage_ouvert"


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its outcome, on the day that it was asked."""

    outcome: Outcome
    day: date

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Those of an answer, or the pointers of a refusal."""
        outcome = self.outcome
        return outcome.citations if isinstance(outcome, Answer) else outcome.pointers


@dataclass(frozen=True, slots=True)
class Opened:
    """What the passage panel shows.

    Attributes:
        turn: Number of the turn, from 0.
        n: Number of the citation that was opened.
        passage_id: Passage shown: the cited one, or one reached from it.
    """

    turn: int
    n: int
    passage_id: str


def turns() -> tuple[Turn, ...]:
    """The conversation so far, oldest first."""
    found: tuple[Turn, ...] = st.session_state.get(_TURNS, ())
    return found


def add(outcome: Outcome) -> None:
    """Append a turn, and open its first citation."""
    st.session_state[_TURNS] = (*turns(), Turn(outcome, date.today()))
    number = len(turns()) - 1
    cited = turns()[number].citations
    if isinstance(outcome, Answer) and cited:
        open_citation(number, cited[0].n)
    else:
        st.session_state[_OPENED] = None


def replace_outcome(number: int, outcome: Outcome) -> None:
    """Put another outcome in the place of a turn's, and open its first citation."""
    before = turns()
    st.session_state[_TURNS] = (
        *before[:number],
        Turn(outcome, before[number].day),
        *before[number + 1 :],
    )
    cited = turns()[number].citations
    if isinstance(outcome, Answer) and cited:
        open_citation(number, cited[0].n)


def clear() -> None:
    """Forget everything of this conversation."""
    for name in (_TURNS, _OPENED):
        st.session_state.pop(name, None)


def opened() -> Opened | None:
    """What the panel shows, if anything."""
    found: Opened | None = st.session_state.get(_OPENED)
    return found


def open_citation(turn: int, n: int) -> None:
    """Show the passage of a citation."""
    cited = next(c for c in turns()[turn].citations if c.n == n)
    st.session_state[_OPENED] = Opened(turn, n, cited.hit.passage.id)


def open_passage(passage_id: str) -> None:
    """Show another passage, reached from the citation that is open."""
    now = opened()
    if now is not None:
        st.session_state[_OPENED] = Opened(now.turn, now.n, passage_id)


def history() -> tuple[str, ...]:
    """The questions asked so far, oldest first: what a follow-up may refer to."""
    return tuple(turn.outcome.question for turn in turns())
