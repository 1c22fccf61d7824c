"""Building: a library of documents becomes one published generation."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from corpus.errors import SourceNotFound
from corpus.expansions import editorial_questions, places_of
from corpus.library import Library, load_library
from index import learnt, stored
from index.analysis import words
from index.asked_build import build_asked
from index.concepts import fingerprint, trade
from index.dense import Dense, texts_of
from index.encoder import Encoder
from index.errors import IndexDamaged
from index.former import Former, analysis_code
from index.generations import publish
from index.lexical import FIELDS, Lexical
from index.vector_cache import CachedEncoder

FORMAT = 6
"""Raised whenever the files of a generation change their meaning."""

CACHE = "cache"
PROBES, PROBE = 5, 200
"""How many passages are searched for before publication, each by its first characters."""

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
    former: Former | None = None,
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
        former: The generation in use, when the caller has opened it.

    Raises:
        ValueError: If the library has no passage: there would be nothing to find.
        IndexBusy: If another builder is at work.
        IndexUnwritable: If the disk refuses.
    """
    began = time.perf_counter()
    say = progress or (lambda stage, done, total: None)
    passages = library.passages
    if not passages:
        raise ValueError(nothing_in(library))
    questions = editorial_questions()
    places = places_of(questions, passages)
    told = learnt.identity(questions, encoder.fingerprint) + json.dumps(places, sort_keys=True)
    facts = identity(library.sha256, encoder) | {
        "expansions": sha256(told.encode()).hexdigest(),
        "analysis": analysis_code(),
    }
    texts = texts_of(passages)
    size = (len(library.documents), len(passages), len(texts.texts))
    known = former or (Former.nothing() if force else Former.of(root))
    if not force and known.holds(facts):
        return BuildReport(known.generation, False, *size, time.perf_counter() - began)
    say("lexical", 0, len(passages))
    files = Lexical.build(passages, known.lexical, known.rows(passages)).to_files()
    say("embedding", 0, len(texts.texts))
    vectors = CachedEncoder(encoder, root / CACHE).encode_passages(texts.texts)
    files |= Dense.build(vectors, texts.owners, len(passages)).to_files()
    say("embedding", len(texts.texts), len(texts.texts))
    files |= build_asked(questions, places, encoder, root / CACHE, say).to_files()
    files |= stored.to_files(library.documents, passages)
    spelling = {"forms": known.forms(library.documents), "others": sorted(trade().vocabulary)}
    files["spelling.json"] = json.dumps(spelling, ensure_ascii=False).encode()
    say("publishing", 0, 1)
    counts = dict(zip(("documents", "passages", "vectors"), size, strict=True))
    made = publish(root, files, facts | {"counts": counts}, check=_opens(encoder))
    return BuildReport(made, True, *size, time.perf_counter() - began)


def nothing_in(library: Library) -> str:
    """What to say of a library without a passage."""
    return f"no passage in {library.folder}: add a document with text to it"


def bring_up_to_date(
    sources: Path | None,
    root: Path,
    encoder: Callable[[], Encoder],
    progress: Progress | None = None,
    *,
    force: bool = False,
) -> BuildReport:
    """Build the index of a folder of sources, reading and analysing only what is new in it.

    Args:
        sources: The folder; the product's own by default.
        root: Folder of the index; made if need be.
        encoder: Called once the documents are read.
        progress: As for :func:`build`.
        force: Read, analyse and publish everything anew.

    Raises:
        CorpusError: If a document cannot be read.
        EncoderUnavailable: If the encoder cannot be loaded.
        ValueError, IndexBusy, IndexUnwritable: As for :func:`build`.
    """
    former = Former.nothing() if force else Former.of(root)
    library = load_library(sources, known=former.documents)
    if not library.passages:
        raise SourceNotFound(nothing_in(library))
    return build(library, root, encoder(), progress, force=force, former=former)


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


def _opens(encoder: Encoder) -> Callable[[Mapping[str, bytes]], None]:
    """A check before publication: what was written opens, and finds a passage by its own words."""

    def check(files: Mapping[str, bytes]) -> None:
        from index.open import Index

        index = Index.from_files(files, encoder)
        for passage in index.passages[:: max(1, len(index.passages) // PROBES)]:
            probe = passage.text[:PROBE]
            if words(probe) and not index.retriever.search(probe, 1):
                raise IndexDamaged(f"nothing is found for the text of {passage.id}: build again")

    return check
