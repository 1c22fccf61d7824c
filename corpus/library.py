"""The folder of sources: its manifest, and the documents read from it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from corpus.chunking import slug
from corpus.errors import (
    CorpusError,
    ManifestInvalid,
    SourceChanged,
    SourceNotFound,
    SourceRefused,
)
from corpus.passage import KINDS, Document, Passage, Source
from corpus.readers import SUFFIXES, guess_kind, inspect, read_document
from corpus.versions import Versions

MANIFEST = "manifest.json"
DEFAULT_FOLDER = Path(__file__).parent / "sources"
_FIELDS = {field.name for field in fields(Source)} - {"path"}


@dataclass(frozen=True)
class Library:
    """Documents of a folder, in the manifest's order.

    Attributes:
        refused: Why a file of a folder without a manifest was left out, one line each. (What a
            manifest names was approved by somebody: there, a refusal is an error.)
    """

    folder: Path
    documents: tuple[Document, ...]
    refused: tuple[str, ...] = ()

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage of every document, in order."""
        return tuple(p for document in self.documents for p in document.passages)

    @cached_property
    def superseded(self) -> dict[str, str]:
        """Ids of replaced editions → the edition that replaces each; both remain citable."""
        newer = {d.source.supersedes: d.source.id for d in self.documents if d.source.supersedes}
        return {document.source.id: newer[document.source.id] for document in self.documents
                if document.source.id in newer}  # fmt: skip

    @cached_property
    def versions(self) -> Versions:
        """The dated versions of articles among the documents."""
        return Versions.of(self.documents)

    @cached_property
    def sha256(self) -> str:
        """Hash of what was read: names, bytes of the files and cleaned texts."""
        digest = hashlib.sha256()
        for document in self.documents:
            source = document.source
            digest.update(f"{source.id}\0{source.sha256}\0{document.text}\0".encode())
        return digest.hexdigest()

    def document(self, source_id: str) -> Document:
        """The document of one source.

        Raises:
            KeyError: When the library has no such source.
        """
        for document in self.documents:
            if document.source.id == source_id:
                return document
        raise KeyError(source_id)


def load_library(folder: Path | None = None, known: Iterable[Document] = ()) -> Library:
    """Read every source of a folder.

    Args:
        folder: By default, the product's own.
        known: Documents that this version of the code read before; one whose source and bytes
            are the same is not read again.

    Raises:
        SourceNotFound: The folder, or a file named in its manifest, is not there.
        SourceChanged: A file no longer has the sha256 of its manifest.
        SourceRefused: A document that the manifest names cannot be read.
    """
    place = DEFAULT_FOLDER if folder is None else folder
    approved = (place / MANIFEST).is_file()
    before = {replace(d.source, path=Path(d.source.path.name)): d for d in known}
    documents, refused = [], []
    for source in list_sources(place):
        data = _bytes_of(source)
        if hashlib.sha256(data).hexdigest() != source.sha256:
            raise SourceChanged(
                f"{source.path.name} has changed since it was added: restore it, or add it anew "
                "with `python -m corpus add`"
            )
        same = before.get(replace(source, path=Path(source.path.name)))
        if same is not None:
            documents.append(replace(same, source=source))
            continue
        try:
            documents.append(read_document(source, data))
        except SourceRefused as error:
            if approved:
                raise
            refused.append(str(error))
    return Library(place, tuple(documents), tuple(refused))


def list_sources(folder: Path) -> tuple[Source, ...]:
    """The sources of a folder, from its manifest; without one, each document file is a source."""
    if not folder.is_dir():
        raise SourceNotFound(f"no folder of sources at {folder}: give another with --sources")
    manifest = folder / MANIFEST
    if manifest.is_file():
        return tuple(_entries(manifest))
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
    return _distinct([_from_file(path) for path in files if not path.name.startswith(".")])


def _distinct(sources: list[Source]) -> tuple[Source, ...]:
    """Sources with ids of their own: “a.txt” and “A.pdf” would share one."""
    seen: Counter[str] = Counter()
    named = []
    for source in sources:
        seen[source.id] += 1
        again = seen[source.id] > 1
        named.append(replace(source, id=f"{source.id}-{seen[source.id]}") if again else source)
    return tuple(named)


def problems(folder: Path) -> tuple[str, ...]:
    """Every problem of a folder of sources, one line each; empty when it is sound.

    What somebody confirmed when approving a document is no problem any more.
    """
    try:
        sources = list_sources(folder)
        confirmed = _confirmed(folder)
    except CorpusError as error:
        return (str(error),)
    found: list[str] = []
    documents: list[Document] = []
    if not sources:
        found.append(f"no document in {folder}: add one with `python -m corpus add FILE`")
    for source in sources:
        try:
            data = _bytes_of(source)
            if hashlib.sha256(data).hexdigest() != source.sha256:
                found.append(f"{source.id}: sha256 of {source.path.name} is not the manifest's")
                continue
            seen = inspect(source, data)
            document = seen.document
            documents.append(document)
            doubts = [doubt for doubt in seen.reservations if doubt not in confirmed[source.id]]
            found += [f"{source.id}: {doubt}" for doubt in doubts]
            if not document.passages:
                found.append(f"{source.id}: no passage could be read from {source.path.name}")
        except CorpusError as error:
            found.append(f"{source.id}: {error}")
    return (*found, *Versions.of(documents).problems())


def _confirmed(folder: Path) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    manifest = folder / MANIFEST
    for row in read_manifest(manifest) if manifest.is_file() else []:
        found[row["id"]] = row.get("approved", {}).get("confirmed", [])
    return found


def read_manifest(path: Path) -> list[dict[str, Any]]:
    """Rows of a manifest, as stored.

    Raises:
        ManifestInvalid: It is not JSON, or not a list of sources with their required fields.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["sources"]
        for row in rows:
            if row["kind"] not in KINDS or not (row["id"] and row["file"] and row["sha256"]):
                raise ValueError(f"source {row.get('id')!r} lacks a kind, an id, a file or a hash")
        if len({row["id"] for row in rows}) != len(rows):
            raise ValueError("an id stands twice")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ManifestInvalid(f"{path} cannot be read ({error}): mend it by hand") from error
    return list(rows)


def _entries(manifest: Path) -> Iterator[Source]:
    for row in read_manifest(manifest):
        if row.get("withdrawn"):
            continue
        known = {name: value for name, value in row.items() if name in _FIELDS}
        yield Source(path=manifest.parent / Path(row["file"]).name, **known)


def _from_file(path: Path) -> Source:
    data = path.read_bytes()
    source = Source(
        id=slug(path.stem) or "source",
        title=path.stem,
        kind="guide",
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    return replace(source, kind=guess_kind(path, data))


def _bytes_of(source: Source) -> bytes:
    try:
        return source.path.read_bytes()
    except OSError as error:
        raise SourceNotFound(
            f"{source.path.name} cannot be read ({error.strerror}): restore the file, or remove "
            f"its source with `python -m corpus remove {source.id}`"
        ) from error
