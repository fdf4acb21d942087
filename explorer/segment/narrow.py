"""Links that send fewer bits: what a tensor becomes on the way, and what that does to the output."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from explorer.errors import SegmentError
from explorer.segment.split import Split


@dataclass(frozen=True)
class Error:
    """``largest`` and ``mean`` difference of the outputs, each as a share of the largest output; ``same_choice`` the
    share of places where the largest entry of the last axis stays the same (which token comes next).
    """

    largest: float
    mean: float
    same_choice: float


def as_float16(x: Tensor) -> Tensor:
    """What arrives of a tensor that is sent in 16 bits; a number too large for them becomes the largest there is."""
    most = torch.finfo(torch.float16).max
    return x.clamp(-most, most).to(torch.float16).to(x.dtype) if x.is_floating_point() else x


def as_int8(x: Tensor) -> Tensor:
    """What arrives of a tensor that is sent in 8 bits: 255 steps between its largest number and that one's negative."""
    if not x.is_floating_point() or not x.numel():
        return x
    step = x.abs().amax() / 127
    return (x / step).round().clamp(-127, 127) * step if step > 0 else x


LINKS: Mapping[str, Callable[[Tensor], Tensor]] = {"float32": lambda x: x, "float16": as_float16, "int8": as_int8}
"""By the dtype that numbers with a fraction part are sent in; whole numbers are sent as they are."""


def link_error(split: Split, dtype: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None) -> Error:
    """How far the outputs are from those without loss, with every link of a split sending ``dtype``.

    Raises SegmentError for a dtype that no link sends.
    """
    if dtype not in LINKS:
        raise SegmentError(f"No link sends {dtype!r}. There are {', '.join(LINKS)}.")
    with torch.no_grad():
        exact, sent = (
            [x for x in tree_leaves(split.run(args, kwargs, link)) if isinstance(x, Tensor) and x.is_floating_point()]
            for link in (None, LINKS[dtype])
        )
    pairs = [(a.double(), b.double()) for a, b in zip(exact, sent, strict=True) if a.numel()]
    if not pairs:
        return Error(0.0, 0.0, 1.0)
    shares = [(a - b).abs() / a.abs().amax().clamp(min=torch.finfo(torch.float64).tiny) for a, b in pairs]
    chosen = [(a.argmax(-1) == b.argmax(-1)).double().flatten() for a, b in pairs if a.dim()]
    return Error(
        max(float(share.max()) for share in shares),
        float(torch.cat([share.flatten() for share in shares]).mean()),
        float(torch.cat(chosen).mean()) if chosen else 1.0,
    )
