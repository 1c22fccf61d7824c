"""Signing in through OpenID Connect, in a real browser: rights follow the verified address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import CHROMIUM, Served, free_port, served
from tests.identity_provider import Provider, provider
from ui import wording_staff

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]


@dataclass(frozen=True)
class Shared:
    """A shared installation and its identity provider."""

    server: Served
    identity: Provider


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    place = tmp_path_factory.mktemp("login")
    port = free_port()
    with provider() as identity:
        secrets = place / "secrets.toml"
        secrets.write_text(identity.secrets(f"http://localhost:{port}"), encoding="utf-8")
        with served(
            place / "store", port=port, SECRETPRO_AUTH="oidc",
            SECRETPRO_STAFF="anne@cdo.fr", SECRETPRO_ADMINS="paul@cdo.fr",
            STREAMLIT_SECRETS_FILES=str(secrets),
        ) as server:  # fmt: skip
            yield Shared(server, identity)


def signed_in(browser: Browser, shared: Shared, **claims: object) -> Page:
    """A new visitor, once through the provider."""
    shared.identity.claims = claims
    page = browser.new_context(locale="fr-FR").new_page()
    page.goto(shared.server.url)
    page.get_by_role("button", name=wording_staff.LOGIN).first.click()
    page.get_by_role("button", name=wording_staff.LOGOUT).wait_for(timeout=20_000)
    return page


def refused(page: Page, shared: Shared) -> None:
    """The staff's page is not there for its visitor: the first page is drawn in its stead."""
    page.goto(f"{shared.server.url}/verifier")
    page.wait_for_selector(".st-key-suggestions button >> nth=5")
    page.wait_for_timeout(500)
    assert page.get_by_text(wording_staff.VERIFY_TITLE).count() == 0
    assert page.get_by_role("link", name=wording_staff.VERIFY).count() == 0


def test_nobody_is_let_in_before_signing_in(browser: Browser, shared: Shared) -> None:
    page = browser.new_context(locale="fr-FR").new_page()
    refused(page, shared)
    page.context.close()


@pytest.mark.parametrize("address", ["anne@cdo.fr", "Paul@CDO.fr"], ids=["staff", "admin"])
def test_staff_sign_in_act_and_sign_out(browser: Browser, shared: Shared, address: str) -> None:
    page = signed_in(browser, shared, email=address, email_verified=True)
    page.goto(f"{shared.server.url}/verifier")
    page.get_by_text(wording_staff.VERIFY_TITLE).first.wait_for()
    page.get_by_text(address.casefold()).first.wait_for()
    page.get_by_role("button", name=wording_staff.LOGOUT).click()
    page.get_by_role("button", name=wording_staff.LOGIN).first.wait_for()
    refused(page, shared)
    page.context.close()


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "anne@cdo.fr", "email_verified": False},
        {"email": "anne@cdo.fr"},
        {"email": "anne@cdo.fr", "email_verified": "true"},
        {"email": "autre@cdo.fr", "email_verified": True},
    ],
    ids=["not verified", "verified by nobody", "verified in words", "a reader"],
)
def test_an_address_that_gives_no_right_opens_no_staff_page(
    browser: Browser, shared: Shared, claims: dict[str, object]
) -> None:
    page = signed_in(browser, shared, **claims)
    refused(page, shared)
    page.context.close()
