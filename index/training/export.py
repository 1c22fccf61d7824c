"""Writes a trained encoder as an ordinary sentence-transformers folder, in half precision."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import (
    Normalize,
    Pooling,
    StaticEmbedding,
    Transformer,
)
from tokenizers import Tokenizer
from transformers import BertModel, PreTrainedTokenizerFast

from index.training.tokeniser import CLS, MASK, PAD, SEP, UNK

LIMIT_BYTES = 40_000_000


def export_static(table: NDArray[np.float32], tokeniser: Tokenizer, out: Path, card: str) -> int:
    """Writes the folder of a static encoder; returns its size in bytes."""
    module = StaticEmbedding(Tokenizer.from_str(tokeniser.to_str()), embedding_weights=table)
    return _publish(SentenceTransformer(modules=[module, Normalize()], device="cpu"), out, card)


def export_student(
    model: BertModel, tokeniser: Tokenizer, max_tokens: int, out: Path, card: str
) -> int:
    """Writes the folder of a transformer with mean pooling; returns its size in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers has none
            tokenizer_object=tokeniser,
            model_max_length=max_tokens,
            pad_token=PAD,
            unk_token=UNK,
            cls_token=CLS,
            sep_token=SEP,
            mask_token=MASK,
        )
        fast.save_pretrained(folder)
        transformer = Transformer(folder, max_seq_length=max_tokens)
        for unused in transformer.auto_model.pooler.parameters():  # random otherwise, never read
            torch.nn.init.zeros_(unused)
        pooling = Pooling(model.config.hidden_size, pooling_mode="mean")
        modules = [transformer, pooling, Normalize()]
        return _publish(SentenceTransformer(modules=modules, device="cpu"), out, card)


def _publish(model: SentenceTransformer, out: Path, card: str) -> int:
    """Saves aside, halves the weights, then takes the old folder's place."""
    aside = out.with_name(out.name + ".part")
    shutil.rmtree(aside, ignore_errors=True)
    model.save_pretrained(str(aside), create_model_card=False, safe_serialization=True)
    weights = aside / "model.safetensors"
    halved = {
        name: array.astype(np.float16) if array.dtype == np.float32 else array
        for name, array in sorted(load_file(str(weights)).items())
    }
    save_file(halved, str(weights), {"format": "pt"})
    weights.chmod(0o644)
    _forget_versions(aside)
    (aside / "README.md").write_text(card, encoding="utf-8")
    size = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file())
    if size > LIMIT_BYTES:
        raise ValueError(f"the model takes {size} bytes, over {LIMIT_BYTES}: shrink the vocabulary")
    shutil.rmtree(out, ignore_errors=True)
    aside.replace(out)
    return size


def _forget_versions(folder: Path) -> None:
    """Drops library versions and temporary paths, so that equal weights give equal folders."""
    for path in sorted(folder.rglob("*.json")):
        if path.name == "tokenizer.json":
            continue
        told: Any = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(told, dict):
            for field in ("__version__", "_name_or_path", "transformers_version", "name_or_path"):
                told.pop(field, None)
        path.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
