"""What a generation takes over from the one before it: the same bytes as if all were done anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import DEFAULT_FOLDER, load_library
from corpus.readers import read_document
from index import former
from index.build import bring_up_to_date
from index.counts import Counts
from index.encoder import load_encoder
from index.generations import open_current

TERMS = st.lists(st.sampled_from(["a", "b", "c", "dé", "e"]), max_size=6)


@given(st.lists(TERMS, max_size=6), st.data())
def test_counts_taken_over_equal_counts_made_anew(
    documents: list[list[str]], data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.integers(-1, len(documents) - 1), max_size=6, unique=True))
    new = [data.draw(TERMS) for _ in rows]
    wanted = [documents[row] if row >= 0 else terms for row, terms in zip(rows, new, strict=True)]
    given_ = [None if row >= 0 else terms for row, terms in zip(rows, new, strict=True)]
    taken = Counts.build(given_, Counts.build(documents), rows)
    assert taken.to_files("f") == Counts.build(wanted).to_files("f")


def test_counts_by_hand() -> None:
    counts = Counts.build([["b", "a", "b"], [], ["b"]])
    assert (counts.terms, counts.size) == (("a", "b"), 3)
    assert counts.indptr.tolist() == [0, 1, 3]
    assert counts.indices.tolist() == [0, 0, 2]
    assert counts.counts.tolist() == [1, 2, 1]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A short guide of the client's own text, and room for more."""
    folder = tmp_path / "sources"
    folder.mkdir()
    guide = next(DEFAULT_FOLDER.glob("*.txt")).read_text(encoding="utf-8")
    (folder / "guide.txt").write_text(guide[:6_000], encoding="utf-8")
    (folder / "note.txt").write_text("Le secret s’impose.\n\nIl protège.", encoding="utf-8")
    return folder


def published(sources: Path, place: Path) -> dict[str, bytes]:
    bring_up_to_date(sources, place, lambda: load_encoder("embedded"))
    return dict(open_current(place).files)


@pytest.mark.slow
def test_documents_added_changed_and_removed_give_the_bytes_of_a_fresh_build(
    sources: Path, tmp_path: Path
) -> None:
    place = tmp_path / "index"
    published(sources, place)
    (sources / "ajout.txt").write_text("Une décision du 3 mars 2021 le dit.", encoding="utf-8")
    (sources / "note.txt").write_text("Le secret s’impose au kinésithérapeute.", encoding="utf-8")
    assert published(sources, place) == published(sources, tmp_path / "fresh-1")
    (sources / "guide.txt").unlink()
    assert published(sources, place) == published(sources, tmp_path / "fresh-2")


@pytest.mark.slow
def test_only_what_is_new_is_read_and_analysed(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "index"
    published(sources, place)
    (sources / "ajout.txt").write_text("Une phrase de plus au sujet du secret.", encoding="utf-8")
    known = former.Former.of(place)
    read: list[str] = []
    monkeypatch.setattr(
        "corpus.library.read_document",
        lambda source, data: (read.append(source.id), read_document(source, data))[1],
    )
    library = load_library(sources, known.documents)
    assert read == ["ajout"]
    rows = known.rows(library.passages)
    assert [p.source for p, row in zip(library.passages, rows, strict=True) if row < 0] == ["ajout"]
    assert library.documents == load_library(sources).documents


@pytest.mark.slow
def test_the_whole_guide_read_again_from_an_index_is_the_guide(tmp_path: Path) -> None:
    sources = Path(shutil.copytree(DEFAULT_FOLDER, tmp_path / "sources"))
    published(sources, tmp_path / "index")
    known = former.Former.of(tmp_path / "index")
    assert load_library(sources, known.documents).documents == load_library(sources).documents
    assert known.documents


@pytest.mark.slow
def test_another_version_of_the_code_takes_nothing_over(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(sources, tmp_path / "index")
    monkeypatch.setattr(former, "analysis_code", lambda: "another")
    assert former.Former.of(tmp_path / "index") == former.Former.nothing()
    assert former.Former.of(tmp_path / "nowhere") == former.Former.nothing()


def test_a_damaged_generation_gives_nothing(sources: Path, tmp_path: Path) -> None:
    published(sources, tmp_path / "index")
    (file,) = (tmp_path / "index" / "gen").glob("*/lexical-terms-counts.npy")
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    assert former.Former.of(tmp_path / "index") == former.Former.nothing()
