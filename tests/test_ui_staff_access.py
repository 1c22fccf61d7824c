"""The staff's pages: who is let in."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies
from hypothesis import settings as hypothesis_settings
from staff_pages import acts, claims, page, place, shared, shell, texts

import settings
from ui import wording_staff as staff
from ui.access import Person, identify

__all__ = ["place", "shared"]


pytestmark = pytest.mark.slow


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
