"""Vectors and matrices: products, the transpose, putting together and taking out."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.ops.notation import (
    ELSEWHERE,
    OWN_PLACE,
    TAKEN,
    X1,
    G,
    X,
    beside,
    cases,
    digits,
    entry,
    fenced,
    row,
    slot,
    transposed,
    words,
)  # fmt: skip
from explorer.ops.op import Written
from explorer.ops.shaped import shaped

_MATMUL = Written(
    beside(X, X1), (entry(X1, "kj"), entry(X, "ik")), (beside(G, transposed(X1)), beside(transposed(X), G))
)
_DOT = Written(beside(transposed(X), X1), (X1, X), (row(G, "·", X1), row(G, "·", X)))
_TRANSPOSE = Written(
    transposed(X),
    (cases((digits(1), words("from row i, column j to row j, column i")), (digits(0), ELSEWHERE)),),
    (transposed(G),),
)
_STACK = Written(
    fenced(slot("xs"), "[", "]"),
    (cases((digits(1), OWN_PLACE), (digits(0), ELSEWHERE)),),
    (row(G, words("\u00a0at its own place")),),
)
_INDEX = Written(
    ["msub", X, slot("index")],
    (cases((digits(1), TAKEN), (digits(0), ELSEWHERE)),),
    (cases((G, TAKEN), (digits(0), ELSEWHERE)),),
)


def _dot(a: Tensor, b: Tensor) -> Tensor:
    """Two vectors of one length, or two numbers."""
    if a.dim() > 1 or b.dim() > 1:
        raise ValueError(
            f"dot takes two vectors, not shapes {tuple(a.shape)} and {tuple(b.shape)}; for matrices use @."
        )
    return torch.dot(a, b) if a.dim() or b.dim() else a * b


def _transpose(x: Tensor) -> Tensor:
    """Swaps the last two axes; a vector or a number has none to swap and stays as it is."""
    return x.transpose(-1, -2) if x.dim() > 1 else x.clone()


def _stack(*xs: Tensor) -> Tensor:
    return torch.stack(xs)


def _index(x: Tensor, index: tuple[int, ...]) -> Tensor:
    return x[index]


OPERATIONS = (
    shaped(
        "matmul", "matrix product", "@", ("A", "B"), torch.matmul, _MATMUL,
        "Each entry is a row of the first matrix times a column of the second, added up.",
        "Each matrix gets the upstream gradient multiplied by the transpose of the other.",
    ),
    shaped(
        "dot", "dot product", "·", ("a", "b"), _dot, _DOT,
        "Multiplies two vectors entry by entry and adds up the products.",
        "Each vector gets the other one, scaled by the upstream gradient.",
    ),
    shaped(
        "transpose", "transpose", "⊤", ("x",), _transpose, _TRANSPOSE,
        "Turns rows into columns.",
        "The upstream gradient is turned back: its rows become columns again.",
    ),
    shaped(
        "stack", "stack", "[ ]", ("entry",), _stack, _STACK,
        "Puts its inputs together as the entries of one vector or the rows of one matrix.",
        "Each input gets the part of the upstream gradient that stands at its own place.",
        variadic=True,
    ),
    shaped(
        "index", "entry", "[i]", ("x",), _index, _INDEX,
        "Takes one entry or one row out.",
        "The upstream gradient goes back to the place that was taken; every other place gets 0.",
    ),
)  # fmt: skip
