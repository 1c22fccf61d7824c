"""Errors of the corpus, one class for each different recovery.

CorpusError
├── SourceNotFound      a file or folder is not there: give another path
├── SourceRefused       a document was read and must not enter: mend or replace it
├── AlreadyThere        the same document is in the library: nothing to do, or remove it first
├── NotApproved         a staged document was not looked at, or its flags not confirmed: do so
├── LibraryBusy         another process is changing the library: try again
├── SourceChanged       a file no longer matches its manifest: restore it or add it anew
└── ManifestInvalid     the manifest itself cannot be read: mend it by hand
"""

from __future__ import annotations


class CorpusError(Exception):
    """Base class; its message is one line and ends with what to do next."""


class SourceNotFound(CorpusError):
    """A file or folder of sources is missing."""


class SourceRefused(CorpusError):
    """A document was read, and must not be indexed (scan, damaged, encrypted, hidden text…).

    Attributes:
        code: Which reason, a key of ``corpus.wording``; empty when the message alone says it.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AlreadyThere(CorpusError):
    """The same bytes are already a source of the library."""


class NotApproved(CorpusError):
    """A staged document cannot be approved yet: preview it, then confirm what is flagged."""


class LibraryBusy(CorpusError):
    """Another process holds the library's lock."""


class SourceChanged(CorpusError):
    """A file's sha256 is not the one in its manifest."""


class ManifestInvalid(CorpusError):
    """The manifest cannot be parsed or names things twice."""
