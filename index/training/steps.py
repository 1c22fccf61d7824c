"""A training loop that can be interrupted: its state is one file, and each step knows its number.

What a step reads depends on its number alone, and the optimiser's moments are kept beside the
weights, so a resumed training goes on exactly as it would have.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from index.training.progress import progress

SAVE_EVERY = 100
WARM_UP = 0.05
CLIP = 1.0


class Steps:
    """AdamW with a linear warm-up and fall, over a fixed number of steps.

    Args:
        name: shown beside the progress bar.
        total: number of steps.
        rate: the highest learning rate.
        keep: the file of the state; a finished training is read from it and not repeated.
    """

    def __init__(self, name: str, total: int, rate: float, keep: Path) -> None:
        self.name, self.total, self.rate, self.keep = name, total, rate, keep

    def run(self, model: torch.nn.Module, loss_of: Callable[[int], torch.Tensor]) -> None:
        """Trains `model` in place by the loss of each step number."""
        model.train()
        adam = torch.optim.AdamW(model.parameters(), lr=self.rate, weight_decay=0.01)
        start = self._resume(model, adam)
        bar = progress(name=self.name, total=self.total)
        bar.update(start)
        for step in range(start, self.total):
            for group in adam.param_groups:
                group["lr"] = self.rate * self._share(step)
            loss = loss_of(step)
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch annotates it only in part
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            adam.step()
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.4f}", refresh=False)
            if (step + 1) % SAVE_EVERY == 0 or step + 1 == self.total:
                self._save(model, adam, step + 1)
        bar.close()
        model.eval()

    def _share(self, step: int) -> float:
        warm = max(1, round(WARM_UP * self.total))
        if step < warm:
            return (step + 1) / warm
        return max(0.0, (self.total - step) / max(1, self.total - warm))

    def _save(self, model: torch.nn.Module, adam: torch.optim.AdamW, done: int) -> None:
        tensors = {}
        for name, weight in model.named_parameters():
            state = adam.state[weight]
            tensors[f"weight.{name}"] = weight.detach()
            if state:
                tensors[f"mean.{name}"] = state["exp_avg"]
                tensors[f"square.{name}"] = state["exp_avg_sq"]
        aside = self.keep.with_suffix(".part")
        save_file({k: v.contiguous() for k, v in tensors.items()}, aside, {"done": str(done)})
        aside.replace(self.keep)

    def _resume(self, model: torch.nn.Module, adam: torch.optim.AdamW) -> int:
        try:
            with safe_open(str(self.keep), framework="pt") as stored:
                done = int((stored.metadata() or {})["done"])
                names = set(stored.keys())
                for name, weight in model.named_parameters():
                    weight.data.copy_(stored.get_tensor(f"weight.{name}"))
                    if f"mean.{name}" in names:
                        adam.state[weight] = {
                            "step": torch.tensor(float(done)),
                            "exp_avg": stored.get_tensor(f"mean.{name}"),
                            "exp_avg_sq": stored.get_tensor(f"square.{name}"),
                        }
        except (OSError, SafetensorError, KeyError, ValueError):
            return 0  # nothing kept, or nothing usable: from the beginning
        return done
