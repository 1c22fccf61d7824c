"""The training, stage by stage. Each stage is kept on disk under the key of its inputs.

1. data: read, pairs held out by blocks.
2. tokeniser: a French WordPiece vocabulary, accents folded.
3. teacher: all-MiniLM-L6-v2 reads the English side of the parallel sentences.
4. negatives: BM25 finds for each query a passage that looks right and is not.
5. static: ridge regression onto the teacher, then contrastive training.
6. student (only if asked for): a shallow transformer, distilled then contrastive.
7. evaluation and export, with the model card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertModel

from index.training.data import (
    Parallel,
    Split,
    data_fingerprint,
    fingerprint,
    load_pairs,
    load_parallel,
    random_of,
    split_pairs,
)
from index.training.errors import TrainingDataError
from index.training.lexical import mine_negatives
from index.training.stages import Stages
from index.training.static import PairIds, StaticRecipe, TeacherIds, ridge_table, train_static
from index.training.student import (
    Reader,
    StudentRecipe,
    contrast,
    distil,
    english_ids,
    french_inputs,
    new_student,
)
from index.training.teacher import Teacher, teacher_vectors
from index.training.tokeniser import (
    encode,
    french_texts,
    train_tokeniser,
)

TEACHER_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every figure of a training."""

    seed: int = 0
    vocabulary: int = 24_000
    held_out: float = 0.02
    parallel_limit: int | None = None
    static: StaticRecipe = field(default_factory=StaticRecipe)
    student: StudentRecipe = field(default_factory=StudentRecipe)


class Training:
    """One training over one data folder; every property is a stage, made at its first need."""

    def __init__(self, data: Path, stages: Stages, recipe: Recipe) -> None:
        self.data = data
        self.stages = stages
        self.recipe = recipe

    @cached_property
    def split(self) -> Split:
        """Training and held-out pairs."""
        split = split_pairs(load_pairs(self.data), self.recipe.seed, self.recipe.held_out)
        if len(split.train) < 2:
            raise TrainingDataError("fewer than two training pairs: give more data")
        return split

    @cached_property
    def parallel(self) -> Sequence[Parallel]:
        """Parallel sentences, shuffled."""
        rows = list(load_parallel(self.data))
        random_of(self.recipe.seed).shuffle(rows)
        return rows[: self.recipe.parallel_limit]

    @cached_property
    def key(self) -> str:
        """Of the data and of what every later stage depends on."""
        r = self.recipe
        return fingerprint(data_fingerprint(self.data), r.seed, r.held_out, r.parallel_limit)

    def tokeniser(self, size: int) -> Tokenizer:
        """The vocabulary of at most `size` entries."""

        def make() -> dict[str, NDArray[Any]]:
            texts = french_texts(self.split.train, self.parallel)
            content = train_tokeniser(texts, size).to_str().encode()
            return {"json": np.frombuffer(content, dtype=np.uint8)}

        stored = self.stages.arrays("tokeniser", fingerprint(self.key, size, "letters"), make)
        return Tokenizer.from_str(bytes(stored["json"]).decode())

    @cached_property
    def teacher(self) -> NDArray[np.float16]:
        """Unit vectors of the English sentences, in the order of `parallel`."""
        return teacher_vectors([row.english for row in self.parallel], self.stages)

    @cached_property
    def passages(self) -> tuple[Sequence[str], NDArray[np.int64]]:
        """The training passages without repeats, and the row of each pair's own."""
        texts = list(dict.fromkeys(pair.passage for pair in self.split.train))
        row = {text: i for i, text in enumerate(texts)}
        return texts, np.array([row[pair.passage] for pair in self.split.train])

    @cached_property
    def negatives(self) -> NDArray[np.int64]:
        """A hard negative's row for each pair, or -1."""
        texts, answers = self.passages
        queries = [pair.query for pair in self.split.train]

        def make() -> dict[str, NDArray[Any]]:
            return {"rows": mine_negatives(queries, [int(i) for i in answers], texts)}

        return self.stages.arrays("negatives", fingerprint(self.key, "bm25-1"), make)["rows"]

    @cached_property
    def static_table(self) -> NDArray[np.float32]:
        """The static encoder's vectors, shape (vocabulary, dimension)."""
        key = fingerprint(self.key, self.recipe.vocabulary, asdict(self.recipe.static), "static-2")
        return self.stages.arrays("static", key, self._train_static)["table"]

    def _train_static(self) -> dict[str, NDArray[Any]]:
        recipe = self.recipe.static
        tokeniser = self.tokeniser(self.recipe.vocabulary)
        french = encode(tokeniser, [row.french for row in self.parallel], TEACHER_TOKENS)
        pairs = self._pair_ids(tokeniser, recipe.passage_tokens)
        teacher = TeacherIds(french, self.teacher)
        start = self._ridge(french, tokeniser.get_vocab_size())
        reader = partial(encode, tokeniser)
        table = train_static(start, pairs, teacher, reader, recipe, self.recipe.seed)
        return {"table": table}

    def _pair_ids(self, tokeniser: Tokenizer, passage_tokens: int) -> PairIds:
        texts, answers = self.passages
        queries = [pair.query for pair in self.split.train]
        return PairIds(queries, answers, encode(tokeniser, texts, passage_tokens), self.negatives)

    def _ridge(self, french: Sequence[Sequence[int]], vocabulary: int) -> NDArray[np.float32]:
        recipe = self.recipe.static
        rows = min(len(french), recipe.ridge_rows)
        key = fingerprint(
            self.key, vocabulary, recipe.ridge, rows, recipe.ridge_steps, recipe.dimension, "2"
        )

        def make() -> dict[str, NDArray[Any]]:
            targets = self.teacher[:rows, : recipe.dimension].astype(np.float32)
            table = ridge_table(
                french[:rows], targets, vocabulary, recipe.ridge, recipe.ridge_steps
            )
            return {"table": table}

        return self.stages.arrays("ridge", key, make)["table"]

    @cached_property
    def student(self) -> BertModel:
        """The trained transformer student."""
        recipe, seed = self.recipe.student, self.recipe.seed
        tokeniser = self.tokeniser(recipe.vocabulary)
        key = fingerprint(self.key, asdict(recipe), "student-2")
        keep = self.stages.folder
        french = encode(tokeniser, [row.french for row in self.parallel], recipe.sentence_tokens)
        teacher = Teacher()
        student = new_student(teacher, self._student_inputs(french, teacher), tokeniser, recipe)
        reader, known = Reader(student, tokeniser), TeacherIds(french, self.teacher)
        distil(reader, known, recipe, seed, keep / f"distil-{key[:12]}.safetensors")
        pairs = self._pair_ids(tokeniser, recipe.passage_tokens)
        read = partial(encode, tokeniser)
        contrast(reader, pairs, read, known, recipe, seed, keep / f"pairs-{key[:12]}.safetensors")
        return student

    def _student_inputs(
        self, french: Sequence[Sequence[int]], teacher: Teacher
    ) -> NDArray[np.float32]:
        recipe = self.recipe.student
        key = fingerprint(self.key, recipe.vocabulary, recipe.ridge, recipe.ridge_rows, "inputs-2")

        def make() -> dict[str, NDArray[Any]]:
            rows = [row.english for row in self.parallel[: recipe.ridge_rows]]
            english = english_ids(teacher, rows, recipe.sentence_tokens)
            size = self.tokeniser(recipe.vocabulary).get_vocab_size()
            return {"table": french_inputs(french, english, teacher.inputs(), size, recipe)}

        return self.stages.arrays("inputs", key, make)["table"]
