"""A tiny corpus and a real encoder without weights, for tests of the index."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus.passage import Kind, Passage
from index.asked import Asked
from index.dense import Dense, texts_of
from index.encoder import Vectors
from index.lexical import Lexical
from index.retriever import Retriever
from index.spelling import Spelling


def passage(
    name: str,
    text: str,
    kind: Kind = "guide",
    ref: str = "Guide, « T »",
    *,
    section: tuple[str, ...] = (),
    source: str = "guide",
    item: str | None = None,
    cites: tuple[str, ...] = (),
    force: tuple[str | None, str | None] = (None, None),
) -> Passage:
    return Passage(
        id=name, kind=kind, ref=ref, title=section[-1] if section else "", section=section,
        text=text, source=source, start=0, end=len(text), item=item, cites=cites,
        in_force_from=force[0], in_force_to=force[1],
    )  # fmt: skip


LAW = (
    passage("p1", "Le secret couvre le nom des patients.", section=("Grands principes",)),
    passage("p2", "L’officier de police judiciaire requiert des documents. Il insiste beaucoup."),
    passage("p3", "Est puni d’un an d’emprisonnement et de 15 000 euros d’amende.", "article",
            "CP, art. 226-13", source="code"),
    passage("p4", "1° A celui qui informe les autorités judiciaires.", "article",
            "CP, art. 226-14", item="1°", source="code", force=("2020-08-01", None)),
    passage("p5", "4° Aux professionnels qui informent le préfet d’une arme.", "article",
            "CP, art. 226-14", item="4°", source="code", force=("2014-01-01", "2020-08-01")),
    passage("p6", "La chambre a sanctionné un kinésithérapeute.", "decision",
            "CDN MK, 04/06/2021, n° 012-2020", cites=("CPP, art. 60-1",)),
)  # fmt: skip


class Letters:
    """Counts of letters as vectors: a real, deterministic encoder that needs no weights."""

    name = "letters"
    fingerprint = "letters-1"
    dimension = 26

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), 26), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    row[ord(letter) - 97] += 1
            row /= max(float(np.linalg.norm(row)), 1e-9)
        return rows

    encode_queries = encode_passages


def retriever(passages: Sequence[Passage] = LAW, asked: Asked | None = None) -> Retriever:
    texts = texts_of(passages)
    dense = Dense.build(Letters().encode_passages(texts.texts), texts.owners, len(passages))
    forms = {w: 1 for p in passages for w in p.text.lower().replace(".", "").split()}
    lexical, spelling = Lexical.build(passages), Spelling(forms)
    return Retriever(passages, lexical, dense, Letters(), spelling, asked=asked)
