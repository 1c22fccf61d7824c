"""Errors of the answering stage, one class for each different recovery.

QuestionError
├── QuestionEmpty       nothing to read in it: type a question
└── QuestionTooLong     longer than is read: shorten it

MaskingFailed           an identifier cannot be masked, nothing was sent: rewrite the question

ReviewError
├── ReviewsUnavailable  the review database does not answer: have it started or repaired
├── ReviewGone          the answer was deleted meanwhile: go back to the queue
└── VerdictInvalid      a verdict is incomplete or does not fit the answer: mend it

AuditDamaged            the audit trail is not as it was written: stop, and compare with a copy

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


class ReviewError(Exception):
    """Base class of what can go wrong with staff verdicts."""


class ReviewsUnavailable(ReviewError):
    """The review database does not answer, or refuses to be written."""


class ReviewGone(ReviewError):
    """No answer is kept under this number."""


class VerdictInvalid(ReviewError):
    """A verdict leaves a citation out, or says what this answer does not allow."""


class AuditDamaged(Exception):
    """The audit trail was shortened, edited or cannot be written: no staff act is done."""
