"""The real index damaged, byte by byte; and vectors' headers made to harm, past the hashes."""

from __future__ import annotations

import random
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import pytest
from faults import damaged, ended, forked

from corpus.library import load_library
from index.build import build
from index.dense import deserialise
from index.encoder import load_encoder
from index.generations import open_current, verify
from index.open import open_index

pytestmark = pytest.mark.slow

Record = Callable[[str, object], None]
KINDS = ("flip", "flip", "flip", "flip", "truncate", "zero")
QUESTION = "Que risque un kinésithérapeute qui viole le secret professionnel ?"
HEADER = 64  # bytes of a flat faiss index before its vectors
HEADERS = 200


def test_the_bytes_of_the_real_index_damaged(
    real_root: Path, tmp_path: Path, record_property: Record
) -> None:
    """Every file of a built index in turn, manifest and pointer too: noticed by who opens it."""
    root = Path(shutil.copytree(real_root, tmp_path / "index"))
    encoder = load_encoder("embedded")
    build(load_library(), root, encoder, force=True)
    generation = open_current(root).id
    targets = [root / "CURRENT", *sorted((root / "gen" / generation).iterdir())]
    chance = random.Random(300)
    trials = 300 // len(targets) * len(targets) + len(targets)
    for trial in range(trials):
        target, kind = targets[trial % len(targets)], KINDS[trial // len(targets) % len(KINDS)]
        sound = target.read_bytes()
        target.write_bytes(damaged(sound, kind, chance))
        opened = open_current(root)
        assert opened.notice is not None, f"{kind} in {target.name} went unseen"
        assert (opened.id == generation) == (target.name == "CURRENT")
        assert verify(root), f"{kind} in {target.name} went unseen by verify"
        target.write_bytes(sound)
    assert trials >= 300 and len(targets) > 10
    what = f"flips, truncations and zeroed pages, over the {len(targets)} files of a real index"
    record_property("reliability", f"1|{what}|{trials}|damages")


def test_a_damaged_index_answers_as_before(real_root: Path, tmp_path: Path) -> None:
    """What is served in the place of a damaged generation gives the same passages and scores."""
    root = Path(shutil.copytree(real_root, tmp_path / "index"))
    encoder = load_encoder("embedded")
    build(load_library(), root, encoder, force=True)

    def found() -> list[tuple[str, float]]:
        hits = open_index(root, encoder).retriever.search(QUESTION, 10)
        return [(hit.passage.id, hit.score) for hit in hits]

    expected = found()
    chance = random.Random(1)
    for target in sorted((root / "gen" / open_current(root).id).iterdir()):
        sound = target.read_bytes()
        target.write_bytes(damaged(sound, "flip", chance))
        assert open_index(root, encoder).notice is not None
        assert found() == expected, target.name
        target.write_bytes(sound)


def test_a_header_made_to_harm_is_refused_or_read(record_property: Record) -> None:
    """Had such bytes a right hash: neither a crash, nor a hang, nor all of the memory."""
    index = faiss.IndexFlatIP(32)
    index.add(np.eye(32, dtype=np.float32))
    sound = faiss.serialize_index(index).tobytes()
    chance = random.Random(HEADERS)

    def read(data: bytes) -> int:
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        signal.alarm(20)
        try:
            opened = deserialise(data)
        except ValueError:
            return 3
        if isinstance(opened, faiss.IndexFlatIP) and opened.d == 32 and opened.ntotal:
            opened.search(np.ones((1, 32), np.float32), 3)
        return 0

    codes = []
    for _ in range(HEADERS):
        rotten = bytearray(sound)
        for _ in range(chance.randrange(1, 9)):
            rotten[chance.randrange(HEADER)] = chance.randrange(256)
        codes.append(ended(forked(lambda data=bytes(rotten): read(data))))
    assert set(codes) <= {0, 3}, f"a child ended with {sorted(set(codes))}"
    assert codes.count(3) > HEADERS / 4, "hardly anything was refused: the test showed little"
    what = "damaged headers of faiss, no crash and no hang under our limits"
    record_property("reliability", f"2|{what}|{HEADERS}|headers")
