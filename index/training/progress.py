"""The one import of tqdm, which ships no annotations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress(items: Iterable[Any] | None = None, *, name: str, total: int | None = None) -> Any:
    """A progress bar on stderr, silent where stderr is not a terminal."""
    return tqdm(items, desc=name, total=total, disable=None, mininterval=1.0)
