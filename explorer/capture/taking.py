"""Both passes of a trace, and what is said when one of them raises."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch._C._autograd import _get_sequence_nr

from explorer.capture.pull import pull
from explorer.capture.source import failing_line
from explorer.capture.trace import ModuleRun, Trace
from explorer.errors import CaptureError, ProgramError

NO_NUMBERS = "The model is on the meta device, which holds no weights: there are shapes, and no numbers."
NO_BACKWARD = "The loss does not depend on anything that asks for a gradient, so there is no backward pass."


def take(trace: Trace, forward: Callable[[], None], notes: Sequence[str]) -> ModuleRun:
    """The run after ``forward``, which fills ``trace``, and a backward pass from its loss.

    What was written outside the model is put back. Raises CaptureError, with the run up to there, where one of
    the passes raised.
    """
    since = _get_sequence_nr()
    try:
        return _both(trace, forward, since, notes)
    finally:
        if trace.overwrites.events:
            trace.overwrites.finish(trace.records)


def _both(trace: Trace, forward: Callable[[], None], since: int, notes: Sequence[str]) -> ModuleRun:
    try:
        forward()
    except Exception as error:
        trace.failed, trace.loss = str(error) or type(error).__name__, None
        raise _failure(error, "forward", ModuleRun(trace, notes) if trace.recorded.noted else None) from _cause(error)
    assert trace.loss is not None
    if trace.loss.is_meta:
        return ModuleRun(trace, [*notes, NO_NUMBERS])
    if not trace.loss.requires_grad:
        return ModuleRun(trace, [*notes, NO_BACKWARD])
    try:
        trace.pulled = pull(trace.loss, since, trace.held.weights)
    except Exception as error:
        raise _failure(error, "backward pass", ModuleRun(trace, notes)) from _cause(error)
    return ModuleRun(trace, notes)


def _failure(error: Exception, what: str, run: ModuleRun | None) -> CaptureError:
    """What was raised, in which line of the user's code, with the run up to there; None where nothing had run."""
    if isinstance(error, CaptureError):
        error.run = run
        return error
    if isinstance(error, ProgramError):  # of a loss that was written as text
        return CaptureError(str(error), run=run)
    file, line = failing_line(error.__traceback__)
    where = f" in {file}, line {line}" if file else ""
    reason = f"The {what} raised {type(error).__name__}{where}: {_sentence(error)}"
    kept = "" if run is None else " What ran before is in the error's `run`."
    return CaptureError(reason + kept, run=run, file=file, line=line or None, reason=reason)


def _sentence(error: Exception) -> str:
    said = str(error).strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _cause(error: Exception) -> BaseException | None:
    return error.__cause__ if isinstance(error, CaptureError) else error
