"""Define by run: any eager PyTorch model, recorded while it runs forward and backward once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from explorer.capture.calls import Call, alone, watching
from explorer.capture.collector import without_garbage_collection
from explorer.capture.grounds import differentiable
from explorer.capture.losses import Loss, take_loss
from explorer.capture.members import input_names, members
from explorer.capture.overwrites import Overwrites
from explorer.capture.record import Recorder
from explorer.capture.taking import take
from explorer.capture.trace import ModuleRun, Trace
from explorer.capture.untouched import same_state


@without_garbage_collection()
def trace_eager(
    module: nn.Module,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    loss: Loss | None,
    seconds: float | None = None,
) -> ModuleRun:
    """One forward and one backward of ``module``, as a Run of every ATen operation that was executed.

    The forward ends at the first call of a module after ``seconds``, where they are given.
    Raises CaptureError where the forward, the loss or the backward raises; its ``run`` holds what there was.
    """
    held = members(module)
    with (
        alone(held),
        same_state(held) as draws,
        differentiable(held, args, kwargs) as ((args, kwargs), notes),
    ):
        overwrites = Overwrites()
        recorder = Recorder(type(module).__name__, overwrites)
        trace = Trace(held, list(input_names(module, args, kwargs)), recorder.records, overwrites, draws=draws)

        def forward() -> None:
            with recorder, watching(held, recorder, seconds):
                trace.output = module(*args, **kwargs)
                recorder.call = Call(recorder.root, ("loss",), "loss")
                trace.loss, trace.how = take_loss(trace.output, loss)

        return take(trace, forward, notes)
