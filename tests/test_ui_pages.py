"""The page of questions, run by Streamlit's own AppTest over a real index of the real guide."""

from __future__ import annotations

import pytest
from reader_pages import QUESTION, ROOT, _caches, _settings, app, ask, index, numbers, store, texts
from streamlit.testing.v1 import AppTest

from index.open import Index
from ui import wording
from ui.escape import escape

__all__ = ["_caches", "_settings", "app", "index", "store"]


def test_the_first_page_says_what_to_do_and_offers_questions(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert app.title[0].value == wording.ASK_TITLE
    labels = [button.label for button in app.button]
    assert labels[: len(wording.SUGGESTIONS)] == list(wording.SUGGESTIONS)


def test_an_answer_is_shown_sentence_by_sentence_with_its_numbers(app: AppTest) -> None:
    ask(app, QUESTION)
    turn = app.session_state["conversation"][0]
    assert app.title[0].value == escape(QUESTION)
    for sentence in turn.outcome.sentences:
        assert escape(sentence.text) in [m.value for m in app.markdown]
    assert len(numbers(app)) == sum(len(s.citations) for s in turn.outcome.sentences)


def test_the_first_citation_is_open_with_its_quote_highlighted(app: AppTest) -> None:
    ask(app, QUESTION)
    first = app.session_state["conversation"][0].outcome.citations[0]
    assert f"**{wording.PANEL_CITATION.format(n=first.n)}**" in texts(app)
    assert ":yellow-background[" in texts(app)


@pytest.mark.slow
def test_each_number_opens_its_own_passage(app: AppTest) -> None:
    ask(app, QUESTION)
    for key in numbers(app):
        app.button(key=key).click().run()
        assert not app.exception
        n = int(key.rsplit("-", 1)[1])
        opened = app.session_state["passage_ouvert"]
        turn = app.session_state["conversation"][0]
        cited = next(c for c in turn.citations if c.n == n)
        assert (opened.n, opened.passage_id) == (n, cited.hit.passage.id)


@pytest.mark.slow
def test_the_neighbours_of_a_passage_are_one_step_away(app: AppTest, index: Index) -> None:
    ask(app, QUESTION)
    before = app.session_state["passage_ouvert"].passage_id
    app.button(key="aller-apres").click().run()
    ids = [p.id for p in sorted(index.passages, key=lambda p: p.start)]
    after = app.session_state["passage_ouvert"].passage_id
    assert ids.index(after) == ids.index(before) + 1
    app.button(key="aller-avant").click().run()
    assert app.session_state["passage_ouvert"].passage_id == before


def test_a_second_question_keeps_the_first_at_hand(app: AppTest) -> None:
    ask(app, QUESTION)
    ask(app, "Que dit l’article R. 4321-55 ?")
    assert len(app.session_state["conversation"]) == 2
    assert any(escape(QUESTION) in e.label for e in app.expander)
    assert not [k for k in numbers(app) if k.startswith("renvoi-0-")]  # drawn once unfolded
    app.session_state["avant-0"] = True
    app.run()
    app.button(key=next(k for k in numbers(app) if k.startswith("renvoi-0-"))).click().run()
    assert app.session_state["passage_ouvert"].turn == 0


@pytest.mark.slow
def test_erasing_forgets_the_whole_conversation(app: AppTest) -> None:
    ask(app, QUESTION)
    next(b for b in app.button if b.label == wording.NEW_CONVERSATION).click().run()
    assert "conversation" not in app.session_state
    assert app.title[0].value == wording.ASK_TITLE


@pytest.mark.slow
def test_a_suggestion_is_asked_at_one_press(app: AppTest) -> None:
    app.run()
    app.button(key="suggestion-0").click().run()
    assert app.session_state["conversation"][0].outcome.question == wording.SUGGESTIONS[0]


def test_numbers_to_call_stand_above_an_answer_where_a_life_is_at_stake(app: AppTest) -> None:
    app.run()
    ask(app, "Mon patient m’annonce qu’il va se suicider ce soir, que faire ?")
    bodies = [element.proto.body for element in app.get("html")]
    assert bodies[:2] == [wording.EMERGENCY_LINE, wording.EMERGENCY_BOX]


def test_a_question_outside_the_documents_is_refused_with_a_contact(app: AppTest) -> None:
    ask(app, "What is the weather like in Paris today?")
    outcome = app.session_state["conversation"][0].outcome
    assert not outcome.answered
    assert wording.REFUSAL_TITLES[outcome.reason] in [s.value for s in app.header]
    assert wording.CDO_URL in texts(app)
    assert wording.EXPORT not in [s.value for s in app.header]


@pytest.mark.parametrize(
    "typed",
    [
        "   ",
        *(pytest.param(odd, marks=pytest.mark.slow) for odd in ("?!…", "\u200b\u202e", "\x00\x07")),
    ],
)
def test_an_empty_question_is_named_as_such(app: AppTest, typed: str) -> None:
    ask(app, typed)
    assert len(app.error) == 1 and "vide" in app.error[0].value
    assert "conversation" not in app.session_state


@pytest.mark.slow
def test_a_huge_text_is_refused_and_given_back_whole(app: AppTest) -> None:
    typed = "patient " * 12_500
    ask(app, typed)
    assert len(app.error) == 1 and "2" in app.error[0].value
    assert app.text_area[0].value == typed


@pytest.mark.slow
def test_a_text_given_back_can_be_shortened_and_asked(app: AppTest) -> None:
    ask(app, "a" * 2_001)
    app.text_area[0].set_value(QUESTION)
    next(b for b in app.button if b.label == wording.ASK_SHORTENED).click().run()
    assert app.session_state["conversation"][0].outcome.question == QUESTION


HOSTILE = "![x](https://evil.example) :red[secret] $a$ <b>patient</b> réquisition"


def test_a_hostile_question_is_escaped_wherever_it_is_shown(app: AppTest) -> None:
    ask(app, HOSTILE)
    ask(app, QUESTION)
    app.session_state["avant-0"] = True
    app.run()
    shown = texts(app) + "\n".join(e.label for e in app.expander)
    assert HOSTILE not in shown and escape(HOSTILE) in shown


@pytest.mark.slow
def test_nothing_of_a_question_is_in_the_address_or_a_shared_cache(app: AppTest) -> None:
    ask(app, "Canari-7f3a : puis-je répondre à une réquisition ?")
    assert app.query_params == {}
    other = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60).run()
    assert "Canari" not in texts(other)


def test_the_part_that_answers_stands_first(app: AppTest) -> None:
    """The engine decides whether the guide or a text leads; the page draws its order."""
    ask(app, "Le directeur de l'école me réclame le bilan d'un élève que je suis, j'accepte ?")
    answer = app.session_state["conversation"][0].outcome
    roles = list(dict.fromkeys(sentence.role for sentence in answer.sentences))
    assert roles == ["texte", "conclusion"]
    titles = [h.value for h in app.header if h.value in wording.PARTS.values()]
    assert titles == [wording.PARTS[role] for role in roles]
