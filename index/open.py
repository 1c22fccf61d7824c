"""Opening: one whole generation, held for as long as its reader wants it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import settings
from corpus.citations import CitationGraph
from corpus.passage import Document, Passage
from index.asked import Asked
from index.build import identity
from index.dense import Dense
from index.encoder import Encoder, load_encoder
from index.errors import IndexDamaged, IndexMissing, IndexStale
from index.generations import current_id, open_current
from index.lexical import Lexical
from index.retriever import Retriever
from index.spelling import Spelling
from index.stored import DOCUMENTS, documents_of, passages_of

REMOTE = ("postgresql://", "postgresql+psycopg://", "postgres://")


@dataclass(frozen=True)
class Index:
    """A generation opened for reading; immutable, and safe to share between threads.

    Attributes:
        generation: Id of the generation.
        info: What its manifest records: corpus, encoder, fields, counts.
        passages: In their stored order.
        retriever: Searches them.
        notice: In French, when an earlier generation had to be used; else ``None``.
        root: Folder that it was opened from, ``None`` if from bytes.
    """

    generation: str
    info: Mapping[str, Any]
    passages: tuple[Passage, ...]
    retriever: Retriever
    documents_jsonl: bytes
    notice: str | None = None
    root: Path | None = None

    @classmethod
    def from_files(
        cls,
        files: Mapping[str, bytes],
        encoder: Encoder,
        *,
        generation: str = "",
        info: Mapping[str, Any] | None = None,
        notice: str | None = None,
        root: Path | None = None,
    ) -> Index:
        """Open the verified bytes of a generation.

        Raises:
            IndexDamaged: When they do not make a whole index.
        """
        try:
            passages = passages_of(files)
            known = json.loads(files["spelling.json"])
            retriever = Retriever(
                passages,
                Lexical.from_files(files),
                Dense.from_files(files, len(passages)),
                encoder,
                Spelling(known["forms"], known["others"]),
                asked=Asked.from_files(files),
            )
            documents = files[DOCUMENTS]
        except (KeyError, ValueError, TypeError) as error:
            raise IndexDamaged(
                f"the index does not fit together ({error}): run `python -m index build`"
            ) from error
        return cls(generation, info or {}, passages, retriever, documents, notice, root)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """The documents as they were indexed; a source's ``path`` is its file's name only."""
        return documents_of({DOCUMENTS: self.documents_jsonl}, self.passages)

    def document_text(self, source_id: str) -> str:
        """The cleaned text of a source, which the offsets of its passages refer to.

        Raises:
            KeyError: When the index has no such source.
        """
        for document in self.documents:
            if document.source.id == source_id:
                return document.text
        raise KeyError(source_id)

    def passage(self, passage_id: str) -> Passage:
        """The passage of an id.

        Raises:
            KeyError: When the index has no such passage.
        """
        return self._by_id[passage_id]

    @cached_property
    def graph(self) -> CitationGraph:
        """Who cites whom among the passages; every passage is read once."""
        return CitationGraph(self.passages)

    @cached_property
    def _by_id(self) -> Mapping[str, Passage]:
        return {passage.id: passage for passage in self.passages}

    def is_current(self) -> bool:
        """Whether this is still the generation in use; one small file is read."""
        return self.root is None or current_id(self.root) in (self.generation, None)


def open_index(location: str | Path | None = None, encoder: Encoder | None = None) -> Index:
    """Open the index at a place.

    Args:
        location: A folder, or a ``postgresql://`` address; by default the setting ``index``.
        encoder: Instead of the one of the settings.

    Raises:
        IndexMissing: If nothing is built there.
        IndexDamaged: If no generation is whole.
        IndexStale: If it was built with another encoder or by another version.
        EncoderUnavailable: If the encoder cannot be loaded.
    """
    place = settings.load().index if location is None else location
    if isinstance(place, str) and place.startswith(REMOTE):
        # Imported by name: its driver is an optional dependency, and few need it.
        opened: Index = importlib.import_module("index.stores").open_store(place)
        return opened
    root = Path(place).expanduser()
    try:
        generation = open_current(root)
    except IndexMissing as error:
        raise IndexMissing(f"no index in {root}: build it with `python -m index build`") from error
    encoder = load_encoder(settings.load().encoder) if encoder is None else encoder
    require_same(generation.info, encoder)
    return Index.from_files(
        generation.files,
        encoder,
        generation=generation.id,
        info=generation.info,
        notice=generation.notice,
        root=root,
    )


def require_same(info: Mapping[str, Any], encoder: Encoder) -> None:
    """Refuse a generation that this encoder or this version did not build.

    Raises:
        IndexStale: With what to do.
    """
    wanted = identity(str(info.get("corpus")), encoder)
    built_with = info.get("encoder") or {}
    if built_with.get("fingerprint") != encoder.fingerprint:
        raise IndexStale(
            f"the index was built with the encoder {built_with.get('name')!r} and not with "
            f"{encoder.name!r}: run `python -m index build`, or restore the setting 'encoder'"
        )
    if any(info.get(name) != wanted[name] for name in ("format", "lexical")):
        raise IndexStale("the index was built by another version: run `python -m index build`")
