"""Building: a library of documents becomes one published generation."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from corpus.expansions import editorial_questions, places_of
from corpus.library import Library
from corpus.passage import Document, Passage
from index import learnt
from index.analysis import words
from index.asked import Asked
from index.concepts import fingerprint, trade
from index.dense import Dense, texts_of
from index.encoder import Encoder
from index.errors import IndexDamaged, IndexMissing
from index.generations import open_current, publish
from index.lexical import FIELDS, Lexical
from index.vector_cache import CachedEncoder

FORMAT = 3
"""Raised whenever the files of a generation change their meaning."""

CACHE = "cache"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        generation: Id of the generation now in use.
        built: False when the one in use was up to date already.
        documents: Number of documents.
        passages: Number of passages.
        vectors: Number of vectors (passages and sentences).
        seconds: Wall-clock time.
    """

    generation: str
    built: bool
    documents: int
    passages: int
    vectors: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def build(
    library: Library,
    root: Path,
    encoder: Encoder,
    progress: Progress | None = None,
    *,
    force: bool = False,
) -> BuildReport:
    """Build the index of a library, or bring it up to date, and publish it.

    Only texts never embedded before with this encoder are embedded; a generation that already
    holds this library, encoder and format is left as it is.

    Args:
        library: What to index.
        root: Folder of the index; made if need be.
        encoder: For the dense vectors.
        progress: Called with a stage, what is done and how much there is.
        force: Publish anew even when nothing changed.

    Raises:
        ValueError: If the library has no passage: there would be nothing to find.
        IndexBusy: If another builder is at work.
        IndexUnwritable: If the disk refuses.
    """
    began = time.perf_counter()
    say = progress or (lambda stage, done, total: None)
    passages = library.passages
    if not passages:
        raise ValueError(f"no passage in {library.folder}: add a document with text to it")
    facts = identity(library.sha256, encoder) | {"expansions": _digest(passages, encoder)}
    texts = texts_of(passages)
    size = (len(library.documents), len(passages), len(texts.texts))
    current = None if force else _current(root, facts)
    if current is not None:
        return BuildReport(current, False, *size, time.perf_counter() - began)
    say("lexical", 0, len(passages))
    files = Lexical.build(passages).to_files()
    say("embedding", 0, len(texts.texts))
    vectors = CachedEncoder(encoder, root / CACHE).encode_passages(texts.texts)
    files |= Dense.build(vectors, texts.owners, len(passages)).to_files()
    say("embedding", len(texts.texts), len(texts.texts))
    questions = editorial_questions()
    files |= Asked.build(questions, passages, encoder, root / CACHE, say).to_files()
    files["passages.jsonl"] = _lines(passage.as_json() for passage in passages)
    files["documents.jsonl"] = _lines(map(_document_row, library.documents))
    files["spelling.json"] = json.dumps(_spelling(library), ensure_ascii=False).encode()
    say("publishing", 0, 1)
    counts = dict(zip(("documents", "passages", "vectors"), size, strict=True))
    made = publish(root, files, facts | {"counts": counts}, check=_opens(encoder))
    return BuildReport(made, True, *size, time.perf_counter() - began)


def identity(corpus_sha256: str, encoder: Encoder) -> dict[str, Any]:
    """What decides whether a generation still fits: recorded in its manifest."""
    return {
        "format": FORMAT,
        "corpus": corpus_sha256,
        "encoder": {
            "name": encoder.name,
            "fingerprint": encoder.fingerprint,
            "dimension": encoder.dimension,
        },
        "lexical": {
            "data": fingerprint(),
            "fields": {spec.name: [spec.k1, spec.b] for spec in FIELDS},
        },
    }


def _digest(passages: Sequence[Passage], encoder: Encoder) -> str:
    """Hash of the editorial questions and their places, which may change when no text does."""
    questions = editorial_questions()
    places = json.dumps(places_of(questions, passages), sort_keys=True)
    told = learnt.identity(questions, encoder.fingerprint) + places
    return sha256(told.encode()).hexdigest()


def _current(root: Path, facts: Mapping[str, Any]) -> str | None:
    """The generation in use, if it holds just these facts and is whole."""
    try:
        generation = open_current(root)
    except (IndexMissing, IndexDamaged):
        return None
    same = all(generation.info.get(name) == fact for name, fact in facts.items())
    return generation.id if same and generation.notice is None else None


def _opens(encoder: Encoder) -> Callable[[Mapping[str, bytes]], None]:
    """A check before publication: what was written opens, and finds a passage by its own words."""

    def check(files: Mapping[str, bytes]) -> None:
        from index.open import Index

        index = Index.from_files(files, encoder)
        for passage in index.passages[:: max(1, len(index.passages) // 5)]:
            if words(passage.text) and not index.retriever.search(passage.text, 1):
                raise IndexDamaged(f"nothing is found for the text of {passage.id}: build again")

    return check


def _lines(rows: Any) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def _document_row(document: Document) -> dict[str, Any]:
    source = asdict(document.source)
    source["path"] = document.source.path.name  # the folder is this machine's own business
    return {
        "source": source,
        "text": document.text,
        "pages": [[page.start, page.number] for page in document.pages],
        "warnings": list(document.warnings),
    }


def _spelling(library: Library) -> dict[str, Any]:
    counts = Counter(
        word.form
        for document in library.documents
        for word in words(document.text)
        if not word.exact
    )
    return {"forms": dict(sorted(counts.items())), "others": sorted(trade().vocabulary)}
