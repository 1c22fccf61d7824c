"""The page Documents: each act done, refused and recorded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from staff_pages import NOTE, acts, claims, place, press, shared, shell, texts
from streamlit.testing.v1 import AppTest

from corpus.library import list_sources
from corpus.staging import MAX_BYTES
from index.generations import current_id
from ui import wording_staff as staff
from ui.building import job
from ui.upload import fault_of

__all__ = ["place", "shared"]


pytestmark = pytest.mark.slow


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
