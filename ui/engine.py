"""The one seam between the pages and the engine.

Only the engine is shared between people, and nothing of a question is: the cache below knows an
engine by the generation of its index, so that a newly published index is taken up at once.
"""

from __future__ import annotations

import gc
import logging
from pathlib import Path

import streamlit as st

import settings
from index.errors import (
    EncoderUnavailable,
    IndexDamaged,
    IndexMissing,
    IndexStale,
    SearchIndexError,
)
from index.generations import current_id
from index.open import REMOTE, Index
from qa.pipeline import Engine
from ui import wording

_LOG = logging.getLogger("secretpro")

_FAULTS: tuple[tuple[type[Exception], str, str], ...] = (
    (IndexMissing, wording.INDEX_MISSING, "missing"),
    (IndexDamaged, wording.INDEX_DAMAGED, "damaged"),
    (IndexStale, wording.INDEX_STALE, "stale"),
    (EncoderUnavailable, wording.ENCODER_MISSING, "stale"),
    (settings.SettingsError, wording.SETTINGS_WRONG, "settings"),
    (SearchIndexError, wording.INDEX_OTHER, "damaged"),
)


@st.cache_resource(show_spinner=False, max_entries=2)
def _opened(place: str, generation: str | None) -> Engine:
    return Engine.open(place)


def engine() -> Engine:
    """The engine of the generation in use.

    Raises:
        SearchIndexError: When no index can be opened.
        SettingsError: When a setting is not valid.
    """
    place = settings.load().index
    return _opened(place, None if place.startswith(REMOTE) else current_id(Path(place)))


def require_engine() -> Engine:
    """The engine; when there is none, say so in French, with what to do, and end the page."""
    try:
        return engine()
    except (SearchIndexError, settings.SettingsError) as error:
        title, remedy = next((t, r) for kind, t, r in _FAULTS if isinstance(error, kind))
        _LOG.error("%s: %s", type(error).__name__, error)
        with st.container(key="panne", border=True):
            st.title(title, anchor=False)
            st.markdown(wording.INDEX_REPAIR)
            st.code(wording.INDEX_COMMANDS[remedy], language="bash")
            st.markdown(wording.INDEX_AFTER)
        st.stop()


def require_index() -> Index:
    """The index that the engine answers from; ends the page like :func:`require_engine`."""
    return require_engine().index


def warm_up() -> None:
    """Open the engine ahead of the first question; a fault is left for the page to explain."""
    try:
        engine()
    except (SearchIndexError, settings.SettingsError) as error:
        _LOG.warning("%s: %s", type(error).__name__, error)
    # What is loaded by now lives as long as the server: no later collection need walk it again.
    gc.freeze()
