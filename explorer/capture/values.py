"""Values handed in from outside, made into floats and float64 tensors, or refused by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.capture.limits import Limits
from explorer.errors import LimitExceeded, OpFailed
from explorer.run import Number

Place = tuple[int, int]
"""Line and column, from 1, as typed."""


def tensor_of(rows: object, what: str, limits: Limits, place: Place | None = None) -> Tensor:
    """Nested lists of numbers as a float64 tensor. Raises OpFailed where the rows differ in length."""
    line, column = place or (None, None)
    try:
        tensor = torch.as_tensor(rows, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise OpFailed(
            f"{what} is not a number, a vector or a matrix of numbers.", line=line, column=column,
            hint="All rows must have the same length, for example [[1, 2], [3, 4]].",
        ) from None  # fmt: skip
    check_size(what, tensor.numel(), tensor.ndim, limits, place)
    return tensor


def check_size(what: str, elements: int, dimensions: int, limits: Limits, place: Place | None) -> None:
    """Raises LimitExceeded for a tensor that is larger than the bounds."""
    line, column = place or (None, None)
    if elements > limits.elements:
        raise LimitExceeded(
            f"{what} has {elements:,} elements; at most {limits.elements:,} are held.",
            line=line, column=column, hint="Use smaller tensors.",
        )  # fmt: skip
    if dimensions > limits.dimensions:
        raise LimitExceeded(
            f"{what} is nested {dimensions} levels deep; at most {limits.dimensions} are held.",
            line=line, column=column, hint="Use vectors and matrices.",
        )  # fmt: skip


def number_of(given: Any, name: str, limits: Limits) -> Number:
    """An input's value: numbers, nested lists, arrays and tensors; copied, so that nobody's data is touched."""
    if isinstance(given, bool | int | float):
        try:
            return float(given)
        except OverflowError:
            raise OpFailed(f"The value of {name!r} is too large for 64 bits.", hint="At most about 1.8e308.") from None
    if not isinstance(given, Tensor | Sequence) and not hasattr(given, "__array__"):
        raise OpFailed(
            f"The value of {name!r} is of type {type(given).__name__}.",
            hint="Give a number, nested lists of numbers, an array or a tensor.",
        )
    tensor = tensor_of(given, f"The value of {name!r}", limits).detach().clone()
    if tensor.numel() == 0:
        raise OpFailed(f"The value of {name!r} is empty.", hint="Give at least one number.")
    return float(tensor) if tensor.ndim == 0 else tensor
