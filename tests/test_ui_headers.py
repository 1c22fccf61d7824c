"""The middleware around the whole server: hosts refused, headers sent, the page made French."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from ui.headers import Guard

PAGE = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


async def _page(request: object) -> Response:
    return HTMLResponse(PAGE, headers={"etag": "x", "content-encoding": "identity"})


async def _asset(request: object) -> Response:
    return PlainTextResponse("ok")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("bonjour")
    await socket.close()


def client(host: str = "localhost:8501", hosts: tuple[str, ...] = ("localhost",)) -> TestClient:
    inner = Starlette(
        routes=[
            Route("/", _page),
            Route("/source", _page),
            Route("/static/a.js", _asset),
            Route("/_stcore/health", _asset),
            Route("/_stcore/metrics", _asset),
            Route("/_stcore/agent/openapi.json", _asset),
            WebSocketRoute("/_stcore/stream", _socket),
        ]
    )
    return TestClient(Guard(inner, hosts), base_url=f"http://{host}")


@pytest.mark.parametrize("path", ["/", "/source", "/static/a.js", "/_stcore/health"])
def test_every_response_carries_the_headers(path: str) -> None:
    headers = client().get(path).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "img-src 'self' data: blob:;" in policy
    assert "connect-src 'self' ws://localhost:8501 wss://localhost:8501;" in policy


def test_scripts_run_from_this_host_or_by_their_hash_only() -> None:
    response = client().get("/")
    policy = re.search(r"script-src ([^;]*)", response.headers["content-security-policy"])
    assert policy is not None and "unsafe-inline" not in policy[1]
    inline = re.findall(r"<script>(.*?)</script>", response.text, re.DOTALL)
    assert inline
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]


def test_the_page_is_french_whole_and_never_kept() -> None:
    response = client().get("/", headers={"if-none-match": "x"})
    assert '<html lang="fr">' in response.text and 'lang="en"' not in response.text
    assert "<title>Secret professionnel</title>" in response.text
    assert './page.css"' in response.text and './page.js"' in response.text
    assert 'id="annonce" role="status" aria-live="polite"' in response.text
    assert int(response.headers["content-length"]) == len(response.content)
    assert response.headers["cache-control"] == "no-store" and "etag" not in response.headers


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:8501", "localhost.evil.test", "xlocalhost", "", "127.0.0.1"]
)
def test_an_unknown_host_is_refused(host: str) -> None:
    response = client().get("/", headers={"host": host})
    assert response.status_code == 403
    assert "<html" not in response.text


@pytest.mark.parametrize(
    ("host", "hosts"),
    [
        ("localhost", ("localhost",)),
        ("LOCALHOST:9000", ("localhost",)),
        ("app.cdo.fr", ("*.cdo.fr",)),
        ("[::1]:8501", ("::1",)),
        ("anything", ("*",)),
    ],
)
def test_a_known_host_is_served(host: str, hosts: tuple[str, ...]) -> None:
    response = client(hosts=hosts).get("/", headers={"host": host})
    assert response.status_code == 200


def test_a_socket_from_an_unknown_host_is_refused() -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client().websocket_connect("/_stcore/stream", headers={"host": "evil.test"}),
    ):
        pass


def test_a_socket_from_a_known_host_is_served() -> None:
    with client().websocket_connect("/_stcore/stream", headers={"host": "localhost"}) as socket:
        assert socket.receive_text() == "bonjour"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json"])
def test_what_no_reader_needs_is_closed(path: str) -> None:
    assert client().get(path).status_code == 404


def test_a_host_that_could_write_in_the_policy_does_not() -> None:
    response = client(hosts=("*",)).get("/", headers={"host": "a; script-src *"})
    assert "script-src *" not in response.headers["content-security-policy"]
