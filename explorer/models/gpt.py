"""A decoder-only transformer in the manner of GPT-2: each token predicts the one after it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.errors import ModelError
from explorer.models.attention import SelfAttention
from explorer.models.sizes import multiple, positive


@dataclass(frozen=True)
class GPTConfig:
    """``context``: the most tokens it can read; ``tied``: one matrix embeds tokens and scores the next one."""

    vocabulary: int = 27
    context: int = 16
    layers: int = 2
    heads: int = 4
    width: int = 32
    dropout: float = 0.0
    tied: bool = True

    def __post_init__(self) -> None:
        positive(vocabulary=self.vocabulary, context=self.context, layers=self.layers, heads=self.heads)
        positive(width=self.width)
        multiple("width", self.width, "heads", self.heads)


class FeedForward(nn.Module):
    """Two linear maps with a GELU between, the same for every token."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc = nn.Linear(width, 4 * width)
        self.proj = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(F.gelu(self.fc(x)))


class Block(nn.Module):
    """Attention, then the feed-forward part, each added to the stream ``(batch, tokens, width)`` it reads."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.width)
        self.attn = SelfAttention(config.width, config.heads, causal=True)
        self.ln_2 = nn.LayerNorm(config.width)
        self.mlp = FeedForward(config.width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.dropout(self.attn(self.ln_1(x)))
        return x + self.dropout(self.mlp(self.ln_2(x)))


class GPT(nn.Module):
    """Token ids ``(batch, tokens)`` to logits ``(batch, tokens, vocabulary)``."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.wte = nn.Embedding(config.vocabulary, config.width)
        self.wpe = nn.Embedding(config.context, config.width)
        self.h = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.ln_f = nn.LayerNorm(config.width)
        self.lm_head = nn.Linear(config.width, config.vocabulary, bias=False)
        self.apply(_start_small)
        if config.tied:
            self.lm_head.weight = self.wte.weight

    def forward(self, tokens: Tensor) -> Tensor:
        if tokens.shape[1] > self.config.context:
            raise ModelError(f"{tokens.shape[1]} tokens are more than the {self.config.context} the model can read.")
        places = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.wte(tokens) + self.wpe(places)
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))


def next_token_loss(logits: Tensor, tokens: Tensor) -> Tensor:
    """The mean cross entropy of ``logits[:, i]`` against ``tokens[:, i + 1]``."""
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


def _start_small(module: nn.Module) -> None:
    """GPT-2's start: normal weights of deviation 0.02, biases of zero."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
