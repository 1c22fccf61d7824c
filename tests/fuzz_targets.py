"""What the parsers owe to any bytes at all: a value that keeps its word, or their own clear error.

Each target takes bytes and raises only when a promise is broken. Hypothesis feeds them by default;
`fuzz.py` feeds them by coverage for as long as is wanted; ``data/findings`` holds, by target, every
input that once broke one, and some of those by which the fuzzer reached new branches: all of them
are replayed by every run of the tests.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from corpus.errors import SourceRefused
from corpus.guide import read_guide
from corpus.law import read_article
from corpus.passage import Document, Source
from corpus.readers import decode, read_document
from corpus.references import canonical, find_references
from corpus.text import repair, sentence_spans
from evaluation.errors import GoldFileError
from evaluation.gold import read_gold
from index.commands import UsageError, _questions
from index.errors import IndexDamaged
from index.manifest import POINTER, read_pointer
from qa.errors import MaskingFailed, QuestionError
from qa.privacy import mask
from qa.question import read

FINDINGS = Path(__file__).parent / "data" / "findings"
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _text(data: bytes, most: int = 20_000) -> str:
    return data.decode("utf-8", "replace")[:most]


def _verbatim(document: Document) -> None:
    """A citation is a slice of the cleaned text: this is what every parser owes."""
    for passage in document.passages:
        assert document.text[passage.start : passage.end] == passage.text, passage.id
        assert passage.text.strip(), passage.id
    ids = [passage.id for passage in document.passages]
    assert len(ids) == len(set(ids)), "an id was given twice"


def references(data: bytes) -> None:
    """References are slices in order, and each canonical form is found again as itself."""
    text = _text(data)
    end = 0
    for reference in find_references(text):
        assert 0 <= reference.start < reference.end <= len(text)
        assert reference.start >= end, "references overlap"
        end = reference.end
        if reference.kind == "article":
            assert canonical(reference.canonical) == reference.canonical


def repaired(data: bytes) -> None:
    """Repair is stable, keeps every letter and digit, and its sentences cover the text."""
    text = repair(_text(data))
    assert "\r" not in text and "\u00ad" not in text
    end = 0
    for start, stop in sentence_spans(text):
        assert end <= start < stop <= len(text)
        assert not text[end:start].strip(), "a character belongs to no sentence"
        assert text[start:stop] == text[start:stop].strip()
        end = stop
    assert not text[end:].strip(), "the end of the text belongs to no sentence"


def law(data: bytes) -> None:
    """A LEGI file is a document with an article's text in slices, or is refused."""
    with contextlib.suppress(SourceRefused):  # with its reason: that is the promise
        document = read_article(_source(".xml"), data)
        _verbatim(document)
        assert document.passages


def _source(suffix: str) -> Source:
    return Source("fuzz", "Fuzz", "decision", Path(f"fuzz{suffix}"), "0" * 64)


def documents(data: bytes) -> None:
    """A plain text is a document whose passages are slices of it, or is refused."""
    with contextlib.suppress(SourceRefused):  # with its reason: that is the promise
        _verbatim(read_document(_source(".txt"), data))


def decisions(data: bytes) -> None:
    """The same for a text that looks like a decision."""
    head = "CHAMBRE DISCIPLINAIRE DE PREMIERE INSTANCE DE L’ORDRE DES MASSEURS-KINESITHERAPEUTES\n"
    documents((head + "N° 2020/34-021\nDECIDE :\n").encode() + data)


def guide(data: bytes) -> None:
    """The same for the guide's parser, which guesses headings from the layout."""
    with contextlib.suppress(SourceRefused):  # with its reason: that is the promise
        _verbatim(read_guide(_source(".txt"), decode(data, "fuzz.txt")))


def json_lines(data: bytes) -> None:
    """A batch is a list of questions, or the line that is wrong is named."""
    try:
        for question in _questions(_text(data).splitlines()):
            assert isinstance(question.text, str)
    except UsageError as error:
        assert "line " in str(error)


def gold(data: bytes) -> None:
    """A gold file is read whole, or refused with the line that is wrong."""
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        path = Path(folder) / "gold.jsonl"
        path.write_bytes(data)
        with contextlib.suppress(GoldFileError):  # with its reason: that is the promise
            read_gold(path)


def pointer(data: bytes) -> None:
    """A pointer is exactly what a publication writes, or is damaged."""
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        (Path(folder) / POINTER).write_bytes(data)
        with contextlib.suppress(IndexDamaged):  # said to be damaged: that is the promise
            assert read_pointer(Path(folder)).as_bytes() == data


def question(data: bytes) -> None:
    """A question is understood or refused; masked, it can be masked again without a change."""
    text = _text(data, 3_000)
    try:
        read(text)
        masked = mask(text)
    except (QuestionError, MaskingFailed):
        return
    assert masked.text is not None


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        references, repaired, law, documents, decisions, guide, json_lines, gold, pointer, question,
    )
}  # fmt: skip
