"""A tensor in a few figures, and as a histogram."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the finite entries, all of them NaN where there are none; ``nan`` and ``infinite`` count the others.

    ``std`` is that of the entries themselves, divided by their number.
    """

    count: int
    minimum: float
    maximum: float
    mean: float
    std: float
    nan: int
    infinite: int


def statistics(tensor: Tensor) -> Statistics:
    """Of a tensor of any type and shape, in double precision."""
    entries = tensor.detach().double().reshape(-1)
    known = entries[entries.isfinite()]
    nan, infinite = int(entries.isnan().sum()), int(entries.isinf().sum())
    if not len(known):
        return Statistics(len(entries), math.nan, math.nan, math.nan, math.nan, nan, infinite)
    low, high = known.aminmax()
    return Statistics(
        len(entries), float(low), float(high), float(known.mean()), float(known.std(correction=0)), nan, infinite
    )


def histogram(tensor: Tensor, bins: int) -> tuple[list[float], list[int]]:
    """The ``bins + 1`` borders of equally wide bins from the least to the largest finite entry, and the counts.

    A single value stands in the middle of a bin of width one. Nothing for a tensor without finite entries.
    """
    entries = tensor.detach().double().reshape(-1)
    known = entries[entries.isfinite()]
    if not len(known):
        return [], []
    low, high = map(float, known.aminmax())
    if low == high:
        return [low - 0.5, low + 0.5], [len(known)]
    counts, borders = torch.histogram(known.contiguous(), bins, range=(low, high))
    return borders.tolist(), [int(count) for count in counts]


def gradient_to_weight(weight: Tensor, gradient: Tensor) -> float:
    """The norm of a parameter's gradient over its own: how far a step of rate one would move it."""
    size = float(torch.linalg.vector_norm(weight.double()))
    return float(torch.linalg.vector_norm(gradient.double())) / size if size else torch.inf
