"""One neuron: a weighted sum of its inputs, a bias, and a squashing function."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.models.sizes import positive


@dataclass(frozen=True)
class NeuronConfig:
    """``inputs``: how many numbers the neuron looks at."""

    inputs: int = 3

    def __post_init__(self) -> None:
        positive(inputs=self.inputs)


class Neuron(nn.Module):
    """y = tanh(w · x + b), with x of shape ``(..., inputs)`` and y of shape ``(...)``."""

    def __init__(self, config: NeuronConfig) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(config.inputs))
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x @ self.weight + self.bias)
