"""Errors of the answering stage, one class for each different recovery.

QuestionError
├── QuestionEmpty       nothing to read in it: type a question
└── QuestionTooLong     longer than is read: shorten it

Their message is in French: it is shown to whoever asked. It never repeats the question.
"""

from __future__ import annotations


class QuestionError(Exception):
    """The question cannot be read; the message says what to do."""


class QuestionEmpty(QuestionError):
    """It holds no letter and no digit."""


class QuestionTooLong(QuestionError):
    """It is longer than `qa.question.LONGEST` characters."""
