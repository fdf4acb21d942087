"""What is special about some of a model's tensors: attention maps, and scores of the next token."""

from __future__ import annotations

from explorer.ui import attention, predictions
from explorer.ui.model import Traced


def draw(traced: Traced, index: int) -> None:
    """The section of a softmax over tokens, or of the logits; nothing for other tensors."""
    value = traced.run.value(index)
    if value is not None and traced.axes.is_attention(index):
        attention.draw(traced, index)
    elif value is not None and index == traced.logits:
        predictions.draw(traced, value)
