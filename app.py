"""The application: ``streamlit run app.py``. Wiring only; the pages are registered in ui.shell."""

from __future__ import annotations

import streamlit as st

from ui import server

server.configure()

# `streamlit run` looks for this name, and serves it with our headers around each response.
app = st.App(
    "ui/shell.py",
    routes=server.routes(),
    middleware=server.middleware(),
    lifespan=server.lifespan,
    on_script_error=server.on_script_error,
)
