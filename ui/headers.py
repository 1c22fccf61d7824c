"""An ASGI middleware: refuses unknown hosts, sends security headers, makes the page French."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

# Streamlit's own paths that no reader needs: figures about the server, and the agent interface.
_CLOSED = ("/_stcore/metrics", "/_stcore/agent")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_FIXED = {
    b"x-frame-options": b"DENY",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
_IN_HEAD = '<link rel="stylesheet" href="./page.css"><script defer src="./page.js"></script></head>'
# Outside what Streamlit redraws, so that a screen reader hears each change of it.
_IN_BODY = '<div id="annonce" role="status" aria-live="polite" class="hors-ecran"></div></body>'


class Guard:
    """Wraps the whole application.

    Args:
        app: The application wrapped.
        hosts: Host names under which it may be reached; ``*`` for any, ``*.name`` for a domain.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = tuple(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        host = _header(scope, b"host")
        if not self._knows(host):
            await _refuse(scope, send, 403)
        elif scope["path"].startswith(_CLOSED):
            await _refuse(scope, send, 404)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            scope["headers"] = _plain(scope)
            await self._app(scope, receive, _Sender(send, host))

    def _knows(self, host: str) -> bool:
        name = re.sub(r":\d{1,5}$", "", host).strip("[]").lower()
        return any(
            known in ("*", name) or (known.startswith("*.") and name.endswith(known[1:]))
            for known in self._hosts
        )


class _Sender:
    """Adds the headers to a response, and rewrites it if it is the page."""

    def __init__(self, send: Send, host: str) -> None:
        self._send = send
        self._host = host
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(k, v) for k, v in message["headers"] if k.lower() not in _FIXED]
            message["headers"] = [*headers, *_FIXED.items()]
            kind = next((v for k, v in headers if k.lower() == b"content-type"), b"")
            if kind.startswith(b"text/html"):
                self._start = message
                return
            message["headers"].append((b"content-security-policy", _policy(self._host)))
        elif self._start is not None and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start)
            return
        await self._send(message)

    async def _send_page(self, start: Message) -> None:
        page = _in_french(self._body.decode("utf-8", "replace"))
        body = page.encode()
        changed = {b"content-length", b"etag", b"last-modified", b"cache-control"}
        start["headers"] = [
            *((k, v) for k, v in start["headers"] if k.lower() not in changed),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"content-security-policy", _policy(self._host, page)),
        ]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _in_french(page: str) -> str:
    page = page.replace('<html lang="en">', '<html lang="fr">', 1)
    page = page.replace("<title>Streamlit</title>", "<title>Secret professionnel</title>", 1)
    page = re.sub(r'<link\s+rel="preload"[^>]{0,300}SourceSans[^>]{0,300}>', "", page, count=1)
    return page.replace("</head>", _IN_HEAD, 1).replace("</body>", _IN_BODY, 1)


def _policy(host: str, page: str = "") -> bytes:
    """Content-Security-Policy: this machine only; the page's own inline script by its hash.

    Streamlit's styles are written at run time, hence ``unsafe-inline`` for styles; its charts
    (Vega) compile expressions, hence ``unsafe-eval``.
    """
    hashes = "".join(
        f" 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(page)
    )
    sockets = f" ws://{host} wss://{host}" if re.fullmatch(r"[\w.:\-\[\]]{1,255}", host) else ""
    return (
        "default-src 'none'; "
        f"script-src 'self' 'unsafe-eval'{hashes}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        f"connect-src 'self'{sockets}; worker-src 'self' blob:; manifest-src 'self'; "
        "media-src 'self' blob:; frame-src 'none'; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ).encode()


def _header(scope: Scope, name: bytes) -> str:
    return next((v.decode("latin-1") for k, v in scope["headers"] if k.lower() == name), "")


def _plain(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Without what would make the page arrive compressed or unchanged: it must be rewritten."""
    page = "." not in scope["path"].rsplit("/", 1)[-1] or scope["path"].endswith(".html")
    dropped = {b"accept-encoding", b"if-none-match", b"if-modified-since"} if page else set()
    return [(k, v) for k, v in scope["headers"] if k.lower() not in dropped]


async def _refuse(scope: Scope, send: Send, status: int) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before acceptance: HTTP 403
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *_FIXED.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"Acc\xc3\xa8s refus\xc3\xa9.\n"})
