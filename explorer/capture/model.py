"""The way in for models: ``trace_module``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from torch import Tensor, nn

from explorer.capture.eager import trace_eager
from explorer.capture.losses import Loss
from explorer.capture.module import export
from explorer.capture.trace import ModuleRun
from explorer.errors import CaptureError


def trace_module(
    module: nn.Module,
    args: Any = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    loss: Loss | None = None,
    mode: Literal["eager", "export"] = "eager",
    seconds: float | None = None,
) -> ModuleRun:
    """One forward and one backward pass of a model, with every value, gradient and contribution.

    ``args`` and ``kwargs`` are what the model is called with; a single tensor may come bare. ``loss`` is a
    function of the model's output that gives a single number; without it the loss is the output's own ``.loss``,
    a scalar output, or the sum of the first one, and ``run.loss`` says which. The model is left as it was.

    ``eager`` records any PyTorch code as it runs, at the level of ATen. ``export`` captures the model by
    torch.export first, which not every model allows, and runs that graph: fewer and larger operations.
    ``seconds`` bounds the forward pass of an eager trace.
    Raises CaptureError where the model cannot be traced; where it cannot be exported, the error's ``run`` is the
    eager one.
    """
    if not isinstance(module, nn.Module):
        raise CaptureError(f"trace_module takes an nn.Module, and this is {type(module).__name__}.")
    args = (args,) if isinstance(args, Tensor) else tuple(args)
    kwargs = dict(kwargs or {})
    if mode == "eager":
        return trace_eager(module, args, kwargs, loss, seconds)
    try:
        exported = export(module, args, kwargs)
    except CaptureError as error:
        error.run = trace_eager(module, args, kwargs, loss, seconds)
        raise
    return exported.run(args, kwargs, loss)
