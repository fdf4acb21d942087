"""The second half of a trace: the backward pass, and what went wrong."""

from __future__ import annotations

from explorer.capture.pull import pull
from explorer.capture.source import failing_line
from explorer.capture.trace import ModuleRun, Trace
from explorer.errors import CaptureError

NO_BACKWARD = "The loss does not depend on anything that asks for a gradient, so there is no backward pass."


def finished(trace: Trace, since: int, notes: list[str]) -> ModuleRun:
    """The run of a recorded forward, after one backward pass; what the forward wrote outside itself is put back.

    ``since`` is torch's sequence number from before the forward. Raises CaptureError, with the run up to there,
    where one of the passes raised.
    """
    try:
        return _backward(trace, since, notes)
    finally:
        trace.overwrites.finish(trace.records)


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
