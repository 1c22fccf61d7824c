"""What can go wrong in an evaluation, one class for each different recovery.

::

    EvaluationError
    └── GoldFileError     a gold file is missing or misshapen: correct the named line
"""

from __future__ import annotations


class EvaluationError(Exception):
    """Base of the errors of this package; its message ends with what to do next."""


class GoldFileError(EvaluationError):
    """A gold file cannot be read; the message names the file and the line."""
