"""The staff's pages: who is let in, and each act done, refused and recorded."""

from __future__ import annotations

import json
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from hypothesis import given, strategies
from hypothesis import settings as hypothesis_settings
from streamlit.testing.v1 import AppTest

import settings
from corpus.library import DEFAULT_FOLDER, list_sources
from corpus.staging import MAX_BYTES
from index.generations import current_id
from qa.audit import Trail, verify
from qa.reviews import Reviews
from tests.real_index import real_index
from ui import results, wording
from ui import wording_staff as staff
from ui.access import Person, identify
from ui.building import job
from ui.escape import escape
from ui.results import Row, mcnemar, paired_means
from ui.upload import fault_of

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "Que risque un kinésithérapeute qui viole le secret professionnel ?"
NOTE = "# Note du conseil\n\nLe remplaçant est tenu au secret comme le titulaire du cabinet.\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation of its own: sources, index, data."""
    shutil.copytree(DEFAULT_FOLDER, tmp_path / "sources")
    shutil.copytree(real_index(), tmp_path / "store")
    monkeypatch.setenv("SECRETPRO_SOURCES", str(tmp_path / "sources"))
    monkeypatch.setenv("SECRETPRO_INDEX", str(tmp_path / "store"))
    monkeypatch.setenv("SECRETPRO_DATA", str(tmp_path / "data"))
    st.cache_resource.clear()
    yield tmp_path
    st.cache_resource.clear()


@pytest.fixture
def shared(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, behind OpenID Connect."""
    monkeypatch.setenv("SECRETPRO_AUTH", "oidc")
    monkeypatch.setenv("SECRETPRO_HOSTS", "secret.exemple.fr")
    monkeypatch.setenv("SECRETPRO_STAFF", "Staff@cdo.fr,second@cdo.fr")
    monkeypatch.setenv("SECRETPRO_ADMINS", "admin@cdo.fr")
    return place


def claims(address: str, verified: object = True, logged: object = True) -> dict[str, Any]:
    return {"email": address, "email_verified": verified, "is_logged_in": logged}


def page(script: str, user: dict[str, Any] | None = None) -> AppTest:
    """A page run alone, as somebody who goes round the navigation would."""
    app = AppTest.from_file(str(ROOT / "ui" / script), default_timeout=60)
    app.user = user or {}
    return app.run()


def shell(script: str, user: dict[str, Any] | None = None) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    app.user = user or {}
    app.run()
    return app.switch_page(script).run()


def texts(app: AppTest) -> str:
    shown = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.error,
             *app.success, *app.warning, *app.info]  # fmt: skip
    return "\n".join(element.value for element in shown)


def acts(place: Path) -> list[tuple[str, str, str | None]]:
    trail = Trail(place / "data" / "audit.jsonl")
    assert verify(trail) == ()
    return [(entry.who, entry.act, entry.document) for entry in trail.entries()]


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label.startswith(label)).click()
    app.run()
    assert not app.exception
    return app


# Twelve requests without the right role, host or origin: eight here, four below over the wire.


@pytest.mark.parametrize(
    ("script", "user"),
    [
        ("verify.py", {}),
        ("documents.py", {}),
        ("verify.py", claims("mk@exemple.fr")),
        ("documents.py", claims("mk@exemple.fr")),
        ("verify.py", claims("staff@cdo.fr", verified=False)),
        ("documents.py", claims("admin@cdo.fr", verified="true")),
        ("documents.py", claims("admin@cdo.fr", logged=False)),
    ],
)
def test_a_page_refuses_whoever_lacks_the_role(
    shared: Path, script: str, user: dict[str, Any]
) -> None:
    app = page(script, user)
    assert not app.exception
    assert [t.value for t in app.title] == [staff.FORBIDDEN_TITLE]
    assert not (app.text_input or app.text_area or app.file_uploader or app.code)
    assert not [b for b in app.button if b.label != staff.LOGIN]


def test_local_mode_under_a_public_name_gives_no_right(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRETPRO_HOSTS", "localhost,secret.exemple.fr")
    app = page("documents.py")
    assert [t.value for t in app.title] == [staff.FORBIDDEN_TITLE]
    assert staff.FORBIDDEN_LOCAL in texts(app)


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    from tests.browsing import served

    with served(tmp_path_factory.mktemp("wire") / "store") as running:
        yield int(running.url.rsplit(":", 1)[1])


@pytest.mark.parametrize(
    ("host", "origin"),
    [("evil.test", None), ("evil.test", "http://evil.test"), ("localhost", "http://evil.test"),
     ("localhost", "null")],
)  # fmt: skip
def test_the_server_refuses_a_wrong_host_or_origin(
    wire: int, host: str, origin: str | None
) -> None:
    from websockets import Origin, Subprotocol
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    if origin is None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{wire}/documents", headers={"Host": host}
        )
        with pytest.raises(urllib.error.HTTPError) as told:
            urllib.request.urlopen(request, timeout=10)
        assert told.value.code == 403
        return
    with (
        socket.create_connection(("127.0.0.1", wire)) as plain,
        pytest.raises(InvalidStatus) as refused,
    ):
        connect(f"ws://{host}:{wire}/_stcore/stream", sock=plain, origin=Origin(origin),
                subprotocols=[Subprotocol("streamlit")])  # fmt: skip
    assert refused.value.response.status_code == 403


CHOSEN = settings.Settings(auth="oidc", staff=("a@cdo.fr",), admins=("b@cdo.fr",))


@pytest.mark.parametrize(
    ("chosen", "user", "expected"),
    [
        (CHOSEN, claims("A@CDO.fr "), Person("a@cdo.fr", "staff")),
        (CHOSEN, claims("b@cdo.fr"), Person("b@cdo.fr", "admin")),
        (CHOSEN, claims("c@cdo.fr"), Person("c@cdo.fr", "reader")),
        (CHOSEN, claims(""), Person("", "reader")),
        (CHOSEN, {"email": "b@cdo.fr", "is_logged_in": True}, Person("", "reader")),
        (CHOSEN, {"email": ["b@cdo.fr"], "email_verified": True, "is_logged_in": True},
         Person("", "reader")),
        (settings.Settings(auth="oidcc", admins=("b@cdo.fr",)), claims("b@cdo.fr"),
         Person("", "reader")),
        (settings.Settings(), {}, Person("local", "admin")),
        (settings.Settings(hosts=()), {}, Person("", "reader")),
        (settings.Settings(hosts=("*",)), {}, Person("", "reader")),
    ],
)  # fmt: skip
def test_who_somebody_is(chosen: settings.Settings, user: dict[str, Any], expected: Person) -> None:
    assert identify(chosen, user) == expected


@given(strategies.dictionaries(
    strategies.sampled_from(["email", "email_verified", "is_logged_in", "sub"]),
    strategies.one_of(strategies.none(), strategies.booleans(), strategies.integers(),
                      strategies.sampled_from(["a@cdo.fr", "b@cdo.fr", "true"])),
))  # fmt: skip
@hypothesis_settings(max_examples=200)
def test_no_claim_but_a_verified_address_opens_anything(user: dict[str, Any]) -> None:
    found = identify(CHOSEN, user)
    if found.role != "reader":
        assert user["is_logged_in"] is True and user["email_verified"] is True
        assert user["email"] in ("a@cdo.fr", "b@cdo.fr")


def test_a_right_taken_away_is_gone_at_the_next_rerun(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = shell("verify.py", claims("staff@cdo.fr"))
    assert app.title[0].value == staff.VERIFY_TITLE
    monkeypatch.setenv("SECRETPRO_STAFF", "second@cdo.fr")
    app.run()
    assert staff.VERIFY_TITLE not in texts(app)
    refused = page("verify.py", claims("staff@cdo.fr"))
    assert refused.title[0].value == staff.FORBIDDEN_TITLE
    assert acts(shared) == [("staff@cdo.fr", "login", None), ("staff@cdo.fr", "refused", None)]


def test_the_journal_is_for_the_administration(shared: Path) -> None:
    tabs = {}
    for name in ("staff", "admin"):
        app = shell("documents.py", claims(f"{name}@cdo.fr"))
        tabs[name] = list(app.button_group[0].options)
    assert staff.DOCUMENTS_TABS["journal"] not in str(tabs["staff"])
    assert staff.DOCUMENTS_TABS["journal"] in str(tabs["admin"])


# Vérifier.


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


# Documents.


def _tab(app: AppTest, name: str) -> AppTest:
    app.button_group[0].set_value(staff.DOCUMENTS_TABS[name]).run()
    assert not app.exception
    return app


def _built(app: AppTest) -> None:
    for _ in range(600):
        if not job().running:
            return
        time.sleep(0.1)
    raise AssertionError("the build did not end")


def test_a_document_enters_is_cited_is_rolled_back_and_leaves(shared: Path) -> None:
    before = current_id(shared / "store")
    app = _tab(shell("documents.py", claims("staff@cdo.fr")), "add")
    app.file_uploader[0].set_value(("../../note.md", NOTE.encode(), "text/markdown"))
    press(app, staff.UPLOAD_SUBMIT)
    assert app.code[0].value.strip() == NOTE.strip()
    approve = next(b for b in app.button if b.label == staff.APPROVE)
    assert approve.disabled
    for box in app.checkbox:
        box.check()
    app.run()
    press(app, staff.APPROVE)
    assert staff.STALE in texts(app)
    ids = {source.id for source in list_sources(shared / "sources")}
    assert "note" in ids
    _tab(app, "index")
    press(app, staff.BUILD)
    _built(app)
    app.run()
    after = current_id(shared / "store")
    assert after != before and staff.STALE not in texts(app)
    app.checkbox(key="retour-sur").check()
    press(app, staff.ROLLBACK)
    assert current_id(shared / "store") == before and staff.STALE in texts(app)
    _tab(app, "library")
    app.button(key="retirer-note").click().run()
    press(app, staff.WITHDRAW_CONFIRM)
    assert staff.WITHDRAW_REASON_MISSING in texts(app)
    app.text_input(key="motif").set_value("essai")
    press(app, staff.WITHDRAW_CONFIRM)
    assert {source.id for source in list_sources(shared / "sources")} == ids - {"note"}
    assert staff.STALE not in texts(app)
    said = [(act, document) for _, act, document in acts(shared)]
    staged = said[1][1]
    assert said == [("login", None), ("stage", staged), ("preview", staged), ("approve", "note"),
                    ("build", None), ("rollback", None), ("withdraw", "note")]  # fmt: skip


def test_a_check_names_what_is_damaged(place: Path) -> None:
    app = _tab(shell("documents.py"), "index")
    press(app, staff.HEALTH)
    assert all(line in texts(app) for line in staff.HEALTH_OK.values())
    next((place / "store" / "gen").rglob("passages.jsonl")).write_bytes(b"{}")
    press(app, staff.HEALTH)
    assert staff.HEALTH_FAULT["index"].format(n=2) in texts(app)
    assert "passages.jsonl" in "".join(code.value for code in app.code)


def test_no_act_is_done_that_cannot_be_recorded(shared: Path) -> None:
    shell("documents.py", claims("staff@cdo.fr"))
    (shared / "data" / "audit.jsonl").write_bytes(b"")
    app = _tab(shell("documents.py", claims("staff@cdo.fr")), "add")
    app.file_uploader[0].set_value(("note.md", NOTE.encode(), "text/markdown"))
    press(app, staff.UPLOAD_SUBMIT)
    assert staff.AUDIT_STOPPED in texts(app)
    assert not list((shared / "data").rglob("record.json"))


def test_a_local_act_without_a_name_is_not_done(place: Path) -> None:
    app = _tab(shell("documents.py"), "add")
    app.file_uploader[0].set_value(("note.md", NOTE.encode(), "text/markdown"))
    press(app, staff.UPLOAD_SUBMIT)
    assert staff.SIGNATURE_MISSING in texts(app)
    assert not (place / "data" / "staged").exists()


HOSTILE = ["../../../etc/passwd.md", "a\x00b.md", "CON.md", "x" * 300 + ".md", "\u202egpj.md",
           "/abs/olute.md", "..\\..\\w.md", "![x](https://evil.example).md", ".md",
           " .md"]  # fmt: skip


def test_ten_hostile_names_are_stored_by_their_hash(place: Path) -> None:
    from corpus.staging import Staging

    room = Staging.of(place / "sources")
    for i, name in enumerate(HOSTILE):
        data = f"{NOTE}\nParagraphe {i}.\n".encode()
        assert fault_of(name, data) is None
        room.stage(data, name if not name.startswith(".") else f"n{name}", "a")
    files = [p for p in (place / "data").rglob("*") if p.is_file()]
    assert {p.name for p in files} == {"document.md", "record.json"}
    assert all(len(p.parent.name) == 16 for p in files) and len(files) == 20
    app = _tab(shell("documents.py"), "add")
    assert "evil.example)" not in texts(app)


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("a.pdf", b"%PDF-1.7 ...", None),
        ("a.PDF", b"\n\n%PDF-1.4", None),
        ("a.pdf", b"GIF89a", "pdf"),
        ("a.txt", "Été".encode(), None),
        ("a.txt", "Été".encode("latin-1"), "text"),
        ("a.txt", b"a\0b", "text"),
        ("a.md", b"%PDF-1.7", "disguised"),
        ("a.txt", b"MZ\x90\x00", "disguised"),
        ("a.xml", b"PK\x03\x04", "disguised"),
        ("a.xml", b"\xef\xbb\xbf <?xml version='1.0'?>", None),
        ("a.xml", b"bonjour", "xml"),
        ("a.exe", b"MZ", "suffix"),
        ("pdf", b"%PDF-1.7", "suffix"),
        ("a.txt", b"", "empty"),
        ("a.txt", b"x" * MAX_BYTES, None),
        ("a.txt", b"x" * (MAX_BYTES + 1), "large"),
        ("a.pdf", b"%PDF-" + b"x" * MAX_BYTES, "large"),
    ],
)
def test_a_file_is_judged_again_on_the_server(name: str, data: bytes, fault: str | None) -> None:
    assert fault_of(name, data) == fault


# Évaluation.


def test_every_committed_run_is_read_and_every_part_drawn(place: Path) -> None:
    found, bad = results.runs()
    assert bad == () and found
    stored = json.loads((results.FOLDER / f"{found[0].name}.json").read_text("utf-8"))
    right = stored["summary"]["engine"]["overall"]["right"]["mean"]
    app = shell("figures.py")
    assert f"{100 * right:.1f}\u00a0%".replace(".", ",") in texts(app)
    for name in ("kinds", "systems", "questions", "two"):
        app.button_group[0].set_value(name).run()
        assert not app.exception
    assert set(stored["systems"]) == set(found[0].rows)


def test_each_metric_kind_and_system_has_a_french_name() -> None:
    from ui import wording_figures

    for run in results.runs()[0]:
        assert set(run.overall["engine"]) <= set(wording_figures.METRICS)
        assert set(run.kinds) <= set(wording_figures.KINDS) | set(staff.KINDS)
        assert set(run.rows) <= set(wording_figures.SYSTEMS)


def test_a_file_that_is_no_run_is_passed_over_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "bench.json").write_text('{"machine": 1}')
    (tmp_path / "cut.json").write_text('{"systems": {')
    assert results.runs(tmp_path) == ((), ("cut.json",))
    assert results.runs(tmp_path / "nowhere") == ((), ())


def _rows(values: str) -> list[Row]:
    return [Row(f"q{i}", {"right": float(v)}) for i, v in enumerate(values) if v != "-"]


def test_mcnemar_by_hand() -> None:
    # Gained 1, lost 5: p = 2 (C(6,0) + C(6,1)) / 2^6 = 14/64.
    found = mcnemar(_rows("0111111100"), _rows("1000001100"))
    assert (len(found.gained), len(found.lost)) == (1, 5)
    assert found.p == pytest.approx(14 / 64)
    assert mcnemar(_rows("01"), _rows("01")).p == 1.0


def test_means_are_compared_on_shared_questions_only() -> None:
    # q0 and q2 are in both: 1 and 0 before, 1 and 1 after.
    assert paired_means(_rows("1-0"), _rows("111"), "right") == (0.5, 1.0, 2)
    assert paired_means(_rows("1"), _rows("-1"), "right") is None


def test_every_wording_of_an_act_is_there() -> None:
    from qa.audit import ACTS
    from qa.review_export import ABSTAIN_KINDS, ANSWER_KINDS
    from qa.reviews import CITATION_VERDICTS, VERDICTS

    assert set(staff.ACTS) == set(ACTS)
    assert set(staff.VERDICTS) == set(VERDICTS)
    assert set(staff.CITATION_VERDICTS) == set(CITATION_VERDICTS)
    assert set(staff.KINDS) == {"", *ANSWER_KINDS, *ABSTAIN_KINDS}
    assert wording.PRODUCT
