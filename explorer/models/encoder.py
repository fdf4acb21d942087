"""One layer of a transformer encoder, with its norms after (2017) or before (most models since) each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from explorer.models.attention import SelfAttention
from explorer.models.sizes import multiple, positive


@dataclass(frozen=True)
class EncoderConfig:
    """``norm``: ``post`` as in the paper of 2017, ``pre`` as in GPT-2; ``hidden``: width between the linear maps."""

    width: int = 16
    heads: int = 2
    hidden: int = 64
    dropout: float = 0.0
    norm: Literal["post", "pre"] = "post"

    def __post_init__(self) -> None:
        positive(width=self.width, heads=self.heads, hidden=self.hidden)
        multiple("width", self.width, "heads", self.heads)


class FeedForward(nn.Module):
    """Two linear maps with a ReLU between, the same for every token."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.fc = nn.Linear(width, hidden)
        self.proj = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(self.fc(x).relu())


class EncoderLayer(nn.Module):
    """From and to ``(batch, tokens, width)``."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.pre = config.norm == "pre"
        self.attn = SelfAttention(config.width, config.heads, causal=False)
        self.norm1 = nn.LayerNorm(config.width)
        self.ffn = FeedForward(config.width, config.hidden)
        self.norm2 = nn.LayerNorm(config.width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        if self.pre:
            x = x + self.dropout(self.attn(self.norm1(x)))
            return x + self.dropout(self.ffn(self.norm2(x)))
        x = self.norm1(x + self.dropout(self.attn(x)))
        return self.norm2(x + self.dropout(self.ffn(x)))
