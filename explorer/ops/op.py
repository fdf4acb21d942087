"""The record of one operation. The table of them is in ``explorer.ops``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

Tree = list[Any]
"""MathML as nested lists: ``["mfrac", numerator, denominator]``, ``["mi", "x"]``, ``["slot", "x0"]``."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """An operation on plain floats, in IEEE arithmetic: it never raises.

    ``value(*xs)`` is the result; ``vjp(g, y, *xs)`` the contribution at every port for the upstream gradient
    ``g``, computed in the order of operations that torch's engine uses, so that both agree to the last bit.
    A port without a derivative gets 0.
    """

    value: Callable[..., float]
    vjp: Callable[..., tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Written:
    """How an operation is typeset: its right-hand side, and per port local derivative and contribution."""

    formula: Tree
    locals: tuple[Tree, ...]
    vjp: tuple[Tree, ...]


@dataclass(frozen=True)
class Op:
    """One operation: how it is computed, drawn and explained.

    ``call(*inputs, **attrs)`` works on float64 tensors of any shape that fits and is differentiable by torch;
    ``scalar`` does the same on plain floats where the operation has a form for single numbers.
    ``formula`` is the right-hand side in the slots ``x0``, ``x1`` ...; ``locals`` holds the local derivative
    per port in the slots ``x0`` ... and ``y``; ``vjp`` the contribution per port, with ``g`` for the upstream
    gradient. They come from ``write`` when first asked for, because deriving them takes sympy.
    A variadic op has one entry that serves every port.
    """

    name: str
    label: str
    symbol: str
    ports: tuple[str, ...]
    call: Callable[..., Tensor]
    scalar: Scalar | None
    differentiable: tuple[bool, ...]
    forward_sentence: str
    backward_sentence: str
    write: Callable[[], Written]
    elementwise: bool = False
    variadic: bool = False

    @cached_property
    def _written(self) -> Written:
        return self.write()

    @property
    def formula(self) -> Tree:
        return self._written.formula

    @property
    def locals(self) -> tuple[Tree, ...]:
        return self._written.locals

    @property
    def vjp(self) -> tuple[Tree, ...]:
        return self._written.vjp
