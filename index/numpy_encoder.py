"""Reads this project's own encoders with numpy: the same folder, the same vectors, no torch.

Two architectures are known, told by the folder's ``modules.json``: a *static* table whose rows are
averaged, and a shallow BERT with mean pooling. Everything else is left to sentence-transformers.
Importing torch takes seconds and some 400 MB; this needs neither, and on one core it is also the
faster of the two for a single short query.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.errors import EncoderUnavailable

Vectors = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]

ACTIVATIONS = frozenset({"gelu_new", "gelu_pytorch_tanh"})
BATCH_TOKENS = 4096  # tokens computed at once, padding included: about 50 MB of intermediates


class NumpyModel(Protocol):
    """A model held in memory; `encode` may be called from several threads."""

    dimension: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (number of texts, dimension); zeros for an empty text."""
        ...


def open_numpy_model(folder: Path) -> NumpyModel | None:
    """Reads the folder if its architecture is one of ours; None otherwise.

    Raises:
        EncoderUnavailable: if it is one of ours but its files are damaged.
    """
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
        if kinds == ["StaticEmbedding", "Normalize"] and modules[0]["path"] == "":
            return StaticModel(folder)
        if kinds == ["Transformer", "Pooling", "Normalize"] and modules[0]["path"] == "":
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            pooling = json.loads(
                (folder / modules[1]["path"] / "config.json").read_text(encoding="utf-8")
            )
            if _is_ours(config) and _is_mean(pooling):
                return BertModel(folder, config)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise EncoderUnavailable(
            f"the encoder in {folder} is damaged ({type(error).__name__}): "
            "restore the folder, or choose another encoder"
        ) from error
    return None


def _is_ours(config: dict[str, Any]) -> bool:
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") in ACTIVATIONS
        and config.get("position_embedding_type", "absolute") == "absolute"
    )


def _is_mean(pooling: dict[str, Any]) -> bool:
    if "pooling_mode" in pooling:
        return bool(pooling["pooling_mode"] == "mean")
    modes = {k for k, v in pooling.items() if k.startswith("pooling_mode_") and v is True}
    return modes == {"pooling_mode_mean_tokens"}


def _read_tokeniser(folder: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises bare Exception for every fault of the file
        raise ValueError(f"tokenizer.json: {error}") from error


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.maximum(norms, 1e-12)
    return unit


class StaticModel:
    """A table with one vector a token; a text is the mean of its tokens' rows."""

    def __init__(self, folder: Path) -> None:
        self._tokeniser = _read_tokeniser(folder)
        self._tokeniser.no_padding()
        self._table = load_file(str(folder / "model.safetensors"))["embedding.weight"]
        if self._table.shape[0] < self._tokeniser.get_vocab_size():
            raise ValueError("the table has fewer rows than the vocabulary has tokens")
        self.dimension = int(self._table.shape[1])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (number of texts, dimension); zeros for an empty text."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        encodings = self._tokeniser.encode_batch_fast(list(texts), add_special_tokens=False)
        for row, encoding in enumerate(encodings):
            if encoding.ids:
                vectors[row] = self._table[encoding.ids].astype(np.float32).mean(axis=0)
        return _unit(vectors)


class BertModel:
    """A shallow BERT in float32: embeddings, layers, mean over the tokens.

    The formulas are those of Devlin et al. 2019, section 3, as in transformers' ``BertModel``;
    the activation is the tanh form of GELU (Hendrycks and Gimpel 2016, section 2).
    """

    def __init__(self, folder: Path, config: dict[str, Any]) -> None:
        self._tokeniser = _read_tokeniser(folder)
        self._tokeniser.no_padding()
        weights = {
            name.removeprefix("bert."): np.ascontiguousarray(array, dtype=np.float32)
            for name, array in load_file(str(folder / "model.safetensors")).items()
        }
        limit = int(config["max_position_embeddings"])
        self._tokeniser.enable_truncation(min(limit, _max_tokens(folder, limit)))
        self.dimension = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = np.float32(config["layer_norm_eps"])
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = (
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        self._layers = [
            _layer(weights, f"encoder.layer.{i}.") for i in range(int(config["num_hidden_layers"]))
        ]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (number of texts, dimension); zeros for an empty text."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        rows = [i for i, text in enumerate(texts) if text.strip()]
        encodings = self._tokeniser.encode_batch_fast([texts[i] for i in rows])
        ids = [encoding.ids for encoding in encodings]
        order = sorted(range(len(rows)), key=lambda i: len(ids[i]))
        while order:
            longest = len(ids[order[-1]])
            batch = order[-max(1, BATCH_TOKENS // max(longest, 1)) :]
            del order[-len(batch) :]
            vectors[[rows[i] for i in batch]] = self._forward([ids[i] for i in batch])
        return _unit(vectors)

    def _forward(self, ids: Sequence[Sequence[int]]) -> Vectors:
        width = max(len(row) for row in ids)
        tokens = np.zeros((len(ids), width), dtype=np.int64)
        mask = np.zeros((len(ids), width), dtype=np.float32)
        for row, found in enumerate(ids):
            tokens[row, : len(found)] = found
            mask[row, : len(found)] = 1
        hidden = self._words[tokens] + self._places[:width]
        hidden = _layer_norm(hidden, *self._norm, self._epsilon)
        barred = (mask - 1)[:, None, None, :] * np.float32(1e9)
        for layer in self._layers:
            hidden = self._apply(layer, hidden, barred)
        mean: Vectors = (hidden * mask[..., None]).sum(axis=1) / mask.sum(axis=1)[:, None]
        return mean

    def _apply(self, layer: Arrays, hidden: Vectors, barred: Vectors) -> Vectors:
        n, width, size = hidden.shape
        split = (n, width, 3, self._heads, size // self._heads)
        mixed = (_dense(hidden, layer["qkv"], layer["qkv_bias"])).reshape(split)
        query, key, value = mixed.transpose(2, 0, 3, 1, 4)
        scores = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(size // self._heads)) + barred
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        context = (scores @ value).transpose(0, 2, 1, 3).reshape(n, width, size)
        attended = _dense(context, layer["out"], layer["out_bias"]) + hidden
        attended = _layer_norm(attended, layer["norm1"], layer["norm1_bias"], self._epsilon)
        inner = _gelu(_dense(attended, layer["up"], layer["up_bias"]))
        fed = _dense(inner, layer["down"], layer["down_bias"]) + attended
        return _layer_norm(fed, layer["norm2"], layer["norm2_bias"], self._epsilon)


def _max_tokens(folder: Path, default: int) -> int:
    path = folder / "sentence_bert_config.json"
    if not path.is_file():
        return default
    told = json.loads(path.read_text(encoding="utf-8")).get("max_seq_length")
    return int(told) if told else default


def _layer(weights: Arrays, prefix: str) -> Arrays:
    """One layer's matrices, transposed for ``x @ w``; query, key and value side by side."""

    def stacked(end: str) -> NDArray[np.float32]:
        parts = [weights[f"{prefix}attention.self.{x}.{end}"] for x in ("query", "key", "value")]
        return np.concatenate(parts)

    names = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    layer: Arrays = {
        "qkv": np.ascontiguousarray(stacked("weight").T),
        "qkv_bias": stacked("bias"),
    }
    for short, name in names.items():
        layer[short] = np.ascontiguousarray(weights[f"{prefix}{name}.weight"].T)
        layer[f"{short}_bias"] = weights[f"{prefix}{name}.bias"]
    return layer


def _dense(x: Vectors, weight: Vectors, bias: Vectors) -> Vectors:
    flat: Vectors = x.reshape(-1, x.shape[-1]) @ weight + bias
    return flat.reshape(*x.shape[:-1], -1)


def _layer_norm(x: Vectors, weight: Vectors, bias: Vectors, epsilon: np.float32) -> Vectors:
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    normed: Vectors = centred / np.sqrt(variance + epsilon) * weight + bias
    return normed


def _gelu(x: Vectors) -> Vectors:
    inner = np.float32(np.sqrt(2 / np.pi)) * (x + np.float32(0.044715) * x * x * x)
    result: Vectors = np.float32(0.5) * x * (1 + np.tanh(inner))
    return result
