"""What a language model would say: next-token probabilities, and the same after every block (the logit lens).

The lens is that of nostalgebraist (2020): the final norm and the head, applied to the output of each block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.run import Run


@dataclass(frozen=True, slots=True)
class Guess:
    """One token with its probability."""

    token: int
    share: float


def likeliest(logits: Tensor, position: int, count: int) -> Sequence[Guess]:
    """The ``count`` likeliest next tokens after a position, of logits ``(1, tokens, vocabulary)``."""
    shares = logits[0, position].detach().double().softmax(-1)
    top = shares.topk(min(count, len(shares)))
    return [Guess(token, share) for share, token in zip(top.values.tolist(), top.indices.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class _Parts:
    """Where a model keeps what the lens takes: the path of its blocks, its last norm, its head."""

    blocks: tuple[str, ...]
    norm: nn.Module
    head: nn.Module
    count: int


_PLACES = (("h", "ln_f"), ("transformer.h", "transformer.ln_f"), ("model.layers", "model.norm"))
"""Blocks and last norm of our GPT, of GPT-2 and of Llama, each with an ``lm_head``."""


def logit_lens(model: nn.Module, run: Run) -> Sequence[tuple[str, Tensor]]:
    """Per block its path and the logits ``(1, tokens, vocabulary)`` that its output would give; [] where the model
    is built otherwise.
    """
    parts = _parts(model)
    if parts is None:
        return []
    found = []
    for number in range(parts.count):
        path = (*parts.blocks, str(number))
        stream = _output(run, path)
        if stream is not None:
            with torch.no_grad():
                found.append((".".join(path), parts.head(parts.norm(stream))))
    return found


def _parts(model: nn.Module) -> _Parts | None:
    for blocks, norm in _PLACES:
        try:
            held, last, head = map(model.get_submodule, (blocks, norm, "lm_head"))
        except AttributeError:
            continue
        if isinstance(held, nn.ModuleList):
            return _Parts(tuple(blocks.split(".")), last, head, len(held))
    return None


def _output(run: Run, path: tuple[str, ...]) -> Tensor | None:
    """What came out of a module last: the value of the last operation in it."""
    graph = run.graph
    inside = [i for i, scope in enumerate(graph.scopes) if scope[: len(path)] == path and graph.kind(i) == "op"]
    return run.value(inside[-1]) if inside else None
