"""Operations that choose: comparisons, the larger or smaller of two numbers, clip and where."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from explorer.ops.derive import Derivation
from explorer.ops.op import Op, Scalar
from explorer.ops.pointwise import numeric, pointwise


def _comparison(name: str, label: str, symbol: str, call: Callable[..., Tensor], value: Callable[..., bool],
                expression: Callable[..., Any]) -> Op:  # fmt: skip
    return Op(
        name, label, symbol, ("a", "b"), numeric(call), Scalar(value, lambda g, y, a, b: (0.0, 0.0)),
        (False, False),
        f"True where the first input is {label} the second, else false.",
        "A comparison jumps between true and false, so it hands on no gradient.",
        Derivation(expression, (False, False)), elementwise=True,
    )  # fmt: skip


def _maximum(a: float, b: float) -> float:
    """The larger one; NaN where either is."""
    if a != a:
        return a
    return a if a >= b else b


def _minimum(a: float, b: float) -> float:
    if a != a:
        return a
    return a if a <= b else b


def _maximum_vjp(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    if a == b:
        return g / 2.0, g / 2.0
    return (0.0 if a < b else g), (0.0 if a > b else g)


def _minimum_vjp(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    if a == b:
        return g / 2.0, g / 2.0
    return (0.0 if a > b else g), (0.0 if a < b else g)


def _clip(x: float, lo: float, hi: float) -> float:
    return _minimum(_maximum(x, lo), hi)


def _clip_vjp(g: float, y: float, x: float, lo: float, hi: float) -> tuple[float, float, float]:
    """The bound that the result was cut to gets the gradient; at a bound it is still the input's."""
    return (
        g if lo <= x <= hi else 0.0,
        g if x < lo < hi else 0.0,
        g if x > hi or hi < lo else 0.0,
    )


def _where(condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.where(condition != 0, a.to(torch.float64), b.to(torch.float64))


def _where_vjp(g: float, y: float, condition: float, a: float, b: float) -> tuple[float, float, float]:
    return (0.0, g, 0.0) if condition else (0.0, 0.0, g)


WHERE = Op(
    "where", "where", "if", ("condition", "a", "b"), _where,
    Scalar(lambda condition, a, b: a if condition else b, _where_vjp),
    (False, True, True),
    "Takes the first value where the condition holds, and the second where it does not.",
    "The value that was taken gets the whole upstream gradient, the other one none.",
    Derivation(
        lambda sp, c, a, b: sp.Piecewise((a, c), (b, sp.Not(c))),
        (False, True, True),
        formula=lambda sp, c, a, b: sp.Piecewise((a, c), (b, True)),
    ), elementwise=True,
)  # fmt: skip

OPERATIONS = (
    _comparison("gt", "greater than", ">", torch.gt, operator.gt, lambda sp, a, b: a > b),
    _comparison("ge", "greater than or equal to", "≥", torch.ge, operator.ge, lambda sp, a, b: a >= b),
    _comparison("lt", "less than", "<", torch.lt, operator.lt, lambda sp, a, b: a < b),
    _comparison("le", "less than or equal to", "≤", torch.le, operator.le, lambda sp, a, b: a <= b),
    _comparison("eq", "equal to", "=", torch.eq, operator.eq, lambda sp, a, b: sp.Eq(a, b)),
    _comparison("ne", "different from", "≠", torch.ne, operator.ne, lambda sp, a, b: sp.Ne(a, b)),
    pointwise(
        "maximum", "maximum", "max", torch.maximum, Scalar(_maximum, _maximum_vjp),
        lambda sp, a, b: sp.Piecewise((a, a > b), (b, a < b), ((a + b) / 2, sp.Eq(a, b))),
        "The larger of the two inputs.",
        "The larger input gets the whole upstream gradient; equal inputs get half of it each.",
        formula=lambda sp, a, b: sp.Max(a, b),
    ),
    pointwise(
        "minimum", "minimum", "min", torch.minimum, Scalar(_minimum, _minimum_vjp),
        lambda sp, a, b: sp.Piecewise((a, a < b), (b, a > b), ((a + b) / 2, sp.Eq(a, b))),
        "The smaller of the two inputs.",
        "The smaller input gets the whole upstream gradient; equal inputs get half of it each.",
        formula=lambda sp, a, b: sp.Min(a, b),
    ),
    pointwise(
        "clip", "clip", "clip", torch.clamp, Scalar(_clip, _clip_vjp),
        lambda sp, x, lo, hi: sp.Piecewise((x, (lo <= x) & (x <= hi)), (lo, x < lo), (hi, x > hi)),
        "Keeps the input between two bounds: what lies beyond a bound becomes the bound.",
        "The upstream gradient passes to the input between the bounds; beyond a bound it goes to that bound.",
        ports=("x", "lo", "hi"),
    ),
    WHERE,
)  # fmt: skip
