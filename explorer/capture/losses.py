"""Which number of a model's output is differentiated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from explorer.capture.members import tensors_in
from explorer.errors import CaptureError

Loss = Callable[[Any], Tensor]
"""From what the model returned to a single number."""


def take_loss(output: Any, loss: Loss | None) -> tuple[Tensor, str]:
    """The loss and how it came about, in words.

    Without ``loss`` it is the output's own ``.loss``, else a scalar output, else the sum of the first output that
    has a fraction part. Raises CaptureError where there is none.
    """
    if loss is not None:
        return _scalar(loss(output)), "the given loss"
    own = output.get("loss") if isinstance(output, dict) else getattr(output, "loss", None)
    if isinstance(own, Tensor):
        return _scalar(own), "the output's own loss"
    for name, tensor in tensors_in(output, ""):
        if tensor.is_floating_point():
            label = f"output {name}" if name else "the output"
            return (tensor, label) if tensor.dim() == 0 else (tensor.sum(), f"the sum of {label}")
    raise CaptureError(
        "The output has no tensor of floating-point numbers to differentiate. Give a loss: a function of the output."
    )


def _scalar(value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        raise CaptureError(f"The loss gave {type(value).__name__}, not a tensor. Let it return a single number.")
    if value.numel() != 1:
        raise CaptureError(f"The loss has shape {list(value.shape)}, not a single number. Take its .mean() or .sum().")
    return value
