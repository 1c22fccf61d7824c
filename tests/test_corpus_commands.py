"""`python -m corpus`: documents added, listed, checked and removed from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import legi_maker as legi
import pytest
import typeset
from forge import crafted, pdf, prose
from guide_library import sources
from test_corpus_decisions import CASES, parts

from corpus.__main__ import main
from corpus.library import load_library
from corpus.staging import Staging

__all__ = ["sources"]

PDF = pdf(prose(1), prose(2))
DECISION = "\n\n".join(text for _, text in parts(CASES[0])).encode()


@pytest.fixture
def files(tmp_path: Path) -> Iterator[dict[str, Path]]:
    made = {
        "note.pdf": PDF,
        "decision.txt": DECISION,
        "legi.xml": legi.article().encode(),
        "blanc.pdf": crafted()["white text"][0],
        "scan.pdf": crafted()["scan"][0],
    }
    place = tmp_path / "files"
    place.mkdir()
    for name, data in made.items():
        assert isinstance(data, bytes)
        (place / name).write_bytes(data)
    yield {name: place / name for name in made}


def corpus(*args: object) -> int:
    return main([str(arg) for arg in args])


def test_add_list_check_remove(
    sources: Path, files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("note.pdf", "decision.txt", "legi.xml"):
        assert corpus("add", files[name], "--sources", sources) == 0
    assert "cdn-mk-20-12-2013-n-922-2012" in capsys.readouterr().out
    assert corpus("list", "--json", "--sources", sources) == 0
    listed = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert {row["kind"] for row in listed.values()} == {"guide", "decision", "article"}
    assert listed["csp-r-4321-55-2008-11-05"]["in_force_from"] == "2008-11-05"
    assert corpus("check", "--sources", sources) == 0
    assert corpus("remove", "note", "--sources", sources) == 0
    assert corpus("remove", "note", "--sources", sources) == 2
    capsys.readouterr()
    assert corpus("list", "--json", "--sources", sources) == 0
    assert "note" not in {row["id"] for row in json.loads(capsys.readouterr().out)}


def test_add_refuses_with_one_line_and_leaves_nothing(
    sources: Path, files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert corpus("add", files["scan.pdf"], "--sources", sources) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "numérisation" in error
    assert Staging.of(sources).pending() == ()
    assert corpus("add", sources / "none.pdf", "--sources", sources) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_flagged_documents_wait_for_confirmation(
    sources: Path, files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert corpus("add", files["blanc.pdf"], "--sources", sources) == 2
    said = capsys.readouterr()
    assert "texte caché" in said.out
    assert "--confirm" in said.err
    (staged,) = Staging.of(sources).pending()
    assert corpus("staged", "--sources", sources) == 0
    assert staged.id in capsys.readouterr().out
    assert corpus("preview", staged.id, "--sources", sources) == 0
    assert "repere 111" in capsys.readouterr().out
    assert corpus("approve", staged.id, "--confirm", "--sources", sources) == 0
    assert Staging.of(sources).pending() == ()


def test_an_archive_adds_what_the_library_cites(
    sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "legi.tar.gz"
    path.write_bytes(legi.archive({
        legi.member("CSP", f"LEGIARTI{n:012d}"): legi.article(
            num, state, start, end, identifier=f"LEGIARTI{n:012d}",
            body=f"<p>Rédaction {n} de l'article.</p>").encode()
        for n, (num, state, start, end) in enumerate([
            ("R4321-55", "MODIFIE", "2004-08-08", "2008-11-05"),
            ("R4321-55", "VIGUEUR", "2008-11-05", "2999-01-01"),
            ("R4321-2", "VIGUEUR", "2008-11-05", "2999-01-01"),  # the guide does not cite it
        ])
    }))  # fmt: skip
    for expected in ("added 2 versions; 0 already there; 1 files", "added 0 versions; 2 already"):
        assert corpus("add", path, "--sources", sources) == 0
        assert expected in capsys.readouterr().out
    versions = load_library(sources).versions
    assert [v.start for v in versions.history("CSP, art. R. 4321-55")] == [
        "2004-08-08", "2008-11-05"
    ]  # fmt: skip


def test_a_folder_without_a_manifest_keeps_its_documents_when_one_is_added(
    tmp_path: Path, files: dict[str, Path]
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "Mon texte.txt").write_text(
        "Le secret est une règle que chacun doit garder.", "utf-8"
    )
    assert corpus("add", files["note.pdf"], "--sources", folder) == 0
    assert {d.source.title for d in load_library(folder).documents} == {"Mon texte", "note"}


@pytest.mark.slow
def test_a_folder_without_a_manifest_leaves_out_what_cannot_be_read(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = files["scan.pdf"].parent
    library = load_library(folder)
    assert {d.source.kind for d in library.documents} == {"guide", "decision", "article"}
    assert len(library.documents) == 4
    assert len(library.refused) == 1
    assert corpus("passages", "--json", "--sources", folder) == 0
    said = capsys.readouterr()
    assert "left out: scan.pdf" in said.err
    for line in said.out.splitlines():
        row = json.loads(line)
        assert library.document(row["source"]).text[row["start"] : row["end"]] == row["text"]
    assert corpus("check", "--sources", folder) == 1
    assert "scan: scan.pdf" in capsys.readouterr().out


def test_the_module_runs_from_the_shell(files: dict[str, Path]) -> None:
    root = typeset.GUIDE.parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "corpus", "add", "nowhere.pdf", "--sources", str(files["note.pdf"])],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
