"""That page, served as the application serves its own."""

from __future__ import annotations

import streamlit as st

from ui import server

server.configure()
app = st.App("faulty.py", middleware=server.middleware(), on_script_error=server.on_script_error)
