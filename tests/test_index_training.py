"""Training: every stage on data small enough to work out by hand."""

from __future__ import annotations

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from index.training import cli
from index.training.augment import TEMPLATES, as_question, mistype, vary
from index.training.data import (
    BLOCK,
    PAIRS_FILE,
    PARALLEL_FILE,
    Pair,
    load_pairs,
    load_parallel,
    split_pairs,
)
from index.training.errors import TrainingDataError
from index.training.evaluate import figures, fuse, guide_passages, question_set
from index.training.lexical import Bm25, mine_negatives
from index.training.stages import Stages
from index.training.static import (
    PairIds,
    StaticRecipe,
    TeacherIds,
    contrastive_loss,
    duplicates,
    mean_matrix,
    ridge_table,
    train_static,
)
from index.training.steps import Steps
from index.training.tokeniser import encode, train_tokeniser, with_bert_frame

GUIDE = Path("corpus/sources/guide-secret-professionnel.txt")

pytestmark = pytest.mark.slow  # torch alone takes seconds to import


def write_lines(path: Path, rows: list[list[str]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_parallel_sentences_lose_repeats_and_the_long(tmp_path: Path) -> None:
    rows = [["x", "un", "one"], ["t", "un", "one"], ["x", "mot " * 61, "word"], ["x", "un", "a"]]
    write_lines(tmp_path / PARALLEL_FILE, rows)
    assert [(r.french, r.english) for r in load_parallel(tmp_path)] == [("un", "one"), ("un", "a")]


@pytest.mark.parametrize("line", ["not json", '["two", "strings"]', '["a", "b", 3]', '{"a": 1}'])
def test_damaged_data_names_its_line(tmp_path: Path, line: str) -> None:
    with gzip.open(tmp_path / PAIRS_FILE, "wt", encoding="utf-8") as out:
        out.write('["q", "p", "sec"]\n' + line + "\n")
    with pytest.raises(TrainingDataError, match="line 2"):
        load_pairs(tmp_path)


def test_missing_data_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="--data"):
        load_pairs(tmp_path)


def test_the_split_holds_out_whole_blocks_and_shares_no_passage() -> None:
    count = 40 * BLOCK
    pairs = [Pair(f"titre numero {i}", f"texte {i % (count - 7)}", "sec") for i in range(count)]
    split = split_pairs(pairs, seed=3, share=0.1)
    assert len(split.held_out) == 4 * BLOCK
    assert not {p.passage for p in split.train} & {p.passage for p in split.held_out}
    numbers = sorted(int(p.query.split()[-1]) // BLOCK for p in split.held_out)
    assert len(set(numbers)) == 4
    assert split == split_pairs(pairs, seed=3, share=0.1)
    assert split != split_pairs(pairs, seed=4, share=0.1)


def test_the_split_drops_vague_titles() -> None:
    pairs = [Pair("Définitions", f"texte {i}", "sec") for i in range(20)]
    pairs += [Pair("bref", "court", "sec"), Pair("un titre clair", "texte", "sec")]
    split = split_pairs(pairs, seed=0, share=0.5)
    assert {p.query for p in split.train + split.held_out} == {"un titre clair"}


def test_a_title_becomes_a_question_and_a_sentence_stays() -> None:
    rng = random.Random(0)
    asked = as_question("Congé non payé – Règlement sur les congés", rng)
    assert asked in {template.format("congé non payé") for template in TEMPLATES}
    sentence = "Le titulaire avise sans délai le ministre."
    assert as_question(sentence, rng) == sentence


@given(st.text(alphabet="abcdefé ", max_size=60), st.integers(0, 1000))
def test_mistyping_touches_at_most_one_word(text: str, seed: int) -> None:
    words, changed = text.split(" "), mistype(text, random.Random(seed)).split(" ")
    assert len(words) == len(changed)
    different = [(a, b) for a, b in zip(words, changed, strict=True) if a != b]
    assert len(different) <= 1
    assert all(len(a) >= 5 and abs(len(a) - len(b)) <= 1 and a[0] == b[0] for a, b in different)


def test_variation_is_repeatable_and_can_be_off() -> None:
    assert vary("Congé payé", random.Random(1), 0, 0) == "Congé payé"
    first = [vary("Congé payé", random.Random(i), 0.5, 0.5) for i in range(30)]
    assert first == [vary("Congé payé", random.Random(i), 0.5, 0.5) for i in range(30)]
    assert len(set(first)) > 10


def test_the_tokeniser_folds_what_people_leave_out() -> None:
    texts = ["l'œuvre protégée", "le secret protégé", "une œuvre secrète"] * 5
    tokeniser = train_tokeniser(texts, 120)
    typed, written = encode(tokeniser, ["L’ŒUVRE PROTEGEE", "l'oeuvre protégée"], 50)
    assert typed == written
    assert tokeniser.token_to_id("[UNK]") not in typed
    assert len(encode(tokeniser, ["le secret " * 50], 7)[0]) == 7
    framed = with_bert_frame(tokeniser, 6).encode("le secret le secret le secret").tokens
    assert (framed[0], framed[-1], len(framed)) == ("[CLS]", "[SEP]", 6)


def test_one_seed_trains_one_vocabulary() -> None:
    texts = load_text().split("\n")
    assert train_tokeniser(texts, 800).to_str() == train_tokeniser(texts, 800).to_str()


def load_text() -> str:
    return GUIDE.read_text(encoding="utf-8")


def test_bm25_finds_by_stem_and_without_accents() -> None:
    engine = Bm25(["les sévices constatés", "une arme à feu", "le dossier"])
    assert int(np.argmax(engine.scores("sevice constate"))) == 0
    assert not engine.scores("inconnu de tous").any()


def test_hard_negatives_are_near_and_never_the_answer() -> None:
    passages = [
        "congé de maternité de la salariée enceinte",
        "congé de la salariée",
        "congé",
        "pêche au saumon",
    ]
    rows = mine_negatives(["congé de maternité salariée"], [0], passages, skip=1, ceiling=0.9)
    assert rows.tolist() == [1]
    assert mine_negatives(["saumon"], [3], passages, skip=1).tolist() == [-1]


def test_mean_matrix_counts_repeats_and_leaves_the_empty_at_zero() -> None:
    found = mean_matrix([[0, 1, 1, 2], [], [2]], 4).toarray()
    np.testing.assert_allclose(found, [[0.25, 0.5, 0.25, 0], [0, 0, 0, 0], [0, 0, 1, 0]])


def test_ridge_equals_the_closed_form() -> None:
    rng = np.random.default_rng(0)
    ids = [rng.integers(0, 6, rng.integers(1, 5)).tolist() for _ in range(40)]
    targets = rng.normal(size=(40, 3)).astype(np.float32)
    x = mean_matrix(ids, 6).toarray()
    expected = np.linalg.solve(x.T @ x + 0.03 * np.eye(6), x.T @ targets)
    found = ridge_table(ids, targets, 6, penalty=0.03, steps=30)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_contrastive_loss_by_hand() -> None:
    queries = torch.eye(2)
    passages = torch.tensor([[2.0, 0.0], [0.0, 3.0], [1.0, 1.0]])  # the third is a hard negative
    none = torch.zeros(2, 3, dtype=torch.bool)
    half = np.sqrt(0.5)
    forward = np.log(np.e**2 + 1 + np.e ** (2 * half)) - 2  # scale 2: scores 2, 0, 2/sqrt(2)
    backward = np.log(np.e**2 + 1) - 2
    loss = contrastive_loss(queries, passages, none, scale=2.0).item()
    assert loss == pytest.approx(forward + 0.5 * backward, abs=1e-5)
    barred = none.clone()
    barred[:, 2] = True
    loss = contrastive_loss(queries, passages, barred, scale=2.0).item()
    assert loss == pytest.approx(1.5 * backward, abs=1e-5)


def test_duplicates_mark_other_right_answers_only() -> None:
    same = duplicates(["a", "b", "a"], ["a", "b", "a", "b"], 3)
    expected = [[0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]]
    np.testing.assert_array_equal(same.numpy().astype(int), expected)


def tiny_pairs() -> tuple[PairIds, TeacherIds, StaticRecipe]:
    recipe = StaticRecipe(
        dimension=8, matryoshka=(8, 4), epochs=40, batch=6, rate=0.05, questions=0, typos=0
    )
    passages = [[6 + i, 12 + i % 2] for i in range(6)]
    pairs = PairIds([str(i) for i in range(6)], np.arange(6), passages, np.full(6, -1))
    return pairs, TeacherIds([], np.zeros((0, 8), dtype=np.float16)), recipe


def train_tiny(seed: int) -> np.ndarray:
    pairs, teacher, recipe = tiny_pairs()
    start = np.random.default_rng(seed).normal(0, 0.1, (14, 8)).astype(np.float32)
    return train_static(
        start, pairs, teacher, lambda texts, _: [[int(t)] for t in texts], recipe, seed
    )


def test_static_training_learns_which_passage_answers() -> None:
    table = train_tiny(0)
    pairs, _, _ = tiny_pairs()
    unit = lambda v: v / np.linalg.norm(v, axis=1, keepdims=True)  # noqa: E731 - three uses
    queries = unit(table[:6])
    for width in (8, 4):
        passages = unit(np.stack([table[ids].mean(axis=0) for ids in pairs.passages])[:, :width])
        scores = unit(queries[:, :width]) @ passages.T
        assert scores.argmax(axis=1).tolist() == list(range(6))
    np.testing.assert_array_equal(table, train_tiny(0))


def test_figures_by_hand() -> None:
    scores = np.array([[0.1, 0.9, 0.5], [0.3, 0.3, 0.2]])
    found = figures(scores, [frozenset({2}), frozenset({1, 2})])
    assert found.recall_1 == 0
    assert found.recall_5 == 1
    assert found.mrr == pytest.approx((1 / 2 + 1 / 2) / 2)


def test_fusion_by_hand_and_its_ends() -> None:
    lexical, dense = np.array([[4.0, 2.0, 0.0]]), np.array([[0.2, 0.4, 0.6]])
    np.testing.assert_allclose(fuse(lexical, dense, 0.5), [[0.5, 0.5, 0.5]])
    np.testing.assert_allclose(fuse(lexical, dense, 0.0), [[1, 0.5, 0]])
    np.testing.assert_allclose(fuse(lexical, dense, 1.0), [[0, 0.5, 1]], atol=1e-9)
    assert np.isfinite(fuse(np.zeros((1, 3)), np.zeros((1, 3)), 0.3)).all()


def test_guide_passages_keep_every_word() -> None:
    text = "un deux\ntrois\n\nqua-\ntre cinq\n \nsix sept"
    assert guide_passages(text, words=3) == ["un deux trois", "quatre cinq six sept"]


def test_every_lay_question_has_its_proof_in_the_guide() -> None:
    found = question_set(GUIDE)
    assert len(found.queries) >= 40
    assert all(1 <= len(right) < len(found.passages) / 4 for right in found.relevant)


def test_a_document_without_the_proofs_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Rien de tout cela.", encoding="utf-8")
    with pytest.raises(TrainingDataError, match="give the guide's text"):
        question_set(other)


def test_a_stage_is_made_once_and_again_if_damaged(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return {"x": np.arange(4)}

    stages = Stages(tmp_path)
    for _ in range(2):
        np.testing.assert_array_equal(stages.arrays("s", "k" * 64, make)["x"], np.arange(4))
    assert len(made) == 1
    stages.arrays("s", "other" * 10, make)
    assert len(made) == 2
    for path in tmp_path.glob("s-k*.safetensors"):
        path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    np.testing.assert_array_equal(stages.arrays("s", "k" * 64, make)["x"], np.arange(4))
    assert len(made) == 3


def test_an_interrupted_training_ends_as_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.training.steps.SAVE_EVERY", 5)
    inputs = torch.from_numpy(np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32))

    def trained(keep: Path, stop_at: int | None) -> torch.Tensor:
        torch.manual_seed(0)
        model = torch.nn.Linear(4, 1)

        def loss(step: int) -> torch.Tensor:
            if step == stop_at:
                raise KeyboardInterrupt
            return (model(inputs[step : step + 1]) - 1).square().mean()

        Steps("t", 20, 0.05, keep).run(model, loss)
        return model.weight.detach().clone()

    whole = trained(tmp_path / "a.safetensors", None)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "b.safetensors", 13)
    torch.testing.assert_close(trained(tmp_path / "b.safetensors", None), whole)
    finished = trained(tmp_path / "b.safetensors", 0)  # nothing is left to do: no step is taken
    torch.testing.assert_close(finished, whole)


SUBJECTS = ("congé", "permis", "navire", "dossier", "impôt", "saumon", "témoin", "brevet")
OTHERS = ("délivrance", "refus", "durée", "transfert", "contrôle", "appel", "registre")


def write_tiny_data(folder: Path) -> Path:
    """Some 300 pairs and 56 parallel sentences, of made-up law."""
    folder.mkdir()
    pairs, parallel = [], []
    for i, subject in enumerate(SUBJECTS):
        for j, other in enumerate(OTHERS):
            text = f"Le ministre fixe par règlement {other} du {subject}, article {i}{j}."
            pairs += [[f"{other} du {subject} numéro {n}", f"{text} Alinéa {n}.", "sec"] for n in range(6)]  # fmt: skip  # noqa: E501
            parallel.append(["x", f"{other} du {subject}", f"{subject} {other}"])
    write_lines(folder / PAIRS_FILE, pairs)
    write_lines(folder / PARALLEL_FILE, parallel)
    return folder


def train(tmp_path: Path, name: str, *more: str) -> dict[str, object]:
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    data, report = tmp_path / "data", tmp_path / f"{name}.json"
    if not data.exists():
        write_tiny_data(data)
    told = ["--data", str(data), "--out", str(tmp_path / name), "--report", str(report)]
    told += ["--work", str(tmp_path / f"{name}.stages"), "--vocabulary", "300"]
    assert cli.run(parser.parse_args([*told, *more])) == 0
    found: dict[str, object] = json.loads(report.read_text(encoding="utf-8"))
    return found


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("stage", ["static", "student"])
def test_one_seed_gives_one_encoder(tmp_path: Path, stage: str) -> None:
    more = ["--stage", stage, "--epochs", "2", "--steps", "3", "3"]
    first, second = train(tmp_path, "one", *more), train(tmp_path, "two", *more)
    assert first == second
    assert (tmp_path / "one" / "README.md").read_text(encoding="utf-8").startswith("---")
    assert first["bytes"] < 40_000_000


def test_bad_data_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    args = parser.parse_args(["--data", str(tmp_path), "--out", str(tmp_path / "out")])
    assert cli.run(args) == 2
    assert "--data" in capsys.readouterr().err
