"""Sums, products, quotients and powers of two numbers.

torch has two ways to raise to a power, which differ in the last bit: to a plain number, and to a tensor. ``pow``
is the first, for an exponent without a gradient; ``power`` the second, for one that varies.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from explorer.ops.derive import Derivation
from explorer.ops.floats import divide, kernel, tensor
from explorer.ops.op import Op, Scalar
from explorer.ops.pointwise import numeric, pointwise

_log, _sqrt = kernel(torch.log), kernel(torch.sqrt)


def _divide_vjp(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    return divide(g, b), -g * divide(divide(a, b), b)


def _number_power(x: float, p: float) -> float:
    """x^p as torch raises to a plain number: small powers by products, roots and quotients."""
    if p == 2:
        return x * x
    if p == 3:
        return x * x * x
    if p == -1:
        return divide(1.0, x)
    if p == -2:
        return divide(1.0, x * x)
    if p == 0.5:
        return _sqrt(x)
    return divide(1.0, _root(x)) if p == -0.5 else _power(x, p)


def _root(x: float) -> float:
    return math.sqrt(x) if x >= 0 else math.nan


def _power(x: float, p: float) -> float:
    """x^p by the C library, as torch raises to a tensor."""
    try:
        return math.pow(x, p)
    except (ValueError, OverflowError):
        return float(torch.pow(tensor(x), tensor(p)))


def _number_power_vjp(g: float, y: float, x: float, p: float) -> tuple[float, float]:
    return g * (p * _number_power(x, p - 1.0)) if p != 0 else 0.0, 0.0


def _power_vjp(g: float, y: float, x: float, p: float) -> tuple[float, float]:
    base = g * (p * _power(x, p - 1.0)) if p != 0 else 0.0
    slope = 0.0 if x == 0 and p >= 0 else y * _log(x)
    return base, g * slope


def _to_number(x: Tensor, p: Tensor) -> Tensor:
    return torch.pow(x, p if p.dim() else float(p))


def _raised(sp: Any, x: Any, p: Any) -> Any:
    return x**p


_BASE = "The exponent comes down as a factor and the power falls by one."

OPERATIONS = (
    pointwise(
        "add", "add", "+", torch.add,
        Scalar(lambda a, b: a + b, lambda g, y, a, b: (g, g)),
        lambda sp, a, b: a + b,
        "A sum adds its two inputs.",
        "A sum hands the upstream gradient to both inputs unchanged.",
    ),
    pointwise(
        "sub", "subtract", "−", torch.sub,
        Scalar(lambda a, b: a - b, lambda g, y, a, b: (g, -g)),
        lambda sp, a, b: a - b,
        "A difference takes the second input from the first.",
        "A difference hands the upstream gradient to the first input, and its negative to the second.",
    ),
    pointwise(
        "mul", "multiply", "×", torch.mul,
        Scalar(lambda a, b: a * b, lambda g, y, a, b: (g * b, g * a)),
        lambda sp, a, b: a * b,
        "A product multiplies its two inputs.",
        "A product hands each input the upstream gradient times the other input.",
    ),
    pointwise(
        "div", "divide", "÷", torch.div,
        Scalar(divide, _divide_vjp),
        lambda sp, a, b: a / b,
        "A quotient divides the first input by the second.",
        "A quotient hands its numerator the upstream gradient divided by the denominator; "
        "a larger denominator makes the result smaller, so its own share has the opposite sign.",
    ),
    pointwise(
        "neg", "negate", "−", torch.neg,
        Scalar(lambda x: -x, lambda g, y, x: (-g,)),
        lambda sp, x: -x,
        "The input with its sign turned.",
        "The upstream gradient goes on with its sign turned.",
        ports=("x",),
    ),
    Op(
        "pow", "power", "xⁿ", ("base", "exponent"), numeric(_to_number),
        Scalar(_number_power, _number_power_vjp), (True, False),
        "A power raises the base to a fixed exponent.", _BASE,
        Derivation(_raised, (True, False)), elementwise=True,
    ),
    pointwise(
        "power", "power", "xʸ", torch.pow, Scalar(_power, _power_vjp), _raised,
        "A power raises the base to an exponent that varies as well.",
        "For the base the exponent comes down and the power falls by one; "
        "the exponent gets the power times the logarithm of the base.",
        ports=("base", "exponent"),
    ),
)  # fmt: skip
