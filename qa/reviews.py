"""Staff verdicts on answers: which answers wait, who judged each citation how, kept in SQL.

An answer is kept only because its author chose to submit it: this is the one place of the product
where a question is written down. Each reviewer has one verdict an answer, which they may revise;
nothing here tells one reviewer what another has said, that is the caller's to withhold.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

import settings
from qa.answer import Outcome
from qa.errors import ReviewGone, ReviewsUnavailable, VerdictInvalid
from qa.wording_reviews import ERRORS

CitationVerdict = Literal["supports", "partly", "unsupported", "misplaced", "outdated"]
CITATION_VERDICTS: tuple[CitationVerdict, ...] = get_args(CitationVerdict)
Verdict = Literal["right", "partial", "wrong", "abstain"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
ON_REFUSAL: tuple[Verdict, ...] = ("right", "wrong")
LONGEST_COMMENT = 2_000
LONGEST_NAME = 200
_SQLITE_WAIT_S = 10

_META = sa.MetaData()
_submissions = sa.Table(
    "submissions", _META,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("submitted_at", sa.String(40), nullable=False),
    sa.Column("submitted_by", sa.String(LONGEST_NAME), nullable=False),
    sqlite_autoincrement=True,  # a deleted answer's number is never given to another
)  # fmt: skip
_verdicts = sa.Table(
    "verdicts", _META,
    sa.Column("submission", sa.ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("reviewer", sa.String(LONGEST_NAME), primary_key=True),
    sa.Column("verdict", sa.String(20), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("citations", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Submission:
    """An answer, or a refusal, that its author submitted.

    Attributes:
        outcome: As ``Answer.as_json`` or ``Refusal.as_json`` gave it that day.
        reviewers: Those who have judged it, in alphabetical order.
    """

    id: int
    outcome: Mapping[str, Any]
    submitted_at: str
    submitted_by: str
    reviewers: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """The question, as its author asked it."""
        return str(self.outcome["question"])

    @property
    def answered(self) -> bool:
        """Whether it is an answer; otherwise an abstention."""
        return bool(self.outcome["answered"])

    @property
    def citations(self) -> tuple[Mapping[str, Any], ...]:
        """Those of an answer; the pointers of a refusal assert nothing and are not judged."""
        return tuple(self.outcome["citations"]) if self.answered else ()


@dataclass(frozen=True, slots=True)
class CitationJudgement:
    """What a reviewer says of one citation."""

    n: int
    verdict: CitationVerdict
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One reviewer's verdict on one answer.

    Attributes:
        kind: Kind of the question, as the gold set names them; empty when not said.
        facts: Words of the documents that every right answer must hold, for the gold set.
        at: When, ISO 8601, UTC; set by :meth:`Reviews.judge`.
    """

    submission: int
    reviewer: str
    verdict: Verdict
    citations: tuple[CitationJudgement, ...] = ()
    comment: str = ""
    kind: str = ""
    facts: tuple[str, ...] = field(default=())
    at: str = ""


class Reviews:
    """The review database. Safe to share between threads.

    Args:
        url: SQLAlchemy address.
    """

    def __init__(self, url: str) -> None:
        try:
            self._engine = _engine(url)
            _META.create_all(self._engine)
        except (SQLAlchemyError, ImportError, OSError) as error:
            raise ReviewsUnavailable(ERRORS["unavailable"]) from error

    @classmethod
    def open(cls, chosen: settings.Settings | None = None) -> Reviews:
        """The database of the settings: ``reviews``, or a SQLite file in the data folder.

        Raises:
            ReviewsUnavailable: It cannot be reached or written.
        """
        return cls(address(chosen or settings.load()))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def submit(self, outcome: Outcome, who: str) -> int:
        """Keep an answer for review, on its author's act; its number."""
        row = {
            "outcome": json.dumps(outcome.as_json(), ensure_ascii=False),
            "submitted_at": _now(),
            "submitted_by": who[:LONGEST_NAME],
        }
        with self._talking() as talk:
            made = talk.execute(sa.insert(_submissions).values(row)).inserted_primary_key
        assert made is not None
        return int(made[0])

    def queue(self) -> tuple[Submission, ...]:
        """Every answer kept: first those that fewest have judged, then the oldest."""
        with self._talking() as talk:
            rows = talk.execute(sa.select(_submissions).order_by(_submissions.c.id)).all()
            judged = talk.execute(
                sa.select(_verdicts.c.submission, _verdicts.c.reviewer).order_by(
                    _verdicts.c.reviewer
                )
            ).all()
        by: dict[int, list[str]] = {}
        for number, reviewer in judged:
            by.setdefault(number, []).append(reviewer)
        kept = [_submission(row, tuple(by.get(row.id, ()))) for row in rows]
        return tuple(sorted(kept, key=lambda one: (len(one.reviewers), one.id)))

    def get(self, number: int) -> Submission:
        """One answer.

        Raises:
            ReviewGone: It was deleted, or never was.
        """
        with self._talking() as talk:
            row = talk.execute(sa.select(_submissions).where(_submissions.c.id == number)).first()
            judged = talk.execute(
                sa.select(_verdicts.c.reviewer)
                .where(_verdicts.c.submission == number)
                .order_by(_verdicts.c.reviewer)
            ).scalars()
            reviewers = tuple(judged)
        if row is None:
            raise ReviewGone(ERRORS["gone"])
        return _submission(row, reviewers)

    def judge(self, judgement: Judgement) -> None:
        """Record a verdict, in the place of the same reviewer's former one.

        Raises:
            ReviewGone: The answer was deleted meanwhile.
            VerdictInvalid: A citation is left out or unknown, or a value is not allowed.
        """
        submission = self.get(judgement.submission)
        check(submission, judgement)
        row = {
            "submission": submission.id, "reviewer": judgement.reviewer,
            "verdict": judgement.verdict, "comment": judgement.comment, "kind": judgement.kind,
            "facts": json.dumps(judgement.facts, ensure_ascii=False), "at": _now(),
            "citations": json.dumps(
                [[c.n, c.verdict, c.comment] for c in judgement.citations], ensure_ascii=False
            ),
        }  # fmt: skip
        same = (_verdicts.c.submission == submission.id) & (
            _verdicts.c.reviewer == judgement.reviewer
        )
        with self._talking() as talk:
            talk.execute(sa.delete(_verdicts).where(same))
            talk.execute(sa.insert(_verdicts).values(row))

    def judgements(self, number: int | None = None) -> tuple[Judgement, ...]:
        """Verdicts on one answer, or on all, by answer and then in the order they were given."""
        wanted = sa.select(_verdicts).order_by(
            _verdicts.c.submission, _verdicts.c.at, _verdicts.c.reviewer
        )
        if number is not None:
            wanted = wanted.where(_verdicts.c.submission == number)
        with self._talking() as talk:
            rows = talk.execute(wanted).all()
        return tuple(
            Judgement(
                row.submission, row.reviewer, row.verdict,
                tuple(CitationJudgement(*one) for one in json.loads(row.citations)),
                row.comment, row.kind, tuple(json.loads(row.facts)), row.at,
            ) for row in rows
        )  # fmt: skip

    def delete(self, number: int) -> None:
        """Erase an answer and every verdict on it.

        Raises:
            ReviewGone: It was deleted already.
        """
        with self._talking() as talk:
            talk.execute(sa.delete(_verdicts).where(_verdicts.c.submission == number))
            gone = talk.execute(sa.delete(_submissions).where(_submissions.c.id == number))
        if not gone.rowcount:
            raise ReviewGone(ERRORS["gone"])

    @contextmanager
    def _talking(self) -> Iterator[sa.Connection]:
        """One transaction; what the database says is not passed on, it may repeat a question."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise ReviewsUnavailable(ERRORS["unavailable"]) from error


def address(chosen: settings.Settings) -> str:
    """Where the reviews of an installation are."""
    if chosen.reviews:
        return chosen.reviews
    return f"sqlite:///{(chosen.data / 'reviews.sqlite').absolute()}"


def check(submission: Submission, judgement: Judgement) -> None:
    """Refuse a verdict that is incomplete, or that does not fit the answer.

    Raises:
        VerdictInvalid: With what to mend, in French.
    """
    numbers = [citation["n"] for citation in submission.citations]
    if sorted(c.n for c in judgement.citations) != sorted(numbers):
        raise VerdictInvalid(ERRORS["citations"])
    allowed = VERDICTS if submission.answered else ON_REFUSAL
    if judgement.verdict not in allowed or any(
        c.verdict not in CITATION_VERDICTS for c in judgement.citations
    ):
        raise VerdictInvalid(ERRORS["verdict"])
    if not judgement.reviewer.strip() or len(judgement.reviewer) > LONGEST_NAME:
        raise VerdictInvalid(ERRORS["reviewer"])
    if any(len(text) > LONGEST_COMMENT for text in _texts(judgement)):
        raise VerdictInvalid(ERRORS["long"])


def _texts(judgement: Judgement) -> Iterator[str]:
    yield judgement.comment
    yield from judgement.facts
    yield from (c.comment for c in judgement.citations)


def _submission(row: Any, reviewers: tuple[str, ...]) -> Submission:
    return Submission(
        row.id, json.loads(row.outcome), row.submitted_at, row.submitted_by, reviewers
    )


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        _for_its_owner(Path(parsed.database))
    engine = sa.create_engine(
        parsed, hide_parameters=True, connect_args={"timeout": _SQLITE_WAIT_S}
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _for_its_owner(path: Path) -> None:
    """Questions lie in this file: nobody else on the machine reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # an erased question is overwritten


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
