"""Many numbers into few: sums, means, extremes, the norm, and softmax along an axis."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.ops.notation import (
    ELSEWHERE,
    G,
    N,
    X,
    Y,
    applied,
    cases,
    digits,
    entry,
    fenced,
    fraction,
    letter,
    row,
    words,
)  # fmt: skip
from explorer.ops.op import Tree, Written
from explorer.ops.shaped import shaped

_EXPONENTIAL: Tree = ["msup", letter("e"), X]


def _extreme(function: str) -> Written:
    """The k entries that equal the result share the gradient."""
    there = row(words("where\u00a0"), X, "=", Y)

    def shared(whole: Tree) -> Tree:
        return cases((fraction(whole, letter("k")), there), (digits(0), ELSEWHERE))

    return Written(applied(function, X), (shared(digits(1)),), (shared(G),))


_SUM = Written(row("∑", X), (digits(1),), (G,))
_MEAN = Written(row(fraction(digits(1), N), "∑", X), (fraction(digits(1), N),), (fraction(G, N),))
_NORM = Written(["msqrt", row("∑", ["msup", X, digits(2)])], (fraction(X, Y),), (row(G, "·", fraction(X, Y)),))
_SOFTMAX = Written(
    fraction(_EXPONENTIAL, row("∑", _EXPONENTIAL)),
    (row(entry(Y, "i"), "·", fenced(row(entry(letter("δ"), "ij"), "−", entry(Y, "j")))),),
    (row(Y, "⊙", fenced(row(G, "−", "∑", fenced(row(G, "⊙", Y))))),),
)


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
        "sum", "sum", "Σ", ("x",), _sum, _SUM,
        "Adds up all entries, or those along one axis.",
        "Every entry that was added gets the upstream gradient unchanged.",
    ),
    shaped(
        "mean", "mean", "mean", ("x",), _mean, _MEAN,
        "The average of all n entries, or of the n along one axis.",
        "Every entry gets an equal share: the upstream gradient divided by n.",
    ),
    shaped(
        "amax", "largest entry", "max", ("x",), _amax, _extreme("max"),
        "The largest of all entries, or of those along one axis.",
        "The largest entry gets the whole upstream gradient; k equally large ones get a k-th of it each.",
    ),
    shaped(
        "amin", "smallest entry", "min", ("x",), _amin, _extreme("min"),
        "The smallest of all entries, or of those along one axis.",
        "The smallest entry gets the whole upstream gradient; k equally small ones get a k-th of it each.",
    ),
    shaped(
        "norm", "norm", "‖x‖", ("x",), torch.linalg.vector_norm, _NORM,
        "The length of the input: the square root of the sum of its squared entries.",
        "The upstream gradient points along the input, scaled to length one; at zero it is 0.",
    ),
    shaped(
        "softmax", "softmax", "smax", ("x",), _softmax, _SOFTMAX,
        "Turns numbers into shares that are positive and add up to 1.",
        "Each entry gets its share times how far its upstream gradient lies above the weighted average.",
    ),
)  # fmt: skip
