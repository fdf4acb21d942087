"""Every operation that torch dispatches, as one lean tuple each; all else is put off until the forward is over."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple

from torch import no_grad
from torch._C import DisableTorchFunction
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from explorer.capture.by_heart import OPERATIONS, GradNodes, write_out
from explorer.capture.calls import Call
from explorer.capture.overwrites import WRITTEN, Overwrites, learn
from explorer.capture.source import Place, is_foreign, user_frame, user_place


class Record(NamedTuple):
    """One executed operation. Holding arguments and result keeps their identities from being used again."""

    func: OpOverload
    args: Sequence[Any]
    kwargs: Mapping[str, Any] | None
    out: Any
    call: Call
    place: Place | None


class Failure:
    """Stands in a record for the result of an operation that raised."""


class Records:
    """The operations of one trace. What is known by heart stands as one call until somebody looks at what it did.

    ``grad_fns`` has the autograd nodes of tensors that were made for that, by their id.
    """

    def __init__(self) -> None:
        self.noted: list[Any] = []
        self.grad_fns: GradNodes = {}
        self._written_out = 0

    def all(self) -> Sequence[Any]:
        """Every operation; from now on tensors may be written that what came before it has read."""
        if self._written_out < len(self.noted):
            with DisableTorchFunction(), no_grad():  # what is done for it is nobody's business
                self.noted[self._written_out :] = list(self._write_out(self.noted[self._written_out :]))
            self._written_out = len(self.noted)
        return self.noted

    def _write_out(self, records: Sequence[Any]) -> Iterator[Any]:
        for record in records:
            if record[0] in OPERATIONS:
                yield from write_out(record, self.grad_fns)
            else:
                yield record


class Recorder(TorchDispatchMode):
    """Appends a plain tuple with the fields of ``Record`` per operation of this thread.

    ``call`` is the module call that is running. ``outside`` is the user's frame that asked for the trace: an operation
    between which and it is no code of the user's has no line.
    """

    def __init__(self, kind: str, overwrites: Overwrites) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.records = Records()
        self._noted = self.records.noted
        self.call = self.root = Call(None, (), kind)
        self.outside: FrameType | None = user_frame(2)
        self._overwrites = overwrites

    def __exit__(self, *raised: Any) -> None:
        self.outside = None  # it holds all its variables
        super().__exit__(*raised)  # type: ignore[no-untyped-call]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Else torch wraps the method below in two more calls, for every operation."""
        return False

    def __torch_dispatch__(
        self, func: OpOverload, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        call = self.call
        place = call.place
        if place is None:  # spelled out: this runs for every operation
            frame: FrameType | None = sys._getframe(1)
            while frame is not None and is_foreign[frame.f_code.co_filename]:
                frame = frame.f_back
            place = None if frame is None or frame is self.outside else (frame.f_code, frame.f_lasti)
        try:
            written = WRITTEN[id(func)]
        except KeyError:
            written = learn(func)
        if written:
            self._overwrites.keep(self.records.all(), func, args, kwargs or {})
        try:
            out = func._op(*args, **kwargs) if kwargs else func._op(*args)  # saves one Python call
        except Exception:
            self._noted.append((func, args, kwargs, Failure(), call, place))
            raise
        self._noted.append((func, args, kwargs, out, call, place))
        return out

    def note(self, func: Any, args: Sequence[Any], out: Any) -> None:
        """Adds a call that is known by heart."""
        self._noted.append((func, args, None, out, self.call, self.call.place or user_place(2, self.outside)))
