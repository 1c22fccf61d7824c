"""The product's whole retriever over synthetic passages, for the bench."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from corpus.passage import Passage
from index.dense import Dense, texts_of
from index.encoder import load_encoder
from index.lexical import Lexical
from index.retriever import Retriever
from index.spelling import Spelling


def build_whole(
    texts: Sequence[str], questions: Sequence[str], k: int
) -> Callable[[int], Sequence[int]]:
    """Build a retriever in memory; returns the search of the question of a number."""
    passages = [
        Passage(f"synthetic/{i}", "guide", "Banc", "Banc", (), text, "banc", 0, len(text))
        for i, text in enumerate(texts)
    ]
    encoder = load_encoder()
    rows = texts_of(passages)
    dense = Dense.build(encoder.encode_passages(rows.texts), rows.owners, len(passages))
    retriever = Retriever(passages, Lexical.build(passages), dense, encoder, Spelling({}))

    def search(q: int) -> Sequence[int]:
        hits = retriever.search(questions[q], k)
        return [int(hit.passage.id.removeprefix("synthetic/")) for hit in hits]

    return search
