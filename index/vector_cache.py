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
from collections.abc import Sequence
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
        self._known: dict[bytes, Vectors] | None = None

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """As the encoder does; nothing is remembered."""
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """As the encoder does, each text encoded once for as long as the cache lives."""
        keys = [text_key(self.fingerprint, text) for text in texts]
        with self._lock:
            if self._known is None:
                self._known = self._read()
            new = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}
            if new:
                found = self._encoder.encode_passages(list(new.values()))
                self._known.update(zip(new, found, strict=True))
                self._write(self._known)
            if not keys:
                return np.zeros((0, self.dimension), dtype=np.float32)
            return np.stack([self._known[key] for key in keys])

    def _read(self) -> dict[bytes, Vectors]:
        try:
            with safe_open(str(self.path), framework="numpy") as stored:
                told = stored.metadata() or {}
                keys, vectors = stored.get_tensor("keys"), stored.get_tensor("vectors")
        except (OSError, SafetensorError, KeyError, ValueError):
            return {}  # absent or damaged: built anew
        whole = (
            told.get("fingerprint") == self.fingerprint
            and told.get("sha256") == _checksum(keys, vectors)
            and keys.shape == (len(vectors), 32)
            and vectors.shape == (len(keys), self.dimension)
            and vectors.dtype == np.float32
        )
        if not whole:
            return {}
        return {bytes(key): vector for key, vector in zip(keys, vectors, strict=True)}

    def _write(self, known: dict[bytes, Vectors]) -> None:
        for key in list(known)[: max(0, len(known) - MAX_ROWS)]:
            del known[key]
        keys = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(-1, 32)
        vectors = np.stack(list(known.values()))
        metadata = {"fingerprint": self.fingerprint, "sha256": _checksum(keys, vectors)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=self.path.parent, suffix=".part")
        os.close(handle)
        try:
            save_file({"keys": keys, "vectors": vectors}, aside, metadata)
            Path(aside).replace(self.path)
        finally:
            Path(aside).unlink(missing_ok=True)


def _checksum(keys: NDArray[np.uint8], vectors: Vectors) -> str:
    shape = json.dumps([keys.shape, vectors.shape]).encode()
    return hashlib.sha256(shape + keys.tobytes() + vectors.tobytes()).hexdigest()
