"""The large corpus and the questions of `evaluation.bench_stores`; always the same for a size."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from corpus.library import Library, load_library
from corpus.passage import Document, Kind, Passage
from corpus.text import sentence_spans

SHARES: Mapping[Kind, float] = {"guide": 0.1, "article": 0.6, "decision": 0.3}
SOURCES = 100


def gold_questions() -> list[str]:
    """The questions of the gold set that ask for an answer."""
    folder = Path(__file__).parent / "gold"
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.open("rb")]
    return [row["question"] for row in map(json.loads, lines) if row.get("evidence")]


def made_library(size: int) -> Library:
    """A library of ``size`` passages of one sentence, in `SOURCES` documents."""
    chance = random.Random(size)  # noqa: S311 - a reproducible corpus, not a secret
    library = load_library()
    sentences = [
        passage.text[start:end].split()
        for passage in library.passages
        for start, end in sentence_spans(passage.text)
        if end - start >= 40
    ]
    kinds = chance.choices(list(SHARES), list(SHARES.values()), k=SOURCES)
    documents = []
    for number, kind in enumerate(kinds):
        source = replace(library.documents[0].source, id=f"source-{number}", kind=kind)
        parts, start = [], 0
        passages: list[Passage] = []
        for place in range(number, size, SOURCES):
            one, other = chance.choice(sentences), chance.choice(sentences)
            words = (*one[: len(one) // 2 + 1], *other[len(other) // 2 :], str(place))
            # Two spaces: the words of no editorial question's sentence stand there, which would
            # otherwise bring a million copies of those questions into the index.
            text = "  ".join(words).replace(".", ",") + "."
            passages.append(Passage(
                f"{kind}/{place}", kind, f"Référence {place}", f"Titre {number}", (), text,
                source.id, start, start + len(text),
            ))  # fmt: skip
            parts.append(text)
            start += len(text) + 1
        documents.append(Document(source, "\n".join(parts), tuple(passages)))
    return Library(library.folder, tuple(documents))
