"""A transformer written out: every head is a module of its own, and norms are made of single operations.

Twelve layers of four heads are some 1,500 operations, eighty some 10,000.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

import explorer

WIDTH, HEADS, TOKENS, VOCABULARY = 16, 4, 4, 10


class Norm(nn.Module):
    """Layer normalisation, operation by operation."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))
        self.bias = nn.Parameter(torch.zeros(WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        centred = x - x.mean(-1, keepdim=True)
        spread = (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
        return centred / spread * self.weight + self.bias


class Head(nn.Module):
    """One head of causal attention."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = (nn.Parameter(0.2 * torch.randn(WIDTH, WIDTH // HEADS)) for _ in range(3))
        self.register_buffer("hidden", torch.full((TOKENS, TOKENS), -1e9).triu(1))

    def forward(self, x: Tensor) -> Tensor:
        scores = (x @ self.q) @ (x @ self.k).transpose(-2, -1) * (WIDTH // HEADS) ** -0.5
        weights: Tensor = (scores + self.hidden).softmax(-1)
        return weights @ (x @ self.v)


class Block(nn.Module):
    """Attention and a feed-forward part, each added to the stream that it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.heads, self.after = Norm(), nn.ModuleList(Head() for _ in range(HEADS)), Norm()
        self.out, self.up, self.down = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        read = self.before(x)
        x = x + self.out(torch.cat([head(read) for head in self.heads], -1))
        made: Tensor = self.down(self.up(self.after(x)).relu())
        return x + made


class Transformer(nn.Module):
    """Token ids ``(batch, tokens)`` to scores ``(batch, tokens, vocabulary)``."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCABULARY, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.score = nn.Linear(WIDTH, VOCABULARY)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x)
        scores: Tensor = self.score(x)
        return scores


def run(layers: int) -> explorer.Run:
    """One execution of it, always the same, forward and backward."""
    with torch.random.fork_rng([]):
        torch.manual_seed(1)
        return explorer.trace_module(Transformer(layers).eval(), (torch.arange(TOKENS)[None],))
