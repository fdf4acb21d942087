"""How entries of the table are made that compute every number on its own, with broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from explorer.ops.derive import Derivation
from explorer.ops.op import Op, Scalar


def numeric(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``function`` with the results of comparisons among its inputs taken as 0 and 1."""

    def call(*xs: Tensor, **attrs: Any) -> Tensor:
        return function(*(x.to(torch.float64) for x in xs), **attrs)

    return call


def pointwise(
    name: str,
    label: str,
    symbol: str,
    call: Callable[..., Tensor],
    scalar: Scalar,
    expression: Callable[..., Any],
    forward: str,
    backward: str,
    ports: tuple[str, ...] = ("a", "b"),
    formula: Callable[..., Any] | None = None,
) -> Op:
    """An entry whose derivatives follow from ``expression(sympy, x0, x1, ...)``, as does its formula if not given."""
    differentiable = (True,) * len(ports)
    derivation = Derivation(expression, differentiable, formula)
    return Op(name, label, symbol, ports, numeric(call), scalar, differentiable, forward, backward, derivation, True)
