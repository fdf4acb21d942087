"""Which module call an operation runs in: ``forward`` is wrapped on the instances of one model, for one trace.

Instances rather than the class or torch's global hooks, so that no other model and no other thread notices; and
``forward`` rather than hooks, so that a direct call of ``forward`` is seen as well.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from functools import lru_cache
from time import monotonic
from types import FrameType
from typing import Any, NamedTuple, Protocol

from torch import nn
from torch.jit import ScriptModule

from explorer.capture.by_heart import KNOWN, Note, by_heart
from explorer.capture.members import Members
from explorer.capture.source import Place, is_foreign, user_place
from explorer.errors import CaptureError


class Call:
    """One call of a module: ``number`` counts the calls of this module within ``parent``, from 1; 0 if that is still
    to be done, which waits until somebody asks.

    ``place`` is where the user's code called it, if its own code is torch's; else every operation has its own.
    """

    __slots__ = ("_inside", "_number", "_path", "kind", "name", "parent", "place")

    def __init__(
        self, parent: Call | None, name: tuple[str, ...], kind: str, number: int = 1, place: Place | None = None
    ) -> None:
        self.parent, self.name, self.kind, self._number, self.place = parent, name, kind, number, place
        self._inside: list[Call] = []
        self._path: tuple[str, ...] | None = None
        if not number and parent is not None:
            parent._inside.append(self)

    @property
    def number(self) -> int:
        """Which of the calls of this module within ``parent`` this is, from 1."""
        if not self._number and self.parent is not None:
            self.parent._count()
        return self._number

    def _count(self) -> None:
        counts: Counter[tuple[str, ...]] = Counter()
        for call in self._inside:
            counts[call.name] += 1
            call._number = counts[call.name]

    @property
    def path(self) -> tuple[str, ...]:
        """The qualified name in parts, outermost first; a second call of one module is ``act#2``."""
        if self._path is None:
            self._path = self._find_path()
        return self._path

    def _find_path(self) -> tuple[str, ...]:
        if self.parent is None:
            return self.name
        above = self.parent.name
        inside = self.name[: len(above)] == above
        parts = [*self.parent.path, *self.name[len(above) :]] if inside else [*self.name]
        if self.number > 1 and parts:
            parts[-1] += f"#{self.number}"
        return tuple(parts)


class Running(Protocol):
    """Something that knows the module call that is running, and the frame that asked for the trace; ``note`` takes note
    of a call that is known by heart.
    """

    call: Call
    outside: FrameType | None

    @property
    def note(self) -> Note: ...


class _Kind(NamedTuple):
    """What is the same for all modules of a class, and is asked for often."""

    name: str
    is_scripted: bool
    is_known: bool
    is_torchs: bool


@lru_cache(maxsize=1024)
def _kind(kind: type[nn.Module]) -> _Kind:
    is_scripted = issubclass(kind, ScriptModule)
    return _Kind(kind.__name__, is_scripted, kind in KNOWN, not is_scripted and _is_torchs(kind.forward))


def _is_torchs(forward: Callable[..., Any]) -> bool:
    return is_foreign[getattr(getattr(forward, "__code__", None), "co_filename", "")]


def _watch(
    running: Running, module: nn.Module, name: tuple[str, ...], about: _Kind, thread: int, deadline: float | None
) -> Callable[..., Any]:
    """``module.forward`` that says when it runs. Calls from other threads than ``thread`` pass through unseen."""
    forward, (kind, _, is_known, is_torchs) = module.forward, about
    if "forward" in module.__dict__:
        is_known, is_torchs = False, _is_torchs(forward)

    def watched(*args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() != thread:
            return forward(*args, **kwargs)
        if deadline is not None and monotonic() > deadline:
            raise CaptureError("The forward pass takes longer than it may here. Make the model smaller.")
        outer = running.call
        place = (outer.place or user_place(2, running.outside)) if is_torchs else None
        running.call = Call(outer, name, kind, 0, place)
        try:
            out = by_heart(module, args, kwargs, running.note) if is_known else None
            return forward(*args, **kwargs) if out is None else out
        finally:
            running.call = outer

    watched.__wrapped__ = forward  # type: ignore[attr-defined]  # signatures are still found
    return watched


@contextmanager
def watching(held: Members, running: Running, seconds: float | None = None) -> Iterator[None]:
    """Wraps all but the root for the time of the block; no module is called after ``seconds``.

    Scripted modules cannot be wrapped.
    """
    thread, deadline = threading.get_ident(), None if seconds is None else monotonic() + seconds
    before: list[tuple[dict[str, Any], Any]] = []
    try:
        for path, module, *_ in held.parts:
            about = _kind(type(module))  # type: ignore[arg-type]  # classes of modules can be hashed
            if path and not about.is_scripted:
                attributes = module.__dict__
                watched = _watch(running, module, path, about, thread, deadline)
                before.append((attributes, attributes.get("forward")))
                attributes["forward"] = watched
        yield
    finally:
        for attributes, own in before:
            if own is None:
                attributes.pop("forward", None)
            else:
                attributes["forward"] = own


_busy: list[tuple[AbstractSet[int], int]] = []
"""The modules, by id, of every model that is being traced, and the thread that does it."""
_free = threading.Condition()


@contextmanager
def alone(held: Members) -> Iterator[None]:
    """Waits until no other thread traces the model or a part of it; two models may share a part.

    Raises CaptureError where the same thread is in the middle of tracing one of them.
    """
    mine = held.ids, threading.get_ident()
    with _free:
        if _busy:
            if any(thread == mine[1] and not ids.isdisjoint(mine[0]) for ids, thread in _busy):
                raise CaptureError("This model is being traced already: a forward or a loss must not trace it again.")
            _free.wait_for(lambda: all(ids.isdisjoint(mine[0]) for ids, _ in _busy))
        _busy.append(mine)
    try:
        yield
    finally:
        with _free:
            _busy[:] = [other for other in _busy if other is not mine]
            _free.notify_all()
