"""Errors of the answering stage, one class for each different recovery.

QuestionError
├── QuestionEmpty       nothing to read in it: type a question
└── QuestionTooLong     longer than is read: shorten it

MaskingFailed           an identifier cannot be masked, nothing was sent: rewrite the question

Their message is in French: it is shown to whoever asked. It never repeats the question.
"""

from __future__ import annotations


class QuestionError(Exception):
    """The question cannot be read; the message says what to do."""


class QuestionEmpty(QuestionError):
    """It holds no letter and no digit."""


class QuestionTooLong(QuestionError):
    """It is longer than `qa.question.LONGEST` characters."""


class MaskingFailed(Exception):
    """An identifier is left after masking, or the text is too long to be masked for sure."""
