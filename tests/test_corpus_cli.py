"""``python -m corpus`` and the library of sources."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from corpus.__main__ import main
from corpus.errors import ManifestInvalid, SourceChanged, SourceNotFound
from corpus.library import DEFAULT_FOLDER, load_library
from corpus.passage import Passage


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_FOLDER, tmp_path / "sources"))


def test_passages_as_json_lines_read_back_equal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["passages", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert tuple(Passage.from_json(json.loads(line)) for line in lines) == load_library().passages


def test_list_names_the_source_its_hash_and_its_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["kind"], row["passages"]) == ("guide-cnomk", "guide", 62)
    assert row["sha256"] == load_library().documents[0].source.sha256


def test_a_folder_without_a_manifest_is_read_file_by_file(tmp_path: Path) -> None:
    shutil.copy(DEFAULT_FOLDER / "guide-secret-professionnel.txt", tmp_path / "Mon guide.txt")
    library = load_library(tmp_path)
    assert [d.source.title for d in library.documents] == ["Mon guide"]
    assert [p.text for p in library.passages] == [p.text for p in load_library().passages]


def test_a_changed_file_is_named_and_not_read(
    sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (sources / "guide-secret-professionnel.txt").write_text("autre", encoding="utf-8")
    with pytest.raises(SourceChanged, match="guide-secret-professionnel"):
        load_library(sources)
    assert main(["check", "--sources", str(sources)]) == 1
    assert "sha256" in capsys.readouterr().out


def test_a_missing_file_and_a_broken_manifest_are_named(sources: Path) -> None:
    (sources / "guide-secret-professionnel.txt").unlink()
    with pytest.raises(SourceNotFound, match="restore the file"):
        load_library(sources)
    (sources / "manifest.json").write_text('{"sources": [{}]}', encoding="utf-8")
    with pytest.raises(ManifestInvalid):
        load_library(sources)


def test_a_missing_folder_exits_2_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", "--sources", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
