"""What a program starts from: inputs, parameters, buffers and constants."""

from __future__ import annotations

from torch import Tensor

from explorer.ops.op import Op, Written


def _leaf(name: str, symbol: str, forward: str, backward: str) -> Op:
    return Op(name, name, symbol, (), _value, None, (), forward, backward, lambda: _WRITTEN)


def _value(value: Tensor) -> Tensor:
    return value


_WRITTEN = Written(["slot", "y"], (), ())

OPERATIONS = (
    _leaf(
        "input", "in",
        "A number or tensor that you give.",
        "The gradient says how the output changes when this input does.",
    ),
    _leaf(
        "parameter", "θ",
        "A number or tensor that training changes.",
        "The gradient says how the output changes when this parameter does; training steps against it.",
    ),
    _leaf(
        "buffer", "buf",
        "A number or tensor that belongs to the model and is not trained.",
        "A buffer gets no gradient.",
    ),
    _leaf(
        "constant", "c",
        "A number that stands in the program.",
        "A constant never changes, so it needs no gradient.",
    ),
)  # fmt: skip
