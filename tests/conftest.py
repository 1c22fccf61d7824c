"""What many tests share: the index of the real sources, its engine, and Hypothesis' profiles."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import real_index
from hypothesis import settings

from qa.pipeline import Engine
from tests.looks import LOOKS, SIZES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from tests.browsing import Served
    from tests.visits import Visit

FAST = "not slow and not browser and not long"  # as `addopts` in pyproject.toml has it
_LEFT_OUT = re.compile(r"^pytestmark = \[?\s*pytest\.mark\.(?:slow|browser|long)\b", re.MULTILINE)

# By default few examples, the same at each run; `ci` draws many, anew. Where a test states its
# own number, that one holds.
settings.register_profile("default-run", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=200, deadline=None, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    """`-m "not long"` is what CI runs; HYPOTHESIS_PROFILE has the last word."""
    slow_too = "not slow" not in config.getoption("markexpr")
    if hasattr(config, "workerinput"):  # pytest-xdist's: its folders stand side by side
        real_index.shared = Path(config.option.basetemp).parent / "real-index"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if slow_too else "default-run"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: a campaign of ten minutes that starts last leaves a processor idle."""
    items.sort(key=_minutes, reverse=True)


def _minutes(item: pytest.Item) -> float:
    mark = item.get_closest_marker("long")
    return mark.kwargs.get("minutes", 1) if mark else 0


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The fast run does not import a module whose every test it leaves out: that takes seconds."""
    if config.getoption("markexpr") != FAST or collection_path.suffix != ".py":
        return None
    return True if _LEFT_OUT.search(collection_path.read_text("utf-8")) else None


@pytest.fixture(scope="session")
def real_root() -> Path:
    """Folder of the index of the real sources; to be copied by whoever changes it."""
    return real_index.real_index()


@pytest.fixture(scope="session")
def real_engine() -> Engine:
    """The engine over it, for tests that ask and change nothing."""
    return real_index.real_engine()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one a module."""
    from tests.browsing import launched

    with launched() as running:
        yield running


@pytest.fixture(params=LOOKS)
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A new visitor: on a phone and on a desktop, light and dark."""
    size, theme = request.param
    width, height = SIZES[size]
    opened = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        locale="fr-FR",
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield opened
    opened.close()


@pytest.fixture
def visit(context: BrowserContext, server: Served) -> Visit:
    """A page of the module's own ``server``."""
    from tests.visits import Visit

    return Visit(context, server)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """No test leaves a variable of ours behind: a later one would read it as a setting."""
    before = dict(os.environ)
    yield
    changed = {k for k in before.keys() | os.environ.keys() if before.get(k) != os.environ.get(k)}
    ours = {k for k in changed if k.startswith(("SECRETPRO_", "OPENAI_"))}
    assert not ours, f"left in the environment: {sorted(ours)}"
