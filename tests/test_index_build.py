"""Building, opening and the command line, on the real guide and the embedded encoder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.library import load_library
from index.__main__ import main
from index.build import build
from index.encoder import Encoder, Vectors, load_encoder
from index.errors import IndexDamaged, IndexMissing, IndexStale
from index.open import Index, open_index
from index.vector_cache import CachedEncoder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def root(real_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A copy: these tests build again.
    return Path(shutil.copytree(real_root, tmp_path_factory.mktemp("index") / "copy"))


@pytest.fixture(scope="module")
def index(root: Path) -> Index:
    return open_index(root)


def test_an_index_gives_back_the_library(index: Index) -> None:
    library = load_library()
    assert index.passages == library.passages
    assert [d.text for d in index.documents] == [d.text for d in library.documents]
    assert [d.passages for d in index.documents] == [d.passages for d in library.documents]
    passage = index.passages[7]
    text = index.document_text(passage.source)
    assert text[passage.start : passage.end] == passage.text
    assert index.passage(passage.id) == passage
    with pytest.raises(KeyError):
        index.document_text("none")


def test_no_path_of_this_machine_is_stored(index: Index) -> None:
    assert all(d.source.path == Path(d.source.path.name) for d in index.documents)
    assert b"/" not in json.loads(index.documents_jsonl.splitlines()[0])["source"]["path"].encode()


def test_building_again_changes_nothing(root: Path, encoder: Encoder) -> None:
    report = build(load_library(), root, encoder)
    assert not report.built
    assert report.generation == open_index(root).generation
    assert (report.documents, report.passages) == (1, len(load_library().passages))


@pytest.mark.slow
def test_two_builds_give_the_same_bytes(tmp_path: Path, root: Path, encoder: Encoder) -> None:
    build(load_library(), tmp_path, encoder)

    def contents(folder: Path) -> dict[str, bytes]:
        found = (p for p in (folder / "gen").rglob("*") if p.suffix and p.name != "manifest.json")
        return {p.name: p.read_bytes() for p in found if p.is_file()}

    assert contents(tmp_path) == contents(root)


class Counting:
    """The real encoder, counting the passages that it is given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension = encoder.dimension
        self.encode_queries = encoder.encode_queries
        self.texts = 0

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        return self._encoder.encode_passages(texts)


def test_one_more_document_embeds_one_more_document(tmp_path: Path, encoder: Encoder) -> None:
    sources, place = tmp_path / "sources", tmp_path / "index"
    sources.mkdir()
    (sources / "one.txt").write_text("Le secret est gardé.\n\nLe patient le sait bien.\n", "utf-8")
    counting = Counting(encoder)
    first = build(load_library(sources), place, counting)
    assert counting.texts == first.vectors
    (sources / "two.txt").write_text("Une autre règle, tout autre.\n", "utf-8")
    second = build(load_library(sources), place, counting)
    assert second.built and second.vectors > first.vectors
    assert counting.texts == second.vectors


def test_a_library_without_text_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="no passage"):
        build(load_library(tmp_path), tmp_path / "index", encoder)


@pytest.mark.slow
def test_an_open_index_knows_when_another_is_in_use(tmp_path: Path, encoder: Encoder) -> None:
    build(load_library(), tmp_path, encoder)
    before = open_index(tmp_path)
    assert before.is_current()
    build(load_library(), tmp_path, encoder, force=True)
    assert not before.is_current()
    assert before.retriever.search("le secret", 1)  # still whole
    assert open_index(tmp_path).is_current()


def test_another_encoder_is_refused(root: Path, encoder: Encoder) -> None:
    other = Counting(encoder)
    other.fingerprint = "0" * 64
    with pytest.raises(IndexStale, match="index build"):
        open_index(root, other)


def test_a_missing_index_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"python -m index build"):
        open_index(tmp_path / "none")


def test_files_that_do_not_fit_together_are_refused(index: Index, encoder: Encoder) -> None:
    with pytest.raises(IndexDamaged, match="index build"):
        Index.from_files({"passages.jsonl": b""}, encoder)


@pytest.mark.slow
def test_the_cache_is_no_part_of_an_answer(tmp_path: Path, encoder: Encoder) -> None:
    """A damaged cache costs time and nothing else."""
    build(load_library(), tmp_path, encoder)
    cache = CachedEncoder(encoder, tmp_path / "cache").path
    cache.write_bytes(b"\x00" * 100)
    assert build(load_library(), tmp_path, encoder, force=True).built


# -- the command line -----------------------------------------------------------------------------


def run(*args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "index", *args],
        cwd=ROOT, capture_output=True, text=True, input=stdin, encoding="utf-8", check=False,
    )  # fmt: skip


def test_search_prints_the_contracted_rows(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "article 226-13", "-k", "3", "--json", "--index", str(root)]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert rows[0]["ref"] == "CP, art. 226-13" and rows[0]["kind"] == "article"
    assert {
        "rank",
        "score",
        "passage_id",
        "kind",
        "ref",
        "section",
        "text",
        "source",
        "page",
    } <= set(rows[0])


def test_kinds_can_be_chosen(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "secret", "--kind", "decision", "--json", "--index", str(root)]) == 0
    assert {row["kind"] for row in json.loads(capsys.readouterr().out)} == {"decision"}


def test_a_batch_answers_line_by_line_in_order(root: Path) -> None:
    asked = ("les flics veulent le dossier", "", '{"id": 7, "question": "article 226-13"}')
    lines = "\n".join((*asked, '{"question": ""}', ""))
    done = run("search", "--batch", "-", "-k", "2", "--index", str(root), stdin=lines)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert [(row["id"], row["query"]) for row in rows] == [
        (None, "les flics veulent le dossier"), (7, "article 226-13"), (None, ""),
    ]  # fmt: skip
    assert [len(row["results"]) for row in rows] == [2, 2, 0]
    assert rows[1]["results"][0]["ref"] == "CP, art. 226-13"
    assert all(isinstance(row["ms"], float) for row in rows)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["search"], "QUERY or --batch"),
        (["search", "   "], "empty"),
        (["search", "?" * 9], "empty"),
        (["search", "a" * 100_000], "100000 characters"),
        (["search", "secret", "--batch", "x"], "either"),
        (["search", "secret", "-k", "0"], "whole number"),
        (["search", "secret", "--day", "hier"], "2026-01-31"),
        (["search", "secret", "--index", "/nonexistent/index"], "python -m index build"),
        (["search", "--batch", "/nonexistent/file"], "cannot read"),
        (["build", "--sources", "/nonexistent/sources"], "sources"),
    ],
)
def test_wrong_input_is_told_in_one_line(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(args)
    except SystemExit as stop:  # argparse's own
        status = int(stop.code or 0)
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert message in captured.err.splitlines()[-1]
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("line", ['{"id": 1}', '{"question": 3}', '{"question": "a"'])
def test_a_bad_line_of_a_batch_is_named(
    line: str, tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_text(f"le secret\n{line}\n", encoding="utf-8")
    assert main(["search", "--batch", str(batch), "--index", str(root)]) == 2
    assert "line 2" in capsys.readouterr().err


@pytest.mark.slow
def test_build_verify_and_rollback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--index", str(tmp_path)]
    assert main(["build", "--json", *place]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["built"] and report["passages"] == len(load_library().passages)
    assert main(["verify", *place]) == 0
    assert main(["build", "--force", *place]) == 0
    assert open_index(tmp_path).generation != report["generation"]
    assert main(["rollback", *place]) == 0
    assert open_index(tmp_path).generation == report["generation"]
    capsys.readouterr()
    victim = next((tmp_path / "gen" / report["generation"]).glob("dense.faiss"))
    victim.write_bytes(victim.read_bytes()[:-1])
    assert main(["verify", "--json", *place]) == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["whole"] and "dense.faiss" in told["problems"][0]


@pytest.mark.slow
def test_searching_imports_nothing_heavy(root: Path) -> None:
    code = (
        "import sys; from index.__main__ import main; main(['search', 'secret', '--index', "
        f"{str(root)!r}]); "
        "heavy = {'torch', 'sentence_transformers', 'bm25s', 'scipy', 'langchain_core', "
        "'streamlit'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["build", "search", "verify", "rollback", "train"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"index {command}" in capsys.readouterr().out
