"""What the generation in use spares the next one: documents read, passages analysed, words counted.

All of it was hashed when it was opened, and all of it can be had again from the sources: with
another version of the code that reads or analyses, none is taken over.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import corpus
from corpus.passage import Document, Passage
from index.analysis import words
from index.errors import IndexDamaged, IndexMissing
from index.generations import open_current
from index.lexical import Lexical
from index.stored import documents_of, passages_of

_INDEX = Path(__file__).parent
_CORPUS = Path(corpus.__file__).parent
_CODE = (
    *(path for kind in ("*.py", "*.toml", "*.txt") for path in sorted(_CORPUS.glob(kind))),
    *sorted((_CORPUS / "pdf").glob("*.py")),
    *(_INDEX / name for name in ("analysis.py", "concepts.py", "lexical.py", "counts.py")),
    *sorted((_INDEX / "data").iterdir()),
)


@cache
def analysis_code() -> str:
    """Hash of the code and word lists that make passages of a file, and terms of a passage."""
    digest = sha256()
    for path in _CODE:
        if path.is_file():
            digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Former:
    """A former generation, as far as the next may use it; or nothing.

    Attributes:
        generation: Its id.
        info: What its manifest records.
        documents: As they were read; a source's ``path`` is its file's name only.
        passages: Of all documents, in the order of the lexical rows.
        lexical: Over the passages.
        counts: Words of all documents, and how often each stands in them.
    """

    generation: str
    info: Mapping[str, Any]
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    lexical: Lexical | None
    counts: Mapping[str, int]

    @classmethod
    def nothing(cls) -> Former:
        """When everything is to be read and analysed."""
        return cls("", {}, (), (), None, {})

    @classmethod
    def of(cls, root: Path) -> Former:
        """The generation in use; nothing, if there is none that this version of the code made."""
        try:
            generation = open_current(root)
        except (IndexMissing, IndexDamaged):
            return cls.nothing()
        if generation.notice or generation.info.get("analysis") != analysis_code():
            return cls.nothing()
        try:
            passages = passages_of(generation.files)
            documents = documents_of(generation.files, passages)
            counts = json.loads(generation.files["spelling.json"])["forms"]
            lexical = Lexical.from_files(generation.files)
        except (KeyError, ValueError, TypeError):
            return cls.nothing()
        info = generation.info
        return cls(generation.id, info, documents, passages, lexical, counts)

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is just what a build of these facts would make."""
        return all(self.info.get(name) == fact for name, fact in facts.items())

    def rows(self, passages: Sequence[Passage]) -> list[int]:
        """For each passage, the row of the former one with the same words; -1 if there is none."""
        known = {_analysed(passage): row for row, passage in enumerate(self.passages)}
        return [known.get(_analysed(passage), -1) for passage in passages]

    def forms(self, documents: Sequence[Document]) -> dict[str, int]:
        """Words of documents as written, and how often each stands in them, sorted."""
        before = Counter(document.text for document in self.documents)
        now = Counter(document.text for document in documents)
        counts = Counter(self.counts)
        for text, more in (now - before).items():
            counts.update({form: more * n for form, n in _forms(text).items()})
        for text, less in (before - now).items():
            counts.subtract({form: less * n for form, n in _forms(text).items()})
        return {form: counts[form] for form in sorted(counts) if counts[form] > 0}


def _analysed(passage: Passage) -> tuple[object, ...]:
    """All that the lexical fields see of a passage."""
    return passage.text, passage.section, passage.title, passage.ref


def _forms(text: str) -> Counter[str]:
    return Counter(word.form for word in words(text) if not word.exact)
