"""Functions of one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.ops.derive import normal
from explorer.ops.floats import divide, exponential, kernel, tensor
from explorer.ops.op import Op, Scalar
from explorer.ops.pointwise import pointwise

_sin, _cos, _tan = kernel(torch.sin), kernel(torch.cos), kernel(torch.tan)
_exp, _log, _sqrt, _tanh = kernel(torch.exp), kernel(torch.log), kernel(torch.sqrt), kernel(torch.tanh)
_aten = torch.ops.aten


def _function(
    name: str,
    label: str,
    symbol: str,
    call: Callable[[Tensor], Tensor],
    value: Callable[[float], float],
    vjp: Callable[[float, float, float], float],
    expression: Callable[..., Any],
    forward: str,
    backward: str,
    formula: Callable[..., Any] | None = None,
) -> Op:
    scalar = Scalar(value, lambda g, y, x: (vjp(g, y, x),))
    return pointwise(name, label, symbol, call, scalar, expression, forward, backward, ("x",), formula)


def _tanh_vjp(g: float, y: float, x: float) -> float:
    return float(_aten.tanh_backward.default(tensor(g), tensor(y)))


def _gelu_vjp(g: float, y: float, x: float) -> float:
    return float(_aten.gelu_backward.default(tensor(g), tensor(x)))


def _gelu(x: float) -> float:
    return x * 0.5 * (1.0 + math.erf(x * math.sqrt(0.5)))


def _softplus(x: float) -> float:
    """log(1 + e^x), and x itself beyond 20, as torch has it."""
    return x if x > 20 else math.log1p(exponential(x))


def _softplus_vjp(g: float, y: float, x: float) -> float:
    z = exponential(x)
    return g if x > 20 else g * z / (z + 1.0)


def _sign(x: float) -> float:
    return 1.0 if x > 0 else -1.0 if x < 0 else 0.0


def _relu(x: float) -> float:
    return 0.0 if x < 0 else x


OPERATIONS = (
    _function(
        "sin", "sine", "sin", torch.sin, _sin, lambda g, y, x: g * _cos(x),
        lambda sp, x: sp.sin(x),
        "The sine of the input, in radians.",
        "The slope of the sine is the cosine: the upstream gradient is multiplied by it.",
    ),
    _function(
        "cos", "cosine", "cos", torch.cos, _cos, lambda g, y, x: g * -_sin(x),
        lambda sp, x: sp.cos(x),
        "The cosine of the input, in radians.",
        "The slope of the cosine is minus the sine: the upstream gradient is multiplied by it.",
    ),
    _function(
        "tan", "tangent", "tan", torch.tan, _tan, lambda g, y, x: g * (1.0 + y * y),
        lambda sp, x: sp.tan(x),
        "The tangent of the input, in radians.",
        "The slope of the tangent is one plus the square of its own value.",
    ),
    _function(
        "exp", "exponential", "exp", torch.exp, _exp, lambda g, y, x: g * y,
        lambda sp, x: sp.exp(x),
        "The number e raised to the input.",
        "The exponential is its own slope: the upstream gradient is multiplied by the result.",
    ),
    _function(
        "log", "natural logarithm", "ln", torch.log, _log, lambda g, y, x: divide(g, x),
        lambda sp, x: sp.log(x),
        "The natural logarithm of the input: the power of e that gives it.",
        "The upstream gradient is divided by the input.",
    ),
    _function(
        "sqrt", "square root", "√", torch.sqrt, _sqrt, lambda g, y, x: divide(g, 2.0 * y),
        lambda sp, x: sp.sqrt(x),
        "The square root of the input.",
        "The upstream gradient is divided by twice the root.",
    ),
    _function(
        "abs", "absolute value", "|x|", torch.abs, abs, lambda g, y, x: g * _sign(x),
        lambda sp, x: sp.Piecewise((x, x > 0), (-x, x < 0), (0, sp.Eq(x, 0))),
        "The input without its sign.",
        "The upstream gradient keeps its sign where the input is positive and turns it where it is negative.",
        formula=lambda sp, x: sp.Abs(x),
    ),
    _function(
        "tanh", "hyperbolic tangent", "tanh", torch.tanh, _tanh, _tanh_vjp,
        lambda sp, x: sp.tanh(x),
        "Squeezes the input into the range from −1 to 1.",
        "One minus the square of the result multiplies the upstream gradient: "
        "little gets through where the result is close to −1 or 1.",
    ),
    _function(
        "sigmoid", "sigmoid", "σ", torch.sigmoid, lambda x: 1.0 / (1.0 + exponential(-x)),
        lambda g, y, x: g * (1.0 - y) * y,
        lambda sp, x: 1 / (1 + sp.exp(-x)),
        "Squeezes the input into the range from 0 to 1.",
        "The result times one minus the result multiplies the upstream gradient: a quarter at most.",
    ),
    _function(
        "relu", "ReLU", "relu", torch.relu, _relu, lambda g, y, x: 0.0 if y <= 0 else g,
        lambda sp, x: sp.Piecewise((x, x > 0), (0, x <= 0)),
        "Keeps a positive input and turns a negative one into 0.",
        "The upstream gradient passes where the input is positive and stops where it is not.",
        formula=lambda sp, x: sp.Max(0, x),
    ),
    _function(
        "gelu", "GELU", "gelu", F.gelu, _gelu, _gelu_vjp,
        lambda sp, x: x * normal(x),
        "Weights the input by Φ, the chance that a standard normal number lies below it.",
        "The slope is Φ plus the input times the normal density φ: it goes smoothly from 0 to 1.",
    ),
    _function(
        "softplus", "softplus", "sp", F.softplus, _softplus, _softplus_vjp,
        lambda sp, x: sp.log(1 + sp.exp(x)),
        "A smooth ReLU: close to 0 on the left, close to the input on the right.",
        "The slope of softplus is the sigmoid of the input.",
    ),
)  # fmt: skip
