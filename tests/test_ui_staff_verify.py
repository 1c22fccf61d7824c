"""The page Vérifier: a question kept, judged by two people, erased."""

from __future__ import annotations

from pathlib import Path

import pytest
from staff_pages import QUESTION, ROOT, acts, claims, place, press, shared, shell, texts
from streamlit.testing.v1 import AppTest

from qa.reviews import Reviews
from ui import wording_staff as staff
from ui.escape import escape

__all__ = ["place", "shared"]


pytestmark = pytest.mark.slow


def _submit(question: str = QUESTION) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    app.run()
    app.chat_input[0].set_value(question).run()
    return press(app, staff.SUBMIT)


def test_a_question_is_kept_by_two_acts_of_its_author_and_not_before(place: Path) -> None:
    app = _submit()
    assert f"> {escape(QUESTION)}" in texts(app)
    assert not (place / "data").exists()
    press(app, staff.SUBMIT_CONFIRM)
    assert staff.SUBMIT_DONE.format(number=1) in texts(app)
    made = Reviews.open()
    assert [one.question for one in made.queue()] == [QUESTION]
    made.close()
    assert acts(place) == [("local", "submit", "1")]
    assert QUESTION.encode() not in (place / "data" / "audit.jsonl").read_bytes()


def test_a_question_that_names_a_patient_is_not_kept(place: Path) -> None:
    app = _submit("Mme Jeanne Durand née le 03/04/1961 veut son dossier, que dit la loi ?")
    assert staff.SUBMIT_IDENTIFYING in texts(app)
    assert not [b for b in app.button if b.label == staff.SUBMIT_CONFIRM]
    assert not (place / "data").exists()


def _judge(user: str, citation: str, whole: str) -> AppTest:
    app = shell("verify.py", claims(user))
    press(app, staff.QUEUE_OPEN)
    for radio in app.radio:
        if radio.key.endswith("-tout"):
            radio.set_value(whole)
        else:
            radio.set_value(citation)
    return app


def test_two_people_judge_unseen_by_each_other_and_their_agreement_is_shown(shared: Path) -> None:
    asked = shell("verify.py", claims("staff@cdo.fr"))
    asked.button_group[0].set_value(staff.VERIFY_TABS["ask"]).run()
    asked.text_area(key="question-verif").set_value(QUESTION)
    press(asked, staff.ASK_HERE_SUBMIT)
    first = _judge("staff@cdo.fr", "supports", "right")
    first.text_input(key="avis-1-1-commentaire").set_value("Vu dans :red[le guide]")
    press(first, staff.VERIFY_SIGN)
    assert staff.VERIFY_SIGNED in texts(first)
    second = _judge("second@cdo.fr", "partly", "wrong")
    assert staff.VERIFY_OTHERS_HIDDEN in texts(second)
    assert "red" not in texts(second)
    press(second, staff.VERIFY_SIGN)
    assert escape("Vu dans :red[le guide]") in texts(second)
    results = shell("verify.py", claims("staff@cdo.fr"))
    results.button_group[0].set_value(staff.VERIFY_TABS["results"]).run()
    shown = texts(results)
    # One answer, judged otherwise by each: never alike, and so would chance: κ = (0 − 0)/1 = 0.
    assert f"| {staff.AGREEMENT_ON['answers']} | 1 | 0\u00a0% | 0,00 [0,00\u00a0; 0,00] |" in shown
    assert staff.MISSING["disagree"] in shown
    assert [a for _, a, _ in acts(shared) if a != "login"] == ["submit", "judge", "judge"]


def test_an_incomplete_verdict_says_what_is_left(place: Path) -> None:
    press(_submit(), staff.SUBMIT_CONFIRM)
    app = shell("verify.py")
    app.text_input(key="signature-saisie").set_value("A. M.").run()
    press(app, staff.QUEUE_OPEN)
    press(app, staff.VERIFY_SIGN)
    assert staff.VERIFY_INCOMPLETE.split(":")[0] in texts(app)
    assert acts(place) == [("local", "submit", "1")]


def test_an_administrator_erases_an_answer(shared: Path) -> None:
    press(_submit(), staff.SUBMIT_CONFIRM)
    app = shell("verify.py", claims("staff@cdo.fr"))
    press(app, staff.QUEUE_OPEN)
    assert not [b for b in app.button if b.label == staff.VERIFY_DELETE_CONFIRM]
    app = shell("verify.py", claims("admin@cdo.fr"))
    press(app, staff.QUEUE_OPEN)
    press(app, staff.VERIFY_DELETE_CONFIRM)
    assert staff.QUEUE_EMPTY in texts(app)
    assert acts(shared)[-1] == ("admin@cdo.fr", "delete-review", "1")
