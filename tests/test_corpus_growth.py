"""What one more document costs a library that is already large."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
from test_corpus_decisions import CASES, as_pdf

from corpus.library import DEFAULT_FOLDER, load_library
from corpus.staging import Staging
from evaluation.bench_corpus import passages
from index.build import bring_up_to_date
from index.dense import texts_of
from index.encoder import Encoder, Vectors, load_encoder
from index.open import open_index

pytestmark = pytest.mark.slow

PASSAGES = 2_000


class Counting:
    """The product's own encoder, keeping the texts that it is given."""

    def __init__(self, encoder: Encoder) -> None:
        self.encode_queries = encoder.encode_queries
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension = encoder.dimension
        self.given: list[str] = []
        self._encoder = encoder

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        return self._encoder.encode_passages(texts)


def large(folder: Path) -> Path:
    """The guide and long notes: two thousand passages about as long as the guide's own."""
    sources = Path(shutil.copytree(DEFAULT_FOLDER, folder / "sources"))
    (sources / "manifest.json").unlink()
    made = passages(3 * PASSAGES)
    for number in range(40):
        text = "\n\n".join(islice(made, PASSAGES // 14))
        (sources / f"note-{number}.txt").write_text(text, encoding="utf-8")
    return sources


def test_one_more_decision_embeds_nothing_but_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the PDF in hand to an index that finds it, embedding nothing that was there before."""
    sources, place = large(tmp_path), tmp_path / "index"
    encoder = Counting(load_encoder("embedded"))
    assert bring_up_to_date(sources, place, lambda: encoder).passages >= PASSAGES
    staging = Staging.of(sources)
    taken: list[float] = []
    for case in CASES[:3]:
        data = as_pdf(case)
        encoder.given.clear()
        began = time.perf_counter()
        staged = staging.stage(data, "decision.pdf", "Anne")
        staging.preview(staged.id)
        source = staging.approve(staged.id, "Paul")
        report = bring_up_to_date(sources, place, lambda: encoder)
        taken.append(time.perf_counter() - began)
        added = load_library(sources).document(source.id)
        new = set(texts_of(added.passages).texts)
        asked = {text for text in encoder.given if text not in new}
        assert encoder.given, "nothing was embedded"
        assert asked == set(), "something that was there before was embedded again"
        assert report.built
        (hit, *_) = open_index(place).retriever.search(case["ref"], 1)
        assert hit.passage.source == source.id
    with capsys.disabled():
        print(f"\none more decision in {report.passages} passages: {min(taken):.1f} s")
