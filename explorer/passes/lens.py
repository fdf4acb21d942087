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


_PLACES = (
    ("h", "ln_f", "lm_head"),
    ("transformer.h", "transformer.ln_f", "lm_head"),
    ("model.layers", "model.norm", "lm_head"),
    ("model.layers", "model.final_layernorm", "lm_head"),
    ("model.decoder.layers", "model.decoder.final_layer_norm", "lm_head"),
    ("gpt_neox.layers", "gpt_neox.final_layer_norm", "embed_out"),
    ("gpt_neox.layers", "gpt_neox.final_layer_norm", "lm_head"),
    ("backbone.layers", "backbone.norm_f", "lm_head"),
    ("rwkv.blocks", "rwkv.ln_out", "head"),
)
"""Blocks, last norm and head of our GPT and of the architectures that are built like it."""


def logit_lens(model: nn.Module, run: Run, logits: Tensor) -> Sequence[tuple[str, Tensor]]:
    """Per block its path and the logits ``(1, tokens, vocabulary)`` that its output would give; [] where the model
    is built otherwise: the last block must give the model's own ``logits``.
    """
    found = _looked_through(model, run)
    return found if found and _are_close(found[-1][1], logits) else []


def _are_close(ours: Tensor, own: Tensor) -> bool:
    return ours.shape == own.shape and torch.allclose(ours.float(), own.float(), rtol=1e-3, atol=1e-4)


def _looked_through(model: nn.Module, run: Run) -> Sequence[tuple[str, Tensor]]:
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
    for blocks, norm, scores in _PLACES:
        try:
            held, last, head = map(model.get_submodule, (blocks, norm, scores))
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
