"""Filling weights once leaves the same in them as filling them as often as PyTorch does."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from explorer import models
from explorer.models.filling import FilledOnce


class _Drawn(TorchFunctionMode):
    """In place of random numbers one that stands for how they are drawn; ``sizes`` says how many each time."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        how = dict(kwargs or {})
        if func.__name__ not in {"normal_", "uniform_", "kaiming_uniform_"}:
            return func(*args, **how)
        tensor = how.pop("tensor") if "tensor" in how else args[0]
        self.sizes.append(tensor.numel())
        with torch.no_grad():
            return tensor.fill_(crc32(repr((func.__name__, args[1:], how)).encode()) % 1009)


@pytest.mark.parametrize("name", models.names())
def test_every_model_starts_as_pytorch_would_have_it(name: str) -> None:
    entry = models.entry_of(name)
    with torch.random.fork_rng([]), _Drawn():
        torch.manual_seed(1)
        plain = entry.build(entry.config).state_dict()
        torch.manual_seed(1)
        with FilledOnce() as filling:
            model = entry.build(entry.config)
        filling.finish(model)
    once = model.state_dict()
    assert plain.keys() == once.keys() and all(torch.equal(plain[key], once[key]) for key in plain)


class _Reading(nn.Module):
    """Reads and writes its weights while it is made."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(5, 3, padding_idx=2)
        self.scale = nn.Parameter(torch.empty(3))
        nn.init.ones_(self.scale)
        self.register_buffer("doubled", torch.stack([self.scale.detach() * 2, self.scale.data]))
        self.scale.data[1] = 5.0
        nn.init.zeros_(self.scale)
        self.scale.data[0] = 7.0


def test_what_is_read_or_written_in_between_was_filled_before() -> None:
    with FilledOnce() as filling:
        model = _Reading()
    filling.finish(model)
    assert model.scale.tolist() == [7.0, 0.0, 0.0]
    assert model.get_buffer("doubled")[0].tolist() == [2.0, 2.0, 2.0]
    assert model.embed.weight[2].tolist() == [0.0, 0.0, 0.0] and model.embed.weight[0].abs().min() > 0


def test_a_weight_is_drawn_once() -> None:
    with _Drawn() as drawn:
        model = models.load("gpt")
    matrices = [p.numel() for p in model.parameters() if p.ndim > 1]
    assert sorted(drawn.sizes) == sorted(matrices)
