"""Rebuilding the index beside the pages: one job for the whole server, followed by whoever looks.

It runs in a thread of its own, since a page's script is stopped by any click; and the index in use
answers until the new one is published.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

import settings
from corpus.errors import CorpusError
from index.build import BuildReport, bring_up_to_date
from index.encoder import Encoder, load_encoder
from index.errors import IndexBusy, IndexUnwritable, SearchIndexError
from qa.audit import Trail
from qa.errors import AuditDamaged
from ui import engine

_LOG = logging.getLogger("secretpro")


@dataclass
class Job:
    """The build under way, or the last one.

    Attributes:
        stage: ``reading``, then the stages of ``index.build``.
        fault: Key of the French wording; ``kind`` names the error's class.
    """

    running: bool = False
    stage: str = "reading"
    done: int = 0
    total: int = 0
    report: BuildReport | None = None
    fault: str | None = None
    kind: str = ""
    guard: threading.Lock = field(default_factory=threading.Lock)

    def start(self, who: str) -> bool:
        """Begin, unless a build is under way; whether it began."""
        with self.guard:
            if self.running:
                return False
            self.running, self.stage, self.report, self.fault = True, "reading", None, None
        # Read here: a thread of ours has no session, and the engine's cache warns of it.
        encoder = _encoder()
        threading.Thread(target=self._run, args=(who, encoder), name="build", daemon=True).start()
        return True

    def _run(self, who: str, encoder: Encoder | None) -> None:
        try:
            chosen = settings.load()
            self.report = bring_up_to_date(
                chosen.sources,
                Path(chosen.index).expanduser(),
                lambda: encoder or load_encoder(chosen.encoder),
                self._progress,
            )
            Trail.of(chosen).record(who, "build", None, self.report.generation)
        except IndexBusy:
            self.fault = "busy"
        except IndexUnwritable:
            self.fault = "disk"
        except (CorpusError, ValueError) as error:
            self.fault, self.kind = "corpus", type(error).__name__
            _LOG.warning("build: %s", error)
        except (SearchIndexError, AuditDamaged, settings.SettingsError, OSError) as error:
            self.fault, self.kind = "other", type(error).__name__
            _LOG.error("build: %s", error)
        finally:
            self.running = False

    def _progress(self, stage: str, done: int, total: int) -> None:
        self.stage, self.done, self.total = stage, done, total


def _encoder() -> Encoder | None:
    """The one that the pages already hold, so that no second one is loaded."""
    try:
        return engine.engine().index.retriever.encoder
    except (SearchIndexError, settings.SettingsError):
        return None


@st.cache_resource(show_spinner=False)
def job() -> Job:
    """The job of this server."""
    return Job()
