"""Attention: every token asks all others a question and mixes what they answer (Vaswani et al. 2017)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.models.sizes import positive


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(q kᵀ / √d) v over the last two axes, which are ``(tokens, d)``.

    ``mask`` is True where a query token (row) may look at a key token (column).
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1) @ v


def causal_mask(tokens: int) -> Tensor:
    """``(tokens, tokens)``, True on and below the diagonal: no token sees the ones after it."""
    return torch.ones(tokens, tokens, dtype=torch.bool).tril()


@dataclass(frozen=True)
class HeadConfig:
    """``width``: features of a token; ``size``: features of a query, key or value."""

    width: int = 8
    size: int = 4
    causal: bool = False

    def __post_init__(self) -> None:
        positive(width=self.width, size=self.size)


class AttentionHead(nn.Module):
    """One head, from ``(batch, tokens, width)`` to ``(batch, tokens, size)``."""

    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        self.causal = config.causal
        self.q = nn.Linear(config.width, config.size, bias=False)
        self.k = nn.Linear(config.width, config.size, bias=False)
        self.v = nn.Linear(config.width, config.size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        mask = causal_mask(x.shape[1]) if self.causal else None
        return attend(self.q(x), self.k(x), self.v(x), mask)


class SelfAttention(nn.Module):
    """Several heads side by side, from and to ``(batch, tokens, width)``."""

    def __init__(self, width: int, heads: int, causal: bool) -> None:
        super().__init__()
        self.heads, self.causal = heads, causal
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (self.split(part) for part in self.qkv(x).chunk(3, dim=-1))
        mask = causal_mask(x.shape[1]) if self.causal else None
        return self.proj(self.join(attend(q, k, v, mask)))

    def split(self, x: Tensor) -> Tensor:
        """``(batch, tokens, width)`` to ``(batch, heads, tokens, width / heads)``."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def join(self, x: Tensor) -> Tensor:
        """The inverse of ``split``."""
        return x.transpose(1, 2).flatten(2)
