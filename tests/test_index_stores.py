"""The shared index answers as the folder does, and publishes whole or not at all."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faults import ended, forked
from postgres import address, any_server, new_database

from index.__main__ import main
from index.errors import IndexBusy, IndexDamaged, IndexMissing, IndexStale, IndexUnreachable
from index.generations import open_current
from index.open import Index, open_index
from qa.answer import Answer
from qa.pipeline import Engine

psycopg = pytest.importorskip("psycopg", reason="pip install '.[postgres]'")
from psycopg import sql  # noqa: E402 - after the skip

from index.stores import (  # noqa: E402
    candidates,
    open_store,
    retriever,
    rollback_store,
    upload,
    verify_store,
)
from index.stores.database import shown  # noqa: E402
from index.stores.opening import StoreIndex  # noqa: E402

pytestmark = pytest.mark.slow

__all__ = ["address", "any_server"]

Record = Callable[[str, object], None]
QUESTIONS = (
    "Puis-je révéler à la police qu’un patient est blessé ?",
    "art. L. 1110-4 du code de la santé publique",
    "Que risque le kiné qui parle d’un patient à son conjoint ?",
    "article 226-14 4°",
    "seccret profesionnel et mineurs",
    "assureur",
    "le la les",
)


@pytest.fixture(scope="module")
def folder(real_root: Path) -> Path:
    return real_root


@pytest.fixture(scope="module")
def local(folder: Path) -> Index:
    return open_index(folder)


@pytest.fixture(scope="module")
def shared_address(any_server: Any, folder: Path) -> str:
    place = new_database(any_server)
    upload(open_current(folder), place)
    return place


@pytest.fixture(scope="module")
def shared(shared_address: str) -> Iterator[StoreIndex]:
    index = open_store(shared_address)
    yield index
    index.close()


@contextlib.contextmanager
def opened(address: str) -> Iterator[StoreIndex]:
    index = open_store(address)
    try:
        yield index
    finally:
        index.close()


def current(address: str) -> str:
    with opened(address) as index:
        assert index.notice is None
        return index.generation


FILTERS: tuple[dict[str, Any], ...] = (
    {}, {"kinds": ["article"]}, {"kinds": ["guide", "decision"]}, {"day": "2020-01-01"},
    {"sources": []}, {"sources": ["no such source"]},
)  # fmt: skip


@pytest.mark.parametrize("filters", FILTERS, ids=str)
@pytest.mark.parametrize("question", QUESTIONS)
def test_both_homes_answer_alike(
    local: Index, shared: StoreIndex, question: str, filters: dict[str, Any]
) -> None:
    """Same passages, order, signals and words; scores to the rounding of a dot product."""
    here = local.retriever.search(question, 10, **filters)
    there = shared.retriever.search(question, 10, **filters)
    assert [(h.passage, h.rank, h.matched) for h in here] == [
        (h.passage, h.rank, h.matched) for h in there
    ]
    for one, other in zip(here, there, strict=True):
        assert one.score == pytest.approx(other.score, abs=2e-4)
        assert dict(one.signals) == pytest.approx(dict(other.signals), abs=2e-3)


@pytest.mark.parametrize("question", QUESTIONS[:6])
def test_candidates_hold_the_folder_s_best(
    local: Index, shared: StoreIndex, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With proposers at work, as in a large corpus, the best answer is the same."""
    monkeypatch.setattr(retriever, "ALL_BELOW", 0)
    monkeypatch.setattr(retriever, "BY_VECTOR", 60)
    here = [hit.passage.id for hit in local.retriever.search(question, 5)]
    there = [hit.passage.id for hit in shared.retriever.search(question, 5)]
    assert here[0] == there[0]
    assert len(set(here) & set(there)) >= 4


def test_filters_hold_when_candidates_are_proposed(
    shared: StoreIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retriever, "ALL_BELOW", 0)
    sources = sorted({passage.source for passage in shared.passages})
    for source in sources[:4]:
        hits = shared.retriever.search(QUESTIONS[0], 10, sources=[source])
        assert hits and {hit.passage.source for hit in hits} == {source}


def test_the_index_reads_as_the_folder_s(local: Index, shared: StoreIndex) -> None:
    assert tuple(shared.passages) == local.passages and len(shared.passages) == len(local.passages)
    assert shared.passages[-1] == local.passages[-1] and shared.passages[:2] == local.passages[:2]
    assert shared.documents == local.documents
    source = local.documents[0].source.id
    assert shared.document_text(source) == local.document_text(source)
    assert shared.passage(local.passages[3].id) == local.passages[3]
    for missing in (shared.document_text, shared.passage):
        with pytest.raises(KeyError):
            missing("no such id")
    assert shared.is_current() and shared.notice is None


def test_it_opens_by_its_address(shared_address: str) -> None:
    index = open_index(shared_address)
    assert isinstance(index, StoreIndex)
    index.close()


def test_verifying_finds_every_changed_row(folder: Path, address: str) -> None:
    made = upload(open_current(folder), address)
    assert verify_store(address) == ()
    schema = sql.Identifier(f"secretpro_g{made[:8]}")
    changes = {
        "passage": "UPDATE {}.passage SET body = replace(body, 'e', 'é') WHERE \"row\" = 1",
        "weights": "UPDATE {}.passage SET weights = set_byte(weights, 0, get_byte(weights, 0) # 1)",
        "document": "DELETE FROM {}.document WHERE place = 0",
        "vectors": "UPDATE {}.vector_guide SET embedding = embedding * embedding WHERE part < 3",
    }
    for name, change in changes.items():
        with psycopg.connect(address) as connection:
            connection.execute(sql.SQL(change).format(schema))
        assert any(f"the {name} rows" in problem for problem in verify_store(address)), name


def test_nothing_there_says_so(address: str) -> None:
    for act in (open_store, verify_store, rollback_store):
        with pytest.raises(IndexMissing, match="python -m index build"):
            act(address)


def test_no_server_says_so_and_keeps_the_password() -> None:
    place = "postgresql://reader:hunter2@127.0.0.1:1/none"
    with pytest.raises(IndexUnreachable, match="does not answer") as caught:
        open_store(place)
    assert "hunter2" not in str(caught.value)
    assert shown(place) == "postgresql://reader:***@127.0.0.1:1/none"


def test_another_encoder_is_refused(shared_address: str) -> None:
    class Other:
        name, fingerprint, dimension = "other", "0" * 64, 8

        def encode_queries(self, texts: Any) -> Any:
            return np.zeros((len(texts), 8), np.float32)

        encode_passages = encode_queries

    with pytest.raises(IndexStale, match="encoder"):
        open_store(shared_address, Other())


def test_publishing_again_and_rolling_back(folder: Path, address: str) -> None:
    first = upload(open_current(folder), address)
    with opened(address) as before:
        second = upload(open_current(folder), address)
        assert second > first and current(address) == second
        assert not before.is_current()
        assert before.retriever.search(QUESTIONS[0], 3), "a reader keeps what it opened"
    assert rollback_store(address) == first
    assert current(address) == first
    with pytest.raises(IndexMissing):
        rollback_store(address, "00000099-" + "0" * 16)
    assert rollback_store(address, second) == second
    assert current(address) == second


def test_a_damaged_generation_gives_way_with_a_notice(folder: Path, address: str) -> None:
    first = upload(open_current(folder), address)
    second = upload(open_current(folder), address)
    with psycopg.connect(address) as connection:
        connection.execute("UPDATE secretpro.generation SET spelling = 'x' WHERE id = %s", [second])
    with opened(address) as index:
        assert index.generation == first and index.notice is not None
    with psycopg.connect(address) as connection:
        connection.execute(f"DROP SCHEMA secretpro_g{first[:8]} CASCADE")
    with pytest.raises(IndexDamaged):
        open_store(address)


def test_the_command_line_builds_verifies_and_goes_back(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("SECRETPRO_DATA", str(tmp_path))
    monkeypatch.setenv("SECRETPRO_INDEX", address)
    assert main(["verify"]) == 2
    assert main(["build", "--json"]) == 0
    assert main(["build"]) == 0
    assert main(["verify"]) == 0
    assert main(["search", "art. 226-13", "-k", "1"]) == 0
    assert main(["rollback"]) == 2, "there is none before"
    said = capsys.readouterr().out
    assert (
        '"built": true' in said and "up to date: " in said and "whole: generation 00000001-" in said
    )
    assert "CP, art. 226-13" in said


def test_the_engine_answers_from_it(local: Index, shared: StoreIndex) -> None:
    here, there = (Engine(index).ask(QUESTIONS[0]) for index in (local, shared))
    assert isinstance(here, Answer) and isinstance(there, Answer)
    assert there.sentences == here.sentences
    assert [c.quote for c in there.citations] == [c.quote for c in here.citations]


def test_a_second_builder_is_told_who_holds_the_lock(folder: Path, address: str) -> None:
    with psycopg.connect(address) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(%s)", [0x5EC8E7])
        with pytest.raises(IndexBusy, match=r"session \d+ of .* wait for it"):
            upload(open_current(folder), address)
    upload(open_current(folder), address)


def test_a_builder_killed_leaves_a_whole_generation(folder: Path, address: str) -> None:
    """The former one, or the new one when it died after the commit."""
    last = upload(open_current(folder), address)
    for delay in (0.05, 0.15, 0.3, 0.5):
        child = forked(lambda: bool(upload(open_current(folder), address)) and 0)
        timer = threading.Timer(delay, os.kill, (child, signal.SIGKILL))
        timer.start()
        status = ended(child)
        timer.cancel()
        found = current(address)
        assert found > last if status == 0 else found >= last
        last = found
    assert verify_store(address) == ()


@pytest.mark.parametrize(
    ("limit", "allowed", "total", "iterative", "expected"),
    [
        (10, 100_000, 100_000, False, "hnsw.ef_search = 500"),
        (10, 10_000, 100_000, False, "hnsw.ef_search = 500"),
        (10, 6_000, 100_000, False, "hnsw.ef_search = 667"),
        (100, 6_000, 100_000, False, "enable_indexscan = off"),
        (100, 6_000, 100_000, True, "hnsw.iterative_scan = strict_order"),
        (10, 5_000, 100_000, True, "enable_indexscan = off"),
    ],
)
def test_the_plan_keeps_its_recall_under_a_filter(
    limit: int, allowed: int, total: int, iterative: bool, expected: str
) -> None:
    nearest = candidates.Nearest(sql.Identifier("x"), (), iterative)
    assert expected in nearest.plan(limit, allowed, total)
