"""A program that can learn a data set: what is taken where the present one has no place for its points."""

from __future__ import annotations

from typing import NamedTuple

import torch

from explorer.run import Number
from explorer.training.data import Points
from explorer.training.start import seeded

HIDDEN = 8
DIGITS = 3
"""Starts are drawn to so many decimals: they can be read, and fit into a link."""


class Network(NamedTuple):
    """A program and where its parameters start."""

    text: str
    start: dict[str, Number]


def network(points: Points, hidden: int = HIDDEN, deep: bool = False, seed: int = 7) -> Network:
    """A line for pairs of x and y; for classes a network with one hidden layer of tanh, or two where it is ``deep``.

    Its points come in as ``X`` and ``t``, those of a line as ``x`` and ``t``. Two classes have one score ``z``, which
    is positive for the second; more have one each.
    """
    if not points.has_classes:
        return _line(points, seed)
    classes = int(points.targets.max()) + 1
    shapes: dict[str, tuple[int, ...]] = {"W1": (points.inputs.shape[1], hidden), "b1": (hidden,)}
    lines = ["h = tanh(X @ W1 + b1)"]
    if deep:
        shapes |= {"W2": (hidden, hidden), "b2": (hidden,)}
        lines.append("g = tanh(h @ W2 + b2)")
    last, before = ("3", "g") if deep else ("2", "h")
    shapes |= {
        f"W{last}": (hidden,) if classes <= 2 else (hidden, classes),
        f"b{last}": () if classes <= 2 else (classes,),
    }
    lines.append(f"z = {before} @ W{last} + b{last}")
    lines.append("loss = mean(softplus(z) - t * z)" if classes <= 2 else "loss = cross_entropy(z, t)")
    return Network("\n".join(lines) + "\n", _rounded(seeded(shapes, seed)))


def _line(points: Points, seed: int) -> Network:
    if points.inputs.shape[1] == 1:
        return Network("y = w * x + b\nL = mean((y - t)^2)\n", _rounded(seeded({"w": (), "b": ()}, seed)))
    return Network("y = X @ w + b\nL = mean((y - t)^2)\n", _rounded(seeded({"w": (2,), "b": ()}, seed)))


def _rounded(start: dict[str, Number]) -> dict[str, Number]:
    return {
        name: torch.round(x, decimals=DIGITS) if isinstance(x, torch.Tensor) else round(x, DIGITS)
        for name, x in start.items()
    }
