"""The same page behind the headers of the application."""

from __future__ import annotations

import streamlit as st

from ui import server

app = st.App("surfaces.py", routes=server.routes(), middleware=server.middleware())
