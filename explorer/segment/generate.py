"""Text through the segments: token by token, the most likely one each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from explorer.errors import SegmentError


def generate(model: Callable[[Tensor], Any], tokens: Tensor, count: int) -> Tensor:
    """``tokens (batch, n)`` with ``count`` more. ``model`` gives logits ``(batch, n, vocabulary)``, bare, as an
    attribute ``logits``, or first of several. Raises SegmentError where it does not.
    """
    with torch.no_grad():
        for _ in range(count):
            logits = _logits(model(tokens))
            tokens = torch.cat((tokens, logits[:, -1].argmax(-1, keepdim=True)), dim=1)
    return tokens


def _logits(out: Any) -> Tensor:
    found = getattr(out, "logits", None)
    if found is None:
        found = out[0] if isinstance(out, list | tuple) else out
    if not isinstance(found, Tensor) or found.dim() != 3:
        raise SegmentError("To write text, a model has to give logits of shape (batch, tokens, vocabulary).")
    return found
