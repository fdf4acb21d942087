"""What an operation keeps from its forward for its backward. Asked of torch, not written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class Port(NamedTuple):
    """What goes into an operation: a shape, the name of a dtype, and whether a gradient is asked for it."""

    shape: tuple[int, ...]
    dtype: str
    grad: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """``ports``: the inputs whose values are needed again; ``result``: whether its own is; ``extra``: further bytes,
    of tensors that the operation made for itself; ``view``: the port whose memory the result lives in, if one.
    """

    ports: frozenset[int]
    result: bool
    extra: int
    view: int | None


def ask(call: Callable[..., Tensor], ports: Sequence[Port], device: str = "cpu") -> Kept:
    """Runs an operation on zeros and watches what its autograd node saves; on ``meta`` nothing is computed."""
    xs = [torch.zeros(p.shape, dtype=getattr(torch, p.dtype), device=device, requires_grad=p.grad) for p in ports]
    saved: list[Tensor] = []

    def note(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        y = call(*xs)
    memory = {_memory(tensor) for tensor in saved}
    own = {_memory(x) for x in [*xs, y]}
    extra = {_memory(t): t.nbytes for t in saved if _memory(t) not in own}
    views = [port for port, x in enumerate(xs) if _memory(x) == _memory(y)]
    return Kept(
        frozenset(port for port, x in enumerate(xs) if _memory(x) in memory),
        _memory(y) in memory,
        sum(extra.values()),
        views[0] if views else None,
    )


def _memory(tensor: Tensor) -> int:
    """Which piece of memory a tensor lives in; that of an empty one or one on ``meta`` has no address."""
    return int(tensor.untyped_storage()._cdata)
