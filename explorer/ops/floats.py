"""Floats as torch computes them: IEEE division, and its kernels on single numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor


def tensor(x: float) -> Tensor:
    """A 0-dim float64 tensor."""
    return torch.scalar_tensor(x, dtype=torch.float64)


def kernel(function: Callable[[Tensor], Tensor]) -> Callable[[float], float]:
    """torch's own ``function`` on a float.

    Needed wherever torch's kernel and the C library round differently (sin, exp, tanh, ...).
    """

    def on_float(x: float) -> float:
        return float(function(tensor(x)))

    return on_float


def divide(a: float, b: float) -> float:
    """a / b in IEEE arithmetic: 1/0 is inf, 0/0 is NaN."""
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0 or a != a:
            return math.nan
        return math.copysign(math.inf, a) * math.copysign(1.0, b)


def exponential(x: float) -> float:
    """The C library's e^x, as torch's sigmoid and softplus use it; inf where it overflows."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf
