"""A page for the browser tests: hostile text on every surface of Streamlit that reads Markdown.

Run by ``streamlit run``; ``SURFACES_RAW=1`` leaves the text unescaped, as a control.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import streamlit as st

from ui.escape import escape, prose

SINK = os.environ.get("SURFACES_SINK", "http://127.0.0.1:9")
HOSTILE = (
    f"![image]({SINK}/a.png?d=secret) suite",
    f"[clic]({SINK}/b) et <{SINK}/c>",
    f'<img src="{SINK}/d.png"> <script>fetch("{SINK}/e")</script>',
    f"<img src=x onerror=\"fetch('{SINK}/f')\">",
    "$30 à 50$ et $$x^2$$ puis $\\frac{1}{2}$",
    ":red[rouge] :blue-background[bleu] :material/home: :streamlit: :smile:",
    "~~barré~~ **gras** _italique_ `code` # titre | a | b |",
    "a -- b -> c <- d >= e <= f ~= g <-> h",
    f"{SINK}/g www.evil.example x@evil.example",
    f"[r]: {SINK}/h ![i][r] :color[x]{{foreground=red}} &nbsp; \\",
)

Draw = Callable[[str, str], object]
SURFACES: dict[str, Draw] = {
    "markdown": lambda t, k: st.markdown(t),
    "caption": lambda t, k: st.caption(t),
    "title": lambda t, k: st.title(t, anchor=False),
    "header": lambda t, k: st.header(t, anchor=False),
    "subheader": lambda t, k: st.subheader(t, anchor=False),
    "info": lambda t, k: st.info(t),
    "warning": lambda t, k: st.warning(t),
    "error": lambda t, k: st.error(t),
    "success": lambda t, k: st.success(t),
    "button": lambda t, k: st.button(t, key=k),
    "download": lambda t, k: st.download_button(t, b"x", key=k),
    "checkbox": lambda t, k: st.checkbox(t, key=k),
    "toggle": lambda t, k: st.toggle(t, key=k),
    "radio": lambda t, k: st.radio(t, ["un"], key=k),
    "radio option": lambda t, k: st.radio("choix", [t], key=k),
    "pills": lambda t, k: st.pills("choix", [t], key=k),
    "segments": lambda t, k: st.segmented_control("choix", [t], key=k),
    "text input": lambda t, k: st.text_input(t, key=k),
    "text area": lambda t, k: st.text_area(t, key=k),
    "number": lambda t, k: st.number_input(t, key=k),
    "select": lambda t, k: st.selectbox(t, ["un"], key=k),
    "date": lambda t, k: st.date_input(t, key=k),
    "expander": lambda t, k: st.expander(t),
    "tab": lambda t, k: st.tabs([t]),
    "metric": lambda t, k: st.metric(t, 1),
    "popover": lambda t, k: st.popover(t),
    "message": lambda t, k: st.chat_message("user").markdown(t),
    "table": lambda t, k: st.table({"colonne": [t]}),
}


def main() -> None:
    """Draw them all: surfaces × strings."""
    raw = os.environ.get("SURFACES_RAW") == "1"
    for i, text in enumerate(HOSTILE):
        shown = text if raw else escape(text)
        for name, draw in SURFACES.items():
            key = f"s-{name.replace(' ', '-')}-{i}"
            with st.container(key=key):
                draw(shown, f"w-{key}")
        with st.container(key=f"s-prose-{i}"):
            st.markdown(text if raw else prose(text, [(2, len(text) - 2)]))
    st.text("fin")


if __name__ == "__main__":
    main()
