"""Trains the GPT that sorts letters and writes its weights: ``python -m explorer.models.train_sort``.

On one core it takes some minutes. The seed makes it repeatable on the same machine and version of torch.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import torch
from safetensors.torch import save_model

from explorer.models import sort
from explorer.models.gpt import GPT

STEPS, ROWS, RATE, SEED = 12000, 128, 3e-3, 1
TARGET = Path(__file__).resolve().parents[2] / "assets" / "models" / "gpt-sort.safetensors"


def train(steps: int = STEPS, seed: int = SEED) -> GPT:
    """A GPT trained on words that are not held out. Sets torch's seed."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = GPT(sort.CONFIG)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _warm_then_cool(step, steps))
    for step in range(steps):
        length = 1 + int(torch.randint(sort.LONGEST, (), generator=generator))
        loss = _step(model, optimiser, sort.examples(ROWS, length, generator, held_out=False))
        schedule.step()
        if step % 500 == 0 or step == steps - 1:
            print(f"step {step}: loss {loss:.5f}", file=sys.stderr, flush=True)
    return model


def _warm_then_cool(step: int, steps: int) -> float:
    return min((step + 1) / 200, 0.5 + 0.5 * math.cos(math.pi * step / steps))


def _step(model: GPT, optimiser: torch.optim.Optimizer, tokens: torch.Tensor) -> float:
    loss = sort.loss(model(tokens[:, :-1]), tokens)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def main() -> None:
    torch.set_num_threads(1)
    model = train()
    share = sort.share_sorted(model, 20000, torch.Generator().manual_seed(SEED + 1))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    save_model(model, str(TARGET))
    print(f"{share:.4%} of unseen words sorted; {TARGET.stat().st_size} bytes in {TARGET}")


if __name__ == "__main__":
    main()
