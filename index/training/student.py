"""The transformer student: a few of the teacher's layers under a French vocabulary.

*Start*: the layers are the teacher's own; the French input vectors are those whose mean over a
sentence lies nearest to the mean of the teacher's input vectors over its translation (ridge).
*Distillation*: the student reads the French sentence, its target is the teacher's vector of the
English one. *Contrastive*: query against passages, as for the static encoder, with some
distillation kept beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name that every PyTorch reader knows
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from index.training.augment import vary
from index.training.data import random_of
from index.training.static import (
    Ids,
    PairIds,
    TeacherIds,
    Tokenise,
    contrastive_loss,
    duplicates,
    mean_matrix,
    ridge_table,
)
from index.training.steps import Steps
from index.training.teacher import Teacher, fast_bf16
from index.training.tokeniser import CLS, MASK, PAD, SEP, SPECIAL, UNK

SPECIAL_OF_TEACHER = {PAD: "[PAD]", UNK: "[UNK]", CLS: "[CLS]", SEP: "[SEP]", MASK: "[MASK]"}


@dataclass(frozen=True, slots=True)
class StudentRecipe:
    """Every figure of the student's training."""

    vocabulary: int = 10_000
    layers: tuple[int, ...] = (0, 5)
    positions: int = 192
    ridge: float = 0.03
    ridge_rows: int = 120_000
    ridge_steps: int = 25
    sentence_tokens: int = 64
    query_tokens: int = 40
    passage_tokens: int = 96
    distil_steps: int = 2400
    distil_batch: int = 128
    distil_rate: float = 5e-4
    pair_steps: int = 900
    pair_batch: int = 64
    pair_rate: float = 2e-4
    hard_share: float = 0.5
    beside: int = 48
    beside_weight: float = 3.0
    scale: float = 20.0
    questions: float = 0.4
    typos: float = 0.1


def french_inputs(
    french: Ids, english: Ids, table: NDArray[np.float32], vocabulary: int, recipe: StudentRecipe
) -> NDArray[np.float32]:
    """French input vectors fitted to the teacher's English ones; (vocabulary, hidden size)."""
    rows = min(len(french), recipe.ridge_rows)
    targets = np.asarray(mean_matrix(english[:rows], len(table)) @ table, dtype=np.float32)
    return ridge_table(french[:rows], targets, vocabulary, recipe.ridge, recipe.ridge_steps)


def english_ids(teacher: Teacher, sentences: Sequence[str], limit: int) -> list[list[int]]:
    """The teacher's tokens of English sentences, without special tokens."""
    batch = teacher.tokeniser(
        list(sentences), add_special_tokens=False, truncation=True, max_length=limit
    )
    return [list(ids) for ids in batch["input_ids"]]


def new_student(
    teacher: Teacher, inputs: NDArray[np.float32], tokeniser: Tokenizer, recipe: StudentRecipe
) -> BertModel:
    """A student with the teacher's chosen layers and the French input vectors."""
    source = teacher.model
    settings = source.config.to_dict() | {
        "vocab_size": len(inputs),
        "num_hidden_layers": len(recipe.layers),
        "max_position_embeddings": recipe.positions,
        "hidden_act": "gelu_pytorch_tanh",  # needs no erf: numpy has none
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "pad_token_id": tokeniser.token_to_id(PAD),
    }
    student = BertModel(BertConfig(**settings), add_pooling_layer=False)
    words = torch.from_numpy(inputs.copy())
    given = source.embeddings.word_embeddings.weight.detach()
    for ours in SPECIAL:
        theirs = teacher.tokeniser.convert_tokens_to_ids(SPECIAL_OF_TEACHER[ours])
        words[tokeniser.token_to_id(ours)] = given[theirs]
    with torch.no_grad():
        student.embeddings.word_embeddings.weight.copy_(words)
        places = source.embeddings.position_embeddings.weight[: recipe.positions]
        student.embeddings.position_embeddings.weight.copy_(places)
        student.embeddings.token_type_embeddings.load_state_dict(
            source.embeddings.token_type_embeddings.state_dict()
        )
        student.embeddings.LayerNorm.load_state_dict(source.embeddings.LayerNorm.state_dict())
        for ours_at, theirs_at in enumerate(recipe.layers):
            student.encoder.layer[ours_at].load_state_dict(
                source.encoder.layer[theirs_at].state_dict()
            )
    return student


class Reader:
    """Feeds token ids to the student: frames them with [CLS] and [SEP], pads, averages."""

    def __init__(self, student: BertModel, tokeniser: Tokenizer) -> None:
        self.student = student
        self._cls, self._sep = tokeniser.token_to_id(CLS), tokeniser.token_to_id(SEP)
        self._pad = tokeniser.token_to_id(PAD)

    def __call__(self, ids: Ids, limit: int) -> torch.Tensor:
        """Mean vectors of shape (n, hidden size), not normalised."""
        framed = [[self._cls, *row[: limit - 2], self._sep] for row in ids]
        width = max(len(row) for row in framed)
        tokens = torch.tensor([row + [self._pad] * (width - len(row)) for row in framed])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in framed])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast_bf16()):
            hidden = self.student(input_ids=tokens, attention_mask=mask).last_hidden_state
        weight = mask[..., None].float()
        mean: torch.Tensor = (hidden.float() * weight).sum(1) / weight.sum(1)
        return mean


def by_length(ids: Ids, size: int) -> list[list[int]]:
    """Row numbers in batches of equal size and like length, so that little is padding."""
    order = sorted(range(len(ids)), key=lambda i: (len(ids[i]), i))
    size = min(size, len(order))
    return [order[at : at + size] for at in range(0, len(order) - size + 1, size)]


def distil(
    reader: Reader, teacher: TeacherIds, recipe: StudentRecipe, seed: int, keep: Path
) -> None:
    """Trains towards the teacher's vectors, in place; resumes from `keep`."""
    groups = by_length(teacher.french, recipe.distil_batch)

    def loss(step: int) -> torch.Tensor:
        turn, at = divmod(step, len(groups))
        order = random_of(seed * 1000 + turn).sample(range(len(groups)), len(groups))
        return _distance(reader, teacher, groups[order[at]], recipe)

    steps = Steps("distil", recipe.distil_steps, recipe.distil_rate, keep)
    steps.run(reader.student, loss)


def contrast(
    reader: Reader,
    pairs: PairIds,
    tokenise: Tokenise,
    teacher: TeacherIds,
    recipe: StudentRecipe,
    seed: int,
    keep: Path,
) -> None:
    """Contrastive training with hard negatives, in place; resumes from `keep`."""
    groups = by_length(teacher.french, recipe.beside)
    batches = by_length([pairs.passages[i] for i in pairs.answers], recipe.pair_batch)

    def loss(step: int) -> torch.Tensor:
        rng = random_of(seed * 1_000_003 + step)
        rows = batches[rng.randrange(len(batches))]
        texts = [vary(pairs.queries[i], rng, recipe.questions, recipe.typos) for i in rows]
        answers = [int(pairs.answers[i]) for i in rows]
        hard = [int(pairs.negatives[i]) for i in rows if pairs.negatives[i] >= 0]
        hard = rng.sample(hard, round(recipe.hard_share * len(hard)))
        candidates = answers + hard
        titles = [pairs.queries[i] for i in rows]
        same = duplicates(answers, candidates, len(rows))
        same[:, : len(rows)] |= duplicates(titles, titles, len(rows))
        queries = reader(tokenise(texts, recipe.query_tokens), recipe.query_tokens)
        passages = reader([pairs.passages[i] for i in candidates], recipe.passage_tokens)
        kept = _distance(reader, teacher, groups[rng.randrange(len(groups))], recipe)
        return contrastive_loss(queries, passages, same, recipe.scale) + recipe.beside_weight * kept

    Steps("pairs", recipe.pair_steps, recipe.pair_rate, keep).run(reader.student, loss)


def _distance(
    reader: Reader, teacher: TeacherIds, rows: Sequence[int], recipe: StudentRecipe
) -> torch.Tensor:
    learnt = reader([teacher.french[i] for i in rows], recipe.sentence_tokens)
    target = torch.from_numpy(teacher.vectors[list(rows)].astype(np.float32))
    return (1 - F.cosine_similarity(learnt, target)).mean()
