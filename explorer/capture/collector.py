"""Python's garbage collector, held off while a trace is made."""

from __future__ import annotations

import gc
from contextlib import ContextDecorator
from threading import Lock

_lock = Lock()
_inside = 0
_was_enabled = False


class without_garbage_collection(ContextDecorator):  # reads as the function that it is called like
    """A trace makes many small objects and no cycles; collecting in the middle of it doubles its time.

    Of blocks that overlap, in several threads or one in another, the last one to end turns the collector on again.
    That is the very last thing it does: Python collects when the next object is made, and here none is.
    """

    def __enter__(self) -> None:
        global _inside, _was_enabled
        with _lock:
            if not _inside:
                _was_enabled = gc.isenabled()
                gc.disable()
            _inside += 1

    def __exit__(self, *raised: object) -> None:
        global _inside
        with _lock:
            _inside -= 1
            if not _inside and _was_enabled:
                gc.enable()
