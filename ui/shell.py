"""The frame around every page: its title, the navigation by role, the emergency numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui import wording, wording_figures, wording_staff
from ui.access import Role, account_line, allows, current_role
from ui.components import emergency_line

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its script beside this file, and the role that it asks for."""

    script: str
    title: str
    path: str | None
    needs: Role = "reader"
    visibility: Literal["visible", "hidden"] = "visible"


# Staff pages check the role again themselves, on every rerun: a hidden entry is no protection.
PAGES = (
    Entry("ask.py", wording.ASK, None),
    Entry("search.py", wording.SEARCH, "chercher"),
    Entry("read.py", wording.READ, "lire"),
    Entry("source.py", wording.SOURCE, "source", visibility="hidden"),
    Entry("verify.py", wording_staff.VERIFY, "verifier", needs="staff"),
    Entry("documents.py", wording_staff.DOCUMENTS, "documents", needs="staff"),
    Entry("figures.py", wording_figures.FIGURES, "evaluation"),
    Entry("about.py", wording.ABOUT, "a-propos"),
)


def main() -> None:
    """Run the page asked for."""
    st.set_page_config(
        page_title=wording.PRODUCT,
        page_icon=str(_HERE / "assets" / "icon.svg"),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    st.logo(str(_HERE / "assets" / "wordmark.svg"), size="large")
    role = current_role()
    page = st.navigation(
        [_page(entry) for entry in PAGES if allows(role, entry.needs)], position="top"
    )
    emergency_line()
    page.run()
    account_line()


def _page(entry: Entry) -> StreamlitPage:
    return st.Page(
        _HERE / entry.script,
        title=entry.title,
        url_path=entry.path,
        default=entry.path is None,
        visibility=entry.visibility,
    )


if __name__ == "__main__":
    main()
