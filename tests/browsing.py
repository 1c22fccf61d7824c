"""For the browser tests: the application served on a free port, and Debian's Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from corpus.library import load_library
from index.build import build
from index.encoder import load_encoder

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its address, its index, and what it wrote on its outputs."""

    url: str
    store: Path
    _log: Path

    def log(self) -> str:
        """Everything on its standard output and error so far."""
        return self._log.read_text("utf-8", "replace")


@contextmanager
def served(
    store: Path,
    script: str = "app.py",
    sources: Path | None = None,
    port: int | None = None,
    **variables: str,
) -> Iterator[Served]:
    """Build an index in ``store``, and serve the application over it until the block ends."""
    build(load_library(sources), store, load_encoder("embedded"))
    port = free_port() if port is None else port
    log = store.parent / f"{store.name}.log"
    environ = {
        **os.environ, "SECRETPRO_INDEX": str(store), "PYTHONPATH": str(ROOT),
        "SECRETPRO_DATA": str(store.parent / "var"), **variables,
    }  # fmt: skip
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=out)
        try:
            url = f"http://localhost:{port}"
            _wait(url, process, log)
            yield Served(url, store, log)
        finally:
            process.terminate()
            process.wait(timeout=20)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended:\n{log.read_text('utf-8', 'replace')}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError(f"no answer at {url} after a minute")


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium, without its own calls to its makers."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), headless=True, args=_FLAGS
        )
        yield browser
        browser.close()
