"""The encoders: vectors by hand, the same vectors by both readers, and the cache."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from index.encoder import (
    EMBEDDED,
    Encoder,
    NumpyEncoder,
    folder_fingerprint,
    load_encoder,
    prefixes,
)
from index.errors import EncoderUnavailable
from index.vector_cache import CachedEncoder

WORDS = {"[UNK]": 0, "secret": 1, "kine": 2, "arme": 3}
TABLE = np.array([[0, 0, 0], [3, 4, 0], [0, 0, 2], [0, 5, 0]], dtype=np.float16)


def write_static(folder: Path, table: np.ndarray = TABLE) -> Path:
    """A whole static model of four words and three dimensions."""
    folder.mkdir(parents=True, exist_ok=True)
    tokeniser = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    tokeniser.normalizer = normalizers.Lowercase()
    tokeniser.pre_tokenizer = pre_tokenizers.Whitespace()
    tokeniser.save(str(folder / "tokenizer.json"))
    save_file({"embedding.weight": table}, str(folder / "model.safetensors"))
    kind = "sentence_transformers.models"
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": f"{kind}.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": f"{kind}.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    (folder / "1_Normalize").mkdir(exist_ok=True)
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Encoder:
    return load_encoder(str(write_static(tmp_path / "tiny")))


def test_static_vectors_are_the_unit_mean_of_their_tokens(tiny: Encoder) -> None:
    found = tiny.encode_passages(["Secret", "secret kine", "arme arme arme"])
    mean = np.array([1.5, 2.0, 1.0])  # of (3, 4, 0) and (0, 0, 2)
    expected = [[0.6, 0.8, 0], mean / np.sqrt(1.5**2 + 2.0**2 + 1.0**2), [0, 1, 0]]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_array_equal(tiny.encode_queries(["secret kine"]), found[1:2])


def test_an_empty_text_is_zeros_and_no_text_is_no_row(tiny: Encoder) -> None:
    assert not tiny.encode_queries(["", "   ", "inconnu"]).any()
    assert tiny.encode_queries([]).shape == (0, 3)
    assert tiny.dimension == 3
    assert tiny.name == "tiny"
    assert isinstance(tiny, Encoder)


def test_fingerprint_follows_the_weights_and_not_the_card(tmp_path: Path) -> None:
    folder = write_static(tmp_path / "m")
    before = folder_fingerprint(folder)
    (folder / "README.md").write_text("a card", encoding="utf-8")
    assert folder_fingerprint(folder) == before
    write_static(folder, TABLE * np.float16(2))
    changed = folder_fingerprint(folder)
    assert changed != before
    (folder / "1_Normalize" / "config.json").write_text("{}", encoding="utf-8")
    assert folder_fingerprint(folder) not in (before, changed)


def test_what_cannot_be_loaded_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="give a folder, a hub name"):
        load_encoder(str(tmp_path / "absent"))
    with pytest.raises(EncoderUnavailable, match="restore the folder"):
        load_encoder(str(tmp_path))
    pickled = write_static(tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(EncoderUnavailable, match="pickled ones are not read"):
        load_encoder(str(pickled))


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "modules.json"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = write_static(tmp_path / "m")
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(EncoderUnavailable, match="is damaged"):
        load_encoder(str(folder))


def test_a_table_too_short_for_its_vocabulary_is_refused(tmp_path: Path) -> None:
    folder = write_static(tmp_path / "m", TABLE[:2])
    with pytest.raises(EncoderUnavailable, match="is damaged"):
        load_encoder(str(folder))


def test_the_embedded_encoder_ignores_accents_case_and_apostrophes() -> None:
    encoder = load_encoder()
    found = encoder.encode_queries(
        ["L’étudiant est TENU au secret", "l'etudiant est tenu au secret"]
    )
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    assert encoder.dimension == found.shape[1]


def test_the_embedded_encoder_brings_paraphrases_together() -> None:
    encoder = load_encoder("embedded")
    query = encoder.encode_queries(["Quelle peine de prison pour celui qui viole le secret ?"])[0]
    right, wrong = encoder.encode_passages(
        [
            "La révélation d’une information secrète est punie d’un an d’emprisonnement.",
            "Les vitrines, portes et fenêtres du cabinet doivent être occultées.",
        ]
    )
    assert query @ right > query @ wrong + 0.1


def test_the_embedded_folder_is_small_whole_and_pickle_free() -> None:
    files = [path for path in EMBEDDED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 40_000_000
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".md"}
    assert "licence" in (EMBEDDED / "README.md").read_text(encoding="utf-8").lower()


def test_the_default_imports_no_torch() -> None:
    code = (
        "import sys; from index.encoder import load_encoder;"
        "load_encoder().encode_queries(['secret']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_threads_get_the_same_vectors() -> None:
    encoder = load_encoder()
    texts = [f"question {i} sur le secret du patient" for i in range(200)]
    alone = encoder.encode_passages(texts)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: encoder.encode_passages([text])[0], texts))
    np.testing.assert_allclose(np.stack(together), alone, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "prompts", "expected"),
    [
        ("intfloat/multilingual-e5-small", {}, ("query: ", "passage: ")),
        ("BAAI/bge-m3", {"query": "", "document": ""}, ("", "")),
        ("fr-legal", {}, ("", "")),
        ("any/e5-like", {"query": "Q: ", "passage": "P: "}, ("Q: ", "P: ")),
        ("any/model", {"query": "Q: ", "document": None}, ("Q: ", "")),
    ],
)
def test_prefixes(name: str, prompts: dict[str, str | None], expected: tuple[str, str]) -> None:
    assert prefixes(name, prompts) == expected


class Recording:
    """The tiny encoder, remembering what it was asked."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimension = encoder.dimension
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self.encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> np.ndarray:
        self.asked.extend(texts)
        return self.encoder.encode_passages(texts)


def test_the_cache_encodes_each_passage_once(tiny: Encoder, tmp_path: Path) -> None:
    first = Recording(tiny)
    before = CachedEncoder(first, tmp_path / "c").encode_passages(["secret", "kine", "secret"])
    assert first.asked == ["secret", "kine"]
    second = Recording(tiny)
    after = CachedEncoder(second, tmp_path / "c").encode_passages(["kine", "arme", "secret"])
    assert second.asked == ["arme"]
    np.testing.assert_array_equal(after[[2, 0, 2]], before)


def test_the_cache_never_stores_a_question(tiny: Encoder, tmp_path: Path) -> None:
    cached = CachedEncoder(tiny, tmp_path / "c")
    cached.encode_queries(["secret arme"])
    assert not cached.path.exists()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_cache_is_rebuilt(tiny: Encoder, tmp_path: Path, damage: str) -> None:
    cached = CachedEncoder(tiny, tmp_path / "c")
    expected = cached.encode_passages(["secret", "kine"])
    content = bytearray(cached.path.read_bytes())
    content[-3] ^= 0x40  # inside the last vector
    changed = {"cut": content[:60], "flip": content, "empty": b"", "text": b"not a cache"}[damage]
    cached.path.write_bytes(bytes(changed))
    recording = Recording(tiny)
    again = CachedEncoder(recording, tmp_path / "c").encode_passages(["secret", "kine"])
    np.testing.assert_array_equal(again, expected)
    assert recording.asked == ["secret", "kine"]
    unasked = Recording(tiny)
    CachedEncoder(unasked, tmp_path / "c").encode_passages(["secret", "kine"])
    assert unasked.asked == []


def test_another_encoder_shares_no_vectors(tiny: Encoder, tmp_path: Path) -> None:
    other = load_encoder(str(write_static(tmp_path / "other", TABLE[:, ::-1].copy())))
    CachedEncoder(tiny, tmp_path / "c").encode_passages(["secret"])
    found = CachedEncoder(other, tmp_path / "c").encode_passages(["secret"])
    np.testing.assert_allclose(found, [[0, 0.8, 0.6]], atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    batches=st.lists(st.lists(st.sampled_from(["", "secret", "kine arme", "Arme !"])), max_size=4)
)
def test_the_cache_changes_no_vector(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    encoder = load_encoder(str(write_static(folder / "m")))
    cached = CachedEncoder(encoder, folder / "c")
    for texts in batches:
        np.testing.assert_array_equal(cached.encode_passages(texts), encoder.encode_passages(texts))


SENTENCES = (
    "Puis-je parler d’un patient à son épouse ?",
    "",
    "œuvre À É, été, l'être, l’article R. 4321-55 ; «\u00a0secret\u00a0»",
    "kiné",
    "Le secret s’impose même devant les juridictions civiles, pénales et disciplinaires. " * 40,
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_numpy_and_sentence_transformers_agree_on_the_embedded_encoder() -> None:
    from index.encoder import SentenceEncoder

    light, full = load_encoder(), SentenceEncoder(str(EMBEDDED))
    assert isinstance(light, NumpyEncoder)
    assert light.fingerprint == full.fingerprint
    found, expected = light.encode_passages(SENTENCES), full.encode_passages(SENTENCES)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_numpy_and_sentence_transformers_agree_on_a_transformer(tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertModel

    from index.encoder import SentenceEncoder
    from index.training.export import export_student
    from index.training.tokeniser import train_tokeniser, with_bert_frame

    torch.manual_seed(0)
    tokeniser = train_tokeniser(SENTENCES * 5, 200)
    size = tokeniser.get_vocab_size()
    config = BertConfig(
        vocab_size=size, hidden_size=48, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=96, max_position_embeddings=64, hidden_act="gelu_pytorch_tanh",
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False).eval()
    out = tmp_path / "student"
    export_student(model, with_bert_frame(tokeniser, 64), 64, out, "a card")
    light, full = load_encoder(str(out)), SentenceEncoder(str(out))
    assert isinstance(light, NumpyEncoder)
    found, expected = light.encode_passages(SENTENCES), full.encode_passages(SENTENCES)
    assert np.linalg.norm(expected[0]) == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_prefixes_change_the_vectors_and_the_fingerprint(tmp_path: Path) -> None:
    from index.encoder import SentenceEncoder

    plain = SentenceEncoder(str(write_static(tmp_path / "plain")))
    prefixed = SentenceEncoder(str(write_static(tmp_path / "like-e5")), name="arme-e5")
    assert plain.fingerprint == folder_fingerprint(tmp_path / "plain")
    assert prefixed.fingerprint != plain.fingerprint
    prefixed.query_prefix, prefixed.passage_prefix = "arme ", ""
    np.testing.assert_allclose(
        prefixed.encode_queries(["kine"]), [[0, 5, 2]] / np.sqrt(29.0), atol=1e-3
    )
    np.testing.assert_allclose(
        prefixed.encode_passages(["kine", ""]), [[0, 0, 1], [0, 0, 0]], atol=1e-3
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_minilm_loads_from_its_package_without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refused)
    encoder = load_encoder("minilm")
    found = encoder.encode_queries(["a dog", "a puppy", "tax law", ""])
    assert encoder.name == "minilm"
    assert encoder.dimension == 384
    assert found[0] @ found[1] > found[0] @ found[2] + 0.3
    assert not found[3].any()
