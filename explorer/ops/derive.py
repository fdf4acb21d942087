"""Local derivatives by sympy, and how they are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.ops.op import Written


@dataclass(frozen=True)
class Derivation:
    """An operation given as ``expression(sympy, x0, x1, ...)``; calling it derives what is written of it."""

    expression: Callable[..., Any]
    ports: int

    def __call__(self) -> Written:
        empty = tuple(["mrow"] for _ in range(self.ports))
        return Written(["mrow"], empty, empty)
