"""One derivative reached both ways: reverse mode from the output, forward mode from one number of a node."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from explorer.errors import RunError
from explorer.run import Run


@dataclass(frozen=True, slots=True)
class Both:
    """d output / d the element ``place`` of a node; for an output with a shape, its sum weighed by its upstream
    gradient. ``forward`` is None where the output does not depend on the node.
    """

    place: tuple[int, ...]
    reverse: float
    forward: float | None


def both(run: Run, key: str | int, place: tuple[int, ...] | None = None) -> Both:
    """Of the element that the output depends on most, unless another is given. Raises RunError without a gradient."""
    grad = run.grad(key)
    if grad is None:
        raise RunError(f"{key!r} has no gradient: the output does not depend on it, or needs none.")
    if place is None:
        place = steepest(grad)
    seed = torch.zeros(grad.shape, dtype=torch.float64)
    seed[place] = 1.0
    tangent = run.tangents(key, seed).value(run.backward.output)
    forward = None if tangent is None else float((tangent.double() * run.upstream).sum())
    return Both(place, float(grad[place]), forward)


def steepest(gradient: torch.Tensor) -> tuple[int, ...]:
    """The element with the largest gradient by size; () of a single number."""
    flat = int(gradient.abs().nan_to_num(0.0).argmax())
    return tuple(int(part) for part in torch.unravel_index(torch.tensor(flat), gradient.shape))
