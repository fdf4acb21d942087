"""How entries of the table are made that work on whole vectors and matrices."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from explorer.ops.op import Op, Written
from explorer.ops.pointwise import numeric


def shaped(
    name: str,
    label: str,
    symbol: str,
    ports: tuple[str, ...],
    call: Callable[..., Tensor],
    written: Written,
    forward: str,
    backward: str,
    variadic: bool = False,
) -> Op:
    """An entry whose derivatives come from matrix calculus and are written out in ``written``."""
    differentiable = (True,) * len(ports)
    return Op(
        name, label, symbol, ports, numeric(call), None, differentiable, forward, backward,
        lambda: written, variadic=variadic,
    )  # fmt: skip
