"""Every operation once more, straight from torch, and the points at which both are compared."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

POINTWISE: dict[str, Callable[..., Tensor]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda x: -x,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "clip": torch.clamp,
    "where": lambda c, a, b: torch.where(c.bool(), a, b),
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "gelu": F.gelu,
    "softplus": F.softplus,
    "mse": F.mse_loss,
    "power": torch.pow,
}
"""Operations that have a form for single numbers, but ``pow``: its exponent is a plain number in torch as well."""

EDGES = (
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 20.0, 20.5, -37.0, 710.0, -746.0, 1e16, 1e300, -1e300,
    1e-300, 5e-324, -5e-324, math.inf, -math.inf, math.nan,
)  # fmt: skip


def points(count: int, ports: int, seed: int) -> Iterator[tuple[float, ...]]:
    """``count`` random points: most of ordinary size, some of any magnitude, some with two equal coordinates."""
    draw = random.Random(seed)
    for _ in range(count):
        point = [_coordinate(draw) for _ in range(ports)]
        if ports > 1 and draw.random() < 0.1:
            point[1] = point[0]
        yield tuple(point)


def _coordinate(draw: random.Random) -> float:
    kind = draw.random()
    if kind < 0.8:
        return draw.gauss(0, 1 if kind < 0.5 else 10)
    if kind < 0.9:
        return draw.choice((-1, 1)) * 10 ** draw.uniform(-300, 300)
    return draw.choice(EDGES)


def leaf(x: float) -> Tensor:
    """A 0-dim float64 tensor that autograd follows."""
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


def bits(x: float) -> object:
    """Equal for equal bits; one NaN is as good as another."""
    return "nan" if math.isnan(x) else struct.pack("d", x)


def by_torch(function: Callable[..., Tensor], point: tuple[float, ...], g: float) -> tuple[float, list[float]]:
    """The value at ``point`` and the contribution per port for the upstream gradient ``g``; 0 where none."""
    leaves = [leaf(x) for x in point]
    y = function(*leaves)
    if not y.requires_grad:
        return y.item(), [0.0] * len(point)
    upstream = torch.tensor(g, dtype=torch.float64)
    parts = torch.autograd.grad(y, leaves, upstream, allow_unused=True)
    return y.item(), [0.0 if part is None else part.item() for part in parts]
