"""Sums, products, quotients and powers of two numbers."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from explorer.ops.floats import divide, kernel, tensor
from explorer.ops.op import Scalar
from explorer.ops.pointwise import pointwise

_log, _sqrt = kernel(torch.log), kernel(torch.sqrt)


def _divide_vjp(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    return divide(g, b), -g * divide(divide(a, b), b)


def power(x: float, p: float) -> float:
    """x^p as torch raises a tensor to a number: small powers by products, roots and quotients."""
    if p == 2:
        return x * x
    if p == 3:
        return x * x * x
    if p == -1:
        return divide(1.0, x)
    if p == -2:
        return divide(1.0, x * x)
    return _sqrt(x) if p == 0.5 else _general_power(x, p)


def _general_power(x: float, p: float) -> float:
    try:
        return divide(1.0, math.sqrt(x)) if p == -0.5 else math.pow(x, p)
    except (ValueError, OverflowError):
        return float(torch.pow(tensor(x), p))


def _power_vjp(g: float, y: float, x: float, p: float) -> tuple[float, float]:
    base = g * (p * power(x, p - 1.0)) if p != 0 else 0.0
    exponent = 0.0 if x == 0 and p >= 0 else g * (y * _log(x))
    return base, exponent


def _power(x: Tensor, p: Tensor) -> Tensor:
    """A single exponent that needs no gradient counts as a number, which torch raises to by products."""
    return torch.pow(x, p) if p.dim() or p.requires_grad else torch.pow(x, float(p))


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
    pointwise(
        "pow", "power", "xⁿ", _power,
        Scalar(power, _power_vjp),
        lambda sp, x, p: x**p,
        "A power raises the base to the exponent.",
        "The exponent comes down as a factor and the power falls by one.",
        ports=("base", "exponent"),
    ),
)  # fmt: skip
