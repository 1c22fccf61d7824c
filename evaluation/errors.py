"""What can go wrong in an evaluation, one class for each different recovery.

::

    EvaluationError
    ├── GoldFileError     a gold file is missing or misshapen: correct the named line
    ├── ResultsError      a run's file is missing or misshapen, or two cannot be compared: run again
    └── ToolMissing       an optional package is not installed: install it, or do without
"""

from __future__ import annotations


class EvaluationError(Exception):
    """Base of the errors of this package; its message ends with what to do next."""


class GoldFileError(EvaluationError):
    """A gold file cannot be read; the message names the file and the line."""


class ResultsError(EvaluationError):
    """A run's file cannot be read, or does not hold what was asked of it."""


class ToolMissing(EvaluationError):
    """An optional package is needed for this command alone."""
