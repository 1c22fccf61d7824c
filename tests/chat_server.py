"""A scripted chat service on loopback, over real HTTP, in four dialects.

It records what it was sent, and answers what its script says: a reply for each request in turn,
the last one for ever. It shows what is sent and how faults are handled, never a model's quality.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Passages = dict[str, dict[str, Any]]  # by key, as they were sent


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted reply.

    Attributes:
        content: The model's message, or a function of the passages that were sent.
        status: HTTP status; from 400 on, the body is an error of the dialect.
        wait: Seconds before anything is sent.
        drip: Seconds between two bytes of the body.
        stop: Why the model stopped: ``stop``, ``length``, ``content_filter``.
        refusal: The refusal of the openai dialect.
        cut: Bytes of the body after which the connection is closed.
    """

    content: str | Callable[[Passages], str] = ""
    status: int = 200
    wait: float = 0.0
    drip: float = 0.0
    stop: str = "stop"
    refusal: str | None = None
    cut: int | None = None


@dataclass
class ChatServer:
    """Where it listens, and what it received."""

    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def sent(self) -> str:
        """Everything received, decoded, for searching what left."""
        return "\n".join(json.dumps(body, ensure_ascii=False) for body in self.bodies)


def phrases(*rows: tuple[str, Sequence[tuple[str, str]]]) -> str:
    """A well-formed answer: (text, [(key, extract), …]) for each sentence."""
    listed = [
        {"texte": text, "sources": [{"cle": k, "extrait": x} for k, x in sources]}
        for text, sources in rows
    ]
    return json.dumps({"phrases": listed}, ensure_ascii=False)


def passages_of(body: dict[str, Any]) -> Passages:
    """The passages of a request, read back out of its user message."""
    users = [m for m in body.get("messages", []) if m["role"] == "user"]
    text = users[0]["content"]
    if isinstance(text, list):
        text = "".join(part.get("text", "") for part in text)
    rows = [json.loads(line) for line in text.split("\n") if line.startswith('{"cle"')]
    return {row["cle"]: row for row in rows}


@contextmanager
def serve(*script: Reply) -> Iterator[ChatServer]:
    """Serve a script on a free port of 127.0.0.1."""
    state = ChatServer("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(size) or b"{}")
            reply = script[min(len(state.bodies), len(script) - 1)]
            state.bodies.append(body)
            state.headers.append(dict(self.headers))
            state.paths.append(self.path)
            time.sleep(reply.wait)
            self._send(reply, _body(self.path, body, reply))

        def _send(self, reply: Reply, payload: bytes) -> None:
            try:
                self.send_response(reply.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                for byte in payload[: reply.cut] if reply.drip else ():
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(reply.drip)
                if not reply.drip:
                    self.wfile.write(payload[: reply.cut])
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client gave up, as it should
            self.close_connection = True

        def log_message(self, *args: object) -> None:
            """Silent: a test reads ``ChatServer``."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _body(path: str, body: dict[str, Any], reply: Reply) -> bytes:
    if reply.status >= 400:
        return json.dumps({"error": {"message": "scripted", "type": "error"}}).encode()
    content = reply.content
    text = content(passages_of(body)) if callable(content) else content
    if path.endswith("/api/chat"):
        return _ollama(text, reply)
    if path.endswith("/messages"):
        return _anthropic(text, reply)
    return _openai(text, reply)  # mistral's dialect is the same


def _openai(text: str, reply: Reply) -> bytes:
    message = {"role": "assistant", "content": text, "refusal": reply.refusal}
    return json.dumps({
        "id": "x", "object": "chat.completion", "created": 0, "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": reply.stop}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }).encode()  # fmt: skip


def _anthropic(text: str, reply: Reply) -> bytes:
    stops = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
    return json.dumps({
        "id": "x", "type": "message", "role": "assistant", "model": "scripted",
        "content": [{"type": "text", "text": text}], "stop_reason": stops[reply.stop],
        "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
    }).encode()  # fmt: skip


def _ollama(text: str, reply: Reply) -> bytes:
    return json.dumps({
        "model": "scripted", "created_at": "2026-01-01T00:00:00Z", "done": True,
        "done_reason": reply.stop, "message": {"role": "assistant", "content": text},
    }).encode() + b"\n"  # fmt: skip
