"""Stage outputs kept on disk, so that an interrupted training resumes where it stopped.

A stage writes one safetensors file and, last, a JSON note with the sha256 of its inputs and of
its output. The output is reused only if both still match; anything else is made again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from index.training.data import file_fingerprint

Arrays = Mapping[str, NDArray[Any]]


class Stages:
    """A folder of stage outputs, each named by its stage and the key of its inputs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def arrays(self, name: str, key: str, make: Callable[[], Arrays]) -> dict[str, NDArray[Any]]:
        """Returns the stage's arrays, made by `make` unless a whole output has the same key."""
        path = self.folder / f"{name}-{key[:12]}.safetensors"
        note = path.with_suffix(".json")
        if not _is_whole(path, note, key):
            arrays = {k: np.ascontiguousarray(v) for k, v in make().items()}
            aside = path.with_suffix(".part")
            save_file(arrays, str(aside))
            aside.replace(path)
            note.write_text(
                json.dumps({"key": key, "sha256": file_fingerprint(path)}), encoding="utf-8"
            )
        return dict(load_file(str(path)))


def _is_whole(path: Path, note: Path, key: str) -> bool:
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
        return bool(told["key"] == key and told["sha256"] == file_fingerprint(path))
    except (OSError, ValueError, KeyError, TypeError):
        return False
