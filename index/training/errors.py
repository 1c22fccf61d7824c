"""What can go wrong in training.

::

    TrainingError
    ├── TrainingDataError   the data folder is missing, damaged or too small: mend or name it
    └── TeacherMissing      the teacher's package is not installed: install it
"""

from __future__ import annotations


class TrainingError(Exception):
    """Base of every error that training raises on purpose."""


class TrainingDataError(TrainingError):
    """The training data cannot be used as it is."""


class TeacherMissing(TrainingError):
    """The English teacher's weights are not on this machine."""
