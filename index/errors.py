"""Errors of the index, one class for each different recovery.

SearchIndexError
├── IndexMissing        nothing is built there: build it
├── IndexDamaged        bytes do not match their manifest; no earlier one is whole: rebuild
├── IndexStale          built with another encoder or settings: rebuild, or restore them
├── IndexBusy           another process is building: wait for it
├── IndexUnwritable     the disk is full, read-only or failing: mend that, the former one serves
├── IndexUnreachable    the shared database does not answer: start it, or mend its address
└── EncoderUnavailable  the encoder asked for cannot be loaded: choose another, or install it
"""

from __future__ import annotations


class SearchIndexError(Exception):
    """Base class; each message ends with what to do next."""


class IndexMissing(SearchIndexError):
    """No index at this place."""


class IndexDamaged(SearchIndexError):
    """No generation matches its manifest."""


class IndexStale(SearchIndexError):
    """The generation was built with another encoder or other settings."""


class IndexBusy(SearchIndexError):
    """Another builder holds the lock."""


class IndexUnwritable(SearchIndexError):
    """The disk took no new generation; the one in use is unchanged."""


class IndexUnreachable(SearchIndexError):
    """The shared database does not answer."""


class EncoderUnavailable(SearchIndexError):
    """The encoder cannot be loaded."""
