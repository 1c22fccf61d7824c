"""Vectors of passages kept on disk by content, so that adding one document embeds one document.

The cache is a convenience and never a truth: whatever is wrong with its file, it is ignored and
written anew. Questions are never stored.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from index.encoder import Encoder, Vectors

MAX_ROWS = 200_000  # 300 MB at 384 dimensions; the oldest vectors are dropped beyond it


def text_key(fingerprint: str, text: str) -> bytes:
    """32 bytes that tell a text under an encoder."""
    return hashlib.sha256(f"{fingerprint}\x00{text}".encode()).digest()


class CachedEncoder:
    """An `Encoder` that remembers the passages it has encoded, one file an encoder.

    Args:
        encoder: does the work for passages not seen before, and for every query.
        folder: holds the cache; made if missing.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self.name = encoder.name
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.path = folder / f"vectors-{self.fingerprint[:16]}.safetensors"
        self._lock = threading.Lock()
        self._known: _Known | None = None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder does; nothing is remembered."""
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As the encoder does, each text encoded once for as long as the cache lives."""
        keys = [text_key(self.fingerprint, text) for text in texts]
        with self._lock:
            known = self._read() if self._known is None else self._known
            new = {k: t for k, t in zip(keys, texts, strict=True) if k not in known.rows}
            if new:
                known = known.more(new, self._encoder.encode_passages(list(new.values())))
                self._write(known)
            self._known = known
            return known.vectors[[known.rows[key] for key in keys]]

    def _read(self) -> _Known:
        none = _Known({}, np.zeros((0, self.dimension), np.float32))
        try:
            with safe_open(str(self.path), framework="numpy") as stored:
                told = stored.metadata() or {}
                keys, vectors = stored.get_tensor("keys"), stored.get_tensor("vectors")
        except (OSError, SafetensorError, KeyError, ValueError):
            return none  # absent or damaged: built anew
        whole = (
            told.get("fingerprint") == self.fingerprint
            and told.get("sha256") == _checksum(keys, vectors)
            and keys.shape == (len(vectors), 32)
            and vectors.shape == (len(keys), self.dimension)
            and vectors.dtype == np.float32
        )
        return _Known({bytes(key): row for row, key in enumerate(keys)}, vectors) if whole else none

    def _write(self, known: _Known) -> None:
        kept = list(known.rows)[-MAX_ROWS:]
        keys = np.frombuffer(b"".join(kept), dtype=np.uint8).reshape(-1, 32)
        vectors = known.vectors[-MAX_ROWS:]
        metadata = {"fingerprint": self.fingerprint, "sha256": _checksum(keys, vectors)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=self.path.parent, suffix=".part")
        os.close(handle)
        try:
            save_file({"keys": keys, "vectors": vectors}, aside, metadata)
            Path(aside).replace(self.path)
        finally:
            Path(aside).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Vectors of texts, the oldest first: the row of each text's key, and the matrix."""

    rows: Mapping[bytes, int]
    vectors: Vectors

    def more(self, keys: Iterable[bytes], vectors: Vectors) -> _Known:
        """The same and some new ones."""
        first = len(self.vectors)
        rows = {**self.rows, **{key: first + i for i, key in enumerate(keys)}}
        return _Known(rows, np.concatenate([self.vectors, vectors]))


def _checksum(keys: NDArray[np.uint8], vectors: Vectors) -> str:
    shape = json.dumps([keys.shape, vectors.shape]).encode()
    return hashlib.sha256(shape + keys.tobytes() + vectors.tobytes()).hexdigest()
