"""Small models, traced both ways."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.capture.model import trace_module
from explorer.capture.trace import ModuleRun
from explorer.models.gpt import GPT, GPTConfig
from explorer.models.llama import LlamaBlock, LlamaConfig

MODES = ("eager", "export")
BATCH, TOKENS, WIDTH = 3, 9, 32


def gpt(layers: int = 2, tied: bool = True) -> GPT:
    torch.manual_seed(0)
    return GPT(GPTConfig(layers=layers, width=WIDTH, tied=tied)).eval()


def tokens(batch: int = BATCH, length: int = TOKENS) -> Tensor:
    return torch.randint(0, 27, (batch, length), generator=torch.Generator().manual_seed(1))


@cache
def traced(mode: str, layers: int = 2) -> ModuleRun:
    return trace_module(gpt(layers), (tokens(),), mode=mode)  # type: ignore[arg-type]


class Attending(nn.Module):
    """One causal head by torch's own operation."""

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)


class Convolving(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3, stride=2), nn.Conv2d(8, 4, 3, padding=1)
        self.up, self.head = nn.ConvTranspose2d(4, 6, 2, stride=2), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.up(F.gelu(self.second(self.first(x).relu()))).mean((2, 3)))


def llama() -> tuple[LlamaBlock, Tensor]:
    torch.manual_seed(0)
    return LlamaBlock(LlamaConfig()), torch.randn(2, 5, 32)
