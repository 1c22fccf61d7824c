"""The static encoder: one vector a token, their mean, unit length.

Two sources, one table. *Ridge*: the table whose means lie nearest to the teacher's vectors of
the English translations, by block conjugate gradients on the normal equations. *Contrastive*: a
query lies nearer to its passage than to the other passages of the batch and to a hard negative
(InfoNCE), at full width and at the Matryoshka widths; a second term holds the table to the teacher
so that what the ridge brought is not forgotten.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
import torch.nn.functional as F  # noqa: N812 - the name that every PyTorch reader knows
from numpy.typing import NDArray

from index.training.augment import vary
from index.training.data import random_of
from index.training.progress import progress

Ids = Sequence[Sequence[int]]
Tokenise = Callable[[Sequence[str], int], Ids]


@dataclass(frozen=True, slots=True)
class StaticRecipe:
    """Every figure of the static encoder's training."""

    dimension: int = 384
    matryoshka: tuple[int, ...] = (384, 128)
    ridge: float = 0.03
    ridge_rows: int = 120_000
    ridge_steps: int = 25
    epochs: int = 4
    batch: int = 1024
    rate: float = 0.02
    scale: float = 20.0
    teacher_weight: float = 2.0
    query_tokens: int = 48
    passage_tokens: int = 180
    questions: float = 0.4
    typos: float = 0.1


def mean_matrix(ids: Ids, vocabulary: int) -> sp.csr_matrix:
    """Row i holds 1/length for each token of sentence i; shape (sentences, vocabulary)."""
    lengths = np.array([len(row) for row in ids])
    columns = np.fromiter((t for row in ids for t in row), dtype=np.int32, count=lengths.sum())
    values = np.repeat(1.0 / np.maximum(lengths, 1), lengths).astype(np.float32)
    pointers = np.concatenate([[0], np.cumsum(lengths)])
    matrix = sp.csr_matrix((values, columns, pointers), shape=(len(ids), vocabulary))
    matrix.sum_duplicates()
    return matrix


def ridge_table(
    ids: Ids, targets: NDArray[np.float32], vocabulary: int, penalty: float, steps: int
) -> NDArray[np.float32]:
    """Solves ``min |X W - T|² + penalty |W|²`` for the table W, shape (vocabulary, dimension).

    Conjugate gradients, one per column at once, preconditioned by the diagonal: some 25 steps
    reach the third decimal, where a direct solution would need the 24,000² matrix.
    """
    x = mean_matrix(ids, vocabulary)
    xt = x.T.tocsr()
    diagonal = np.asarray(x.multiply(x).sum(axis=0)).ravel().astype(np.float32) + penalty
    residual = np.asarray(xt @ targets, dtype=np.float32)
    table = np.zeros_like(residual)
    search = direction = residual / diagonal[:, None]
    energy = (residual * direction).sum(axis=0)
    for _ in progress(range(steps), name="ridge"):
        image = np.asarray(xt @ (x @ search), dtype=np.float32) + penalty * search
        step = energy / np.maximum((search * image).sum(axis=0), 1e-12)
        table += step * search
        residual = residual - step * image
        direction = residual / diagonal[:, None]
        renewed = (residual * direction).sum(axis=0)
        search = direction + renewed / np.maximum(energy, 1e-12) * search
        energy = renewed
    return table


def contrastive_loss(
    queries: torch.Tensor, passages: torch.Tensor, same: torch.Tensor, scale: float
) -> torch.Tensor:
    """InfoNCE from queries to passages and back.

    Args:
        queries: (n, d).
        passages: (n + hard negatives, d), row i being the answer of query i for i < n.
        same: (n, n + hard negatives) booleans: other rows that answer the query too, left out.
        scale: the inverse temperature.
    """
    n = len(queries)
    scores = scale * F.normalize(queries, dim=1) @ F.normalize(passages, dim=1).T
    scores = scores.masked_fill(same, -1e4)
    labels = torch.arange(n)
    return F.cross_entropy(scores, labels) + 0.5 * F.cross_entropy(scores[:, :n].T, labels)


def duplicates(keys: Sequence[object], others: Sequence[object], n: int) -> torch.Tensor:
    """True at (i, j) where `others[j]` equals `keys[i]`, but for i = j; shape (n, len(others))."""
    numbers: dict[object, int] = {}
    left = torch.tensor([numbers.setdefault(k, len(numbers)) for k in keys])
    right = torch.tensor([numbers.setdefault(k, len(numbers)) for k in others])
    same = left[:, None] == right[None, :]
    same[torch.arange(n), torch.arange(n)] = False
    return same


class StaticTable(torch.nn.Module):
    """Mean of token vectors; an empty text gives zeros."""

    def __init__(self, table: NDArray[np.float32]) -> None:
        super().__init__()
        self.bag = torch.nn.EmbeddingBag.from_pretrained(
            torch.from_numpy(table.copy()), freeze=False, mode="mean"
        )

    def forward(self, ids: Ids) -> torch.Tensor:
        """Vectors of shape (n, dimension), not normalised."""
        flat = torch.tensor([t for row in ids for t in row], dtype=torch.long)
        starts = np.cumsum([0, *(len(row) for row in ids)])[:-1]
        vectors: torch.Tensor = self.bag(flat, torch.from_numpy(starts))
        return vectors


@dataclass(frozen=True, slots=True)
class PairIds:
    """What contrastive training reads: texts of queries, tokens of passages, hard negatives."""

    queries: Sequence[str]
    answers: NDArray[np.int64]
    passages: Ids
    negatives: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TeacherIds:
    """French tokens beside the teacher's unit vectors of their translations."""

    french: Ids
    vectors: NDArray[np.float16]


def batches(count: int, size: int, rng: random.Random) -> Iterator[list[int]]:
    """Shuffled row numbers in batches of `size`; an incomplete last batch is left out."""
    order = list(range(count))
    rng.shuffle(order)
    size = min(size, count)
    for start in range(0, count - size + 1, size):
        yield order[start : start + size]


def train_static(
    table: NDArray[np.float32],
    pairs: PairIds,
    teacher: TeacherIds,
    tokenise: Tokenise,
    recipe: StaticRecipe,
    seed: int,
) -> NDArray[np.float32]:
    """Trains the table by Adam with a linearly falling rate; returns it, same shape."""
    rng = random_of(seed)
    torch.manual_seed(seed)
    model = StaticTable(table)
    adam = torch.optim.Adam(model.parameters(), lr=recipe.rate)
    size = min(recipe.batch, len(pairs.queries))
    steps = max(1, recipe.epochs * (len(pairs.queries) // size))
    falling = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: max(0.0, 1 - step / steps))
    bar = progress(name="static", total=steps)
    for _ in range(recipe.epochs):
        for rows in batches(len(pairs.queries), size, rng):
            loss = _pair_loss(model, pairs, rows, tokenise, recipe, rng)
            if recipe.teacher_weight and teacher.french:
                loss = loss + recipe.teacher_weight * _teacher_loss(model, teacher, size, rng)
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch annotates it only in part
            adam.step()
            falling.step()
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    bar.close()
    return model.bag.weight.detach().numpy()


def _pair_loss(
    model: StaticTable,
    pairs: PairIds,
    rows: list[int],
    tokenise: Tokenise,
    recipe: StaticRecipe,
    rng: random.Random,
) -> torch.Tensor:
    texts = [vary(pairs.queries[i], rng, recipe.questions, recipe.typos) for i in rows]
    answers = [int(pairs.answers[i]) for i in rows]
    hard = [int(pairs.negatives[i]) for i in rows if pairs.negatives[i] >= 0]
    candidates = answers + hard
    queries = model(tokenise(texts, recipe.query_tokens))
    passages = model([pairs.passages[i] for i in candidates])
    same = duplicates(answers, candidates, len(rows))
    titles = [pairs.queries[i] for i in rows]
    same[:, : len(rows)] |= duplicates(titles, titles, len(rows))
    losses = [
        contrastive_loss(queries[:, :width], passages[:, :width], same, recipe.scale)
        for width in recipe.matryoshka
    ]
    return torch.stack(losses).mean()


def _teacher_loss(
    model: StaticTable, teacher: TeacherIds, size: int, rng: random.Random
) -> torch.Tensor:
    rows = [rng.randrange(len(teacher.french)) for _ in range(size)]
    learnt = model([teacher.french[i] for i in rows])
    target = torch.from_numpy(teacher.vectors[rows].astype(np.float32))
    return (1 - F.cosine_similarity(learnt, target[:, : learnt.shape[1]])).mean()
