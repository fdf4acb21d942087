"""A block in the manner of Llama: RMSNorm, rotary positions, grouped queries, and a gated feed-forward part."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.models.attention import attend, causal_mask
from explorer.models.sizes import multiple, positive


@dataclass(frozen=True)
class LlamaConfig:
    """``groups``: how many key-value heads the query ``heads`` share; ``base``: of the rotary frequencies."""

    width: int = 32
    heads: int = 4
    groups: int = 2
    hidden: int = 88
    base: float = 10000.0
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        positive(width=self.width, heads=self.heads, groups=self.groups, hidden=self.hidden)
        multiple("width", self.width, "two features a head, heads × 2 =", 2 * self.heads)
        multiple("heads", self.heads, "groups", self.groups)


class RMSNorm(nn.Module):
    """Scales the features of a token to a root mean square of one (Zhang and Sennrich 2019)."""

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        mean_square = x.pow(2).mean(-1, keepdim=True)
        return x * torch.rsqrt(mean_square + self.epsilon) * self.weight


def rotate(x: Tensor, base: float) -> Tensor:
    """Turns the pair of features (i, i + d/2) of token t by the angle t · base^(−2i/d) (Su et al. 2021).

    ``x`` is ``(batch, heads, tokens, d)``. The product of two rotated tokens depends on their distance alone.
    """
    tokens, d = x.shape[-2:]
    speeds = base ** (-torch.arange(0, d, 2, device=x.device) / d)
    angles = torch.outer(torch.arange(tokens, device=x.device), speeds)
    cos, sin = angles.cos(), angles.sin()
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1)


class GroupedAttention(nn.Module):
    """Causal attention in which several query heads share one key-value head (Ainslie et al. 2023)."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        size = config.width // config.heads
        self.heads, self.groups, self.base = config.heads, config.groups, config.base
        self.q = nn.Linear(config.width, config.heads * size, bias=False)
        self.k = nn.Linear(config.width, config.groups * size, bias=False)
        self.v = nn.Linear(config.width, config.groups * size, bias=False)
        self.o = nn.Linear(config.heads * size, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        q = rotate(self.split(self.q(x), self.heads), self.base)
        k = rotate(self.split(self.k(x), self.groups), self.base)
        v = self.split(self.v(x), self.groups)
        shared = self.heads // self.groups
        k, v = k.repeat_interleave(shared, dim=1), v.repeat_interleave(shared, dim=1)
        mixed = attend(q, k, v, causal_mask(x.shape[1]))
        return self.o(mixed.transpose(1, 2).flatten(2))

    def split(self, x: Tensor, heads: int) -> Tensor:
        """``(batch, tokens, heads · size)`` to ``(batch, heads, tokens, size)``."""
        return x.unflatten(-1, (heads, -1)).transpose(1, 2)


class SwiGLU(nn.Module):
    """A feed-forward part whose middle is gated by a swish (Shazeer 2020)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, hidden, bias=False)
        self.up = nn.Linear(width, hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(x)) * self.up(x))


class LlamaBlock(nn.Module):
    """From and to ``(batch, tokens, width)``."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        self.norm_1 = RMSNorm(config.width, config.epsilon)
        self.attn = GroupedAttention(config)
        self.norm_2 = RMSNorm(config.width, config.epsilon)
        self.mlp = SwiGLU(config.width, config.hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm_1(x))
        return x + self.mlp(self.norm_2(x))
