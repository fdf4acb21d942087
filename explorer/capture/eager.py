"""Define by run: any eager PyTorch model, recorded while it runs forward and backward once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn
from torch._C._autograd import _get_sequence_nr

from explorer.capture.calls import Call, alone, watching
from explorer.capture.grounds import differentiable
from explorer.capture.losses import Loss, take_loss
from explorer.capture.members import Members, input_names, members
from explorer.capture.overwrites import Overwrites
from explorer.capture.pull import pull
from explorer.capture.record import Recorder
from explorer.capture.source import failing_line
from explorer.capture.trace import ModuleRun, Trace
from explorer.capture.untouched import garbage_kept, same_state
from explorer.errors import CaptureError

NO_BACKWARD = "The loss does not depend on anything that asks for a gradient, so there is no backward pass."


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
        trace = _forward(module, held, args, kwargs, loss)
        try:
            return _backward(trace, since, notes)
        finally:
            trace.overwrites.finish(trace.records)


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


def _backward(trace: Trace, since: int, notes: list[str]) -> ModuleRun:
    if trace.error is not None:
        raise _failure(trace.error, "forward", ModuleRun(trace, notes))
    assert trace.loss is not None
    if not trace.loss.requires_grad:
        return ModuleRun(trace, [*notes, NO_BACKWARD])
    try:
        trace.pulled = pull(trace.loss, since, [parameter for _, parameter in trace.held.parameters])
    except Exception as error:
        raise _failure(error, "backward pass", ModuleRun(trace, notes)) from error
    return ModuleRun(trace, notes)


def _failure(error: Exception, what: str, run: ModuleRun) -> CaptureError:
    """What was raised, in which line of the user's code, with the run up to there."""
    if isinstance(error, CaptureError):
        error.run = run
        return error
    file, line = failing_line(error.__traceback__)
    where = f" in {file}, line {line}" if file else ""
    failure = CaptureError(
        f"The {what} raised {type(error).__name__}{where}: {error} What ran before is in the error's `run`.",
        run=run,
        file=file,
        line=line or None,
    )
    failure.__cause__ = error
    return failure
