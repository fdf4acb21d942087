"""Many numbers into few: sums, means, extremes, the norm, and softmax along an axis."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.ops.op import Written
from explorer.ops.shaped import shaped

_EMPTY = Written(["mrow"], (["mrow"],), (["mrow"],))


def _sum(x: Tensor, axis: int | None = None) -> Tensor:
    return x.sum() if axis is None else x.sum(axis)


def _mean(x: Tensor, axis: int | None = None) -> Tensor:
    return x.mean() if axis is None else x.mean(axis)


def _amax(x: Tensor, axis: int | None = None) -> Tensor:
    return x.amax() if axis is None else x.amax(axis)


def _amin(x: Tensor, axis: int | None = None) -> Tensor:
    return x.amin() if axis is None else x.amin(axis)


def _softmax(x: Tensor, axis: int = -1) -> Tensor:
    return torch.softmax(x, axis)


OPERATIONS = (
    shaped(
        "sum", "sum", "Σ", ("x",), _sum, _EMPTY,
        "Adds up all entries, or those along one axis.",
        "Every entry that was added gets the upstream gradient unchanged.",
    ),
    shaped(
        "mean", "mean", "mean", ("x",), _mean, _EMPTY,
        "The average of all entries, or of those along one axis.",
        "Every entry gets an equal share: the upstream gradient divided by how many there are.",
    ),
    shaped(
        "amax", "largest entry", "max", ("x",), _amax, _EMPTY,
        "The largest of all entries, or of those along one axis.",
        "The largest entry gets the whole upstream gradient; several equally large ones share it.",
    ),
    shaped(
        "amin", "smallest entry", "min", ("x",), _amin, _EMPTY,
        "The smallest of all entries, or of those along one axis.",
        "The smallest entry gets the whole upstream gradient; several equally small ones share it.",
    ),
    shaped(
        "norm", "norm", "‖x‖", ("x",), torch.linalg.vector_norm, _EMPTY,
        "The length of the input: the square root of the sum of its squared entries.",
        "The upstream gradient points along the input, scaled to length one; at zero it is 0.",
    ),
    shaped(
        "softmax", "softmax", "soft", ("x",), _softmax, _EMPTY,
        "Turns numbers into shares that are positive and add up to 1.",
        "Each entry gets its share times how far its upstream gradient lies above the weighted average.",
    ),
)  # fmt: skip
