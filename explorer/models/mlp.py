"""A multilayer perceptron: linear maps with a bend after each but the last."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from explorer.models.sizes import positive


@dataclass(frozen=True)
class MLPConfig:
    """``sizes``: the width of every layer, from the inputs to the outputs."""

    sizes: tuple[int, ...] = (2, 16, 16, 1)

    def __post_init__(self) -> None:
        positive(layers=len(self.sizes) - 1, **{f"size {place}": size for place, size in enumerate(self.sizes)})


class MLP(nn.Module):
    """Maps ``(batch, sizes[0])`` to ``(batch, sizes[-1])``."""

    def __init__(self, config: MLPConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(wide, next_) for wide, next_ in pairwise(config.sizes))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)
