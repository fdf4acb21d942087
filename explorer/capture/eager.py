"""Define by run: any eager PyTorch model, recorded while it runs forward and backward once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn
from torch._C._autograd import _get_sequence_nr

from explorer.capture.calls import Call, alone, watching
from explorer.capture.finish import finished
from explorer.capture.grounds import differentiable
from explorer.capture.losses import Loss, take_loss
from explorer.capture.members import Members, input_names, members
from explorer.capture.overwrites import Overwrites
from explorer.capture.record import Recorder
from explorer.capture.trace import ModuleRun, Trace
from explorer.capture.untouched import garbage_kept, same_state


def trace_eager(module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], loss: Loss | None) -> ModuleRun:
    """One forward and one backward of ``module``, as a Run of every ATen operation that was executed.

    Raises CaptureError where the forward, the loss or the backward raises; its ``run`` holds what there was.
    """
    held = members(module)
    with (
        alone(held.modules),
        garbage_kept(),
        same_state(held.modules),
        differentiable(held, args, kwargs) as ((args, kwargs), notes),
    ):
        since = _get_sequence_nr()
        return finished(_forward(module, held, args, kwargs, loss), since, notes)


def _forward(
    module: nn.Module, held: Members, args: tuple[Any, ...], kwargs: Mapping[str, Any], loss: Loss | None
) -> Trace:
    overwrites = Overwrites()
    recorder = Recorder(type(module).__name__, overwrites)
    trace = Trace(held, list(input_names(module, args, kwargs)), recorder.records, overwrites)
    try:
        with recorder, watching(held.modules, recorder):
            trace.output = module(*args, **kwargs)
            recorder.call = Call(recorder.root, ("loss",), "loss")
            trace.loss, trace.how = take_loss(trace.output, loss)
    except Exception as error:
        trace.error = error
    return trace
