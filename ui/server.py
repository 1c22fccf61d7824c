"""Around Streamlit's server: headers, hosts, our style sheet, and silence about questions.

Streamlit sends no Content-Security-Policy, accepts any Host, and writes the text of an exception
(hence perhaps a question) to its log. None of that suits people bound by professional secrecy.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.routing import Route
from streamlit import config
from streamlit.starlette import App

import settings
from ui import engine, wording
from ui.headers import Guard

ASSETS = Path(__file__).parent / "assets"
_LOG = logging.getLogger("secretpro")


def configure() -> None:
    """Apply our settings to Streamlit's, before its server reads them."""
    config.set_option("server.allowedHosts", list(settings.load().hosts))
    config.set_option("logger.enableRich", False)  # rich prints exceptions past any logger
    withhold_exception_texts()


def middleware() -> list[Middleware]:
    """What each request passes through."""
    return [Middleware(Guard, hosts=settings.load().hosts)]


def routes() -> list[Route]:
    """Our style sheet and script, served from this machine like everything else."""
    return [_asset("page.css", "text/css"), _asset("page.js", "text/javascript")]


def _asset(name: str, media_type: str) -> Route:
    async def serve(request: Any) -> FileResponse:
        return FileResponse(ASSETS / name, media_type=f"{media_type}; charset=utf-8")

    return Route(f"/{name}", serve)


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Load the engine while the first reader's page is still being drawn."""
    threading.Thread(target=engine.warm_up, name="warm-up", daemon=True).start()
    yield


def on_script_error(error: Exception) -> bool:
    """Show a fault in French, without the exception's text; true stops Streamlit showing it."""
    st.error(wording.UNEXPECTED_ERROR.format(kind=type(error).__name__))
    return True


def withhold_exception_texts() -> None:
    """From now on every log record keeps an exception's kind and place, never its words.

    An exception may repeat a question, whichever library logs it: hence all loggers.
    """
    made = logging.getLogRecordFactory()
    if getattr(made, "withholds", False):
        return

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return _without_words(made(*args, **kwargs))

    factory.withholds = True  # type: ignore[attr-defined]  # marks it as set already
    logging.setLogRecordFactory(factory)


def _without_words(record: logging.LogRecord) -> logging.LogRecord:
    if record.exc_info and record.exc_info[1] is not None:
        error, trace = record.exc_info[1], record.exc_info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        record.msg, record.args = f"{type(error).__name__} at {place} (text withheld)", ()
        record.exc_info = record.exc_text = None
    return record
