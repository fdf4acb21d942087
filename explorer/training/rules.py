"""The operations on columns of numbers, each number with the bits that it has alone.

Sums, products and quotients round the same wherever they stand, so the table's own rules for single numbers do for
columns too. torch computes sin, exp, tanh and their like of a column exactly as of one number. Its sigmoid, gelu
and softplus it does not: packed numbers go through vector code, single ones through the C library. Numbers that
lie apart in memory go the way of single ones, so those operations get theirs spaced out. All else is computed one
by one. A test holds every rule to the table's, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.ops import OPS, Scalar

Column = NDArray[np.float64]
Value = Callable[..., Column]
"""From the inputs to the result."""
Vjp = Callable[..., tuple[Any, ...]]
"""From upstream gradient, result and inputs to the contribution at each port; 0 where there is none."""

_aten = torch.ops.aten
_ARITHMETIC = ("add", "sub", "mul", "div", "neg", "mse", "gt", "ge", "lt", "le", "eq", "ne")
"""Their rules are nothing but arithmetic; so are the derivatives of some more."""
_ARITHMETIC_VJP = (*_ARITHMETIC, "exp", "log", "sqrt", "tan", "sigmoid")


def value_rule(op: str) -> Value:
    """How the results of an operation are computed in columns."""
    return VALUES.get(op) or _one_by_one(_scalar(op).value)


def vjp_rule(op: str) -> Vjp:
    """How contributions are computed in columns."""
    return VJPS.get(op) or _all_ports_one_by_one(_scalar(op).vjp)


def _scalar(op: str) -> Scalar:
    scalar = OPS[op].scalar
    assert scalar is not None, f"{op} is not an operation on single numbers"
    return scalar


def _packed(function: Callable[..., Tensor]) -> Value:
    def on_columns(*xs: Column) -> Column:
        found: Column = function(*(torch.from_numpy(np.ascontiguousarray(x)) for x in xs)).numpy()
        return found

    return on_columns


def _spaced(function: Callable[..., Tensor]) -> Value:
    def on_columns(*xs: Column) -> Column:
        apart = np.empty((len(xs), xs[0].size, 2))
        apart[:, :, 0] = xs
        found: Column = function(*torch.from_numpy(apart)[:, :, 0]).numpy()
        return found

    return on_columns


def _one_by_one(rule: Callable[..., float]) -> Value:
    def on_columns(*xs: Column) -> Column:
        return np.array([rule(*row) for row in zip(*(x.tolist() for x in xs), strict=True)], np.float64)

    return on_columns


def _all_ports_one_by_one(rule: Callable[..., tuple[float, ...]]) -> Vjp:
    def on_columns(*xs: Column) -> tuple[Column, ...]:
        rows = [rule(*row) for row in zip(*(x.tolist() for x in xs), strict=True)]
        return tuple(np.array(rows, np.float64).T)

    return on_columns


def _relu(x: Column) -> Column:
    return np.where(x < 0, 0.0, x)


def _maximum(a: Column, b: Column) -> Column:
    return np.where((a >= b) | (a != a), a, b)


def _minimum(a: Column, b: Column) -> Column:
    return np.where((a <= b) | (a != a), a, b)


def _clip(x: Column, lo: Column, hi: Column) -> Column:
    return _minimum(_maximum(x, lo), hi)


def _where(condition: Column, a: Column, b: Column) -> Column:
    return np.where(condition != 0, a, b)


def _halves(first_loses: Column, second_loses: Column, tie: Column, g: Column) -> tuple[Column, Column]:
    half = g / 2.0
    return np.where(tie, half, np.where(first_loses, 0.0, g)), np.where(tie, half, np.where(second_loses, 0.0, g))


def _where_vjp(g: Column, y: Column, condition: Column, a: Column, b: Column) -> tuple[float, Column, Column]:
    return 0.0, np.where(condition != 0, g, 0.0), np.where(condition != 0, 0.0, g)


def _power(x: Column, p: Column) -> Column:
    """Whole columns to one small power; the power of numbers to numbers one by one."""
    small = _SMALL_POWERS.get(float(p[0]))
    return _powers(x, p) if small is None or (p != p[0]).any() else small(x)


_SMALL_POWERS: dict[float, Value] = {
    1.0: np.copy,
    2.0: lambda x: x * x,
    3.0: lambda x: x * x * x,
    -1.0: lambda x: 1.0 / x,
    -2.0: lambda x: 1.0 / (x * x),
}


def _power_vjp(g: Column, y: Column, x: Column, p: Column) -> tuple[Column, float]:
    return np.where(p != 0, g * (p * _power(x, p - 1.0)), 0.0), 0.0


_powers = _one_by_one(_scalar("pow").value)

VALUES: dict[str, Value] = {
    **{name: cast(Value, _scalar(name).value) for name in _ARITHMETIC},
    **{name: _packed(OPS[name].call) for name in ("sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "abs")},
    **{name: _spaced(OPS[name].call) for name in ("sigmoid", "gelu", "softplus")},
    "relu": _relu,
    "maximum": _maximum,
    "minimum": _minimum,
    "clip": _clip,
    "where": _where,
    "pow": _power,
}

_cosine, _sine = VALUES["cos"], VALUES["sin"]
_tanh_backward, _gelu_backward = _packed(_aten.tanh_backward.default), _spaced(_aten.gelu_backward.default)

VJPS: dict[str, Vjp] = {
    **{name: _scalar(name).vjp for name in _ARITHMETIC_VJP},
    "sin": lambda g, y, x: (g * _cosine(x),),
    "cos": lambda g, y, x: (g * -_sine(x),),
    "tanh": lambda g, y, x: (_tanh_backward(g, y),),
    "gelu": lambda g, y, x: (_gelu_backward(g, x),),
    "relu": lambda g, y, x: (np.where(y <= 0, 0.0, g),),
    "abs": lambda g, y, x: (g * np.where(x > 0, 1.0, np.where(x < 0, -1.0, 0.0)),),
    "maximum": lambda g, y, a, b: _halves(a < b, a > b, a == b, g),
    "minimum": lambda g, y, a, b: _halves(a > b, a < b, a == b, g),
    "where": _where_vjp,
    "pow": _power_vjp,
}
