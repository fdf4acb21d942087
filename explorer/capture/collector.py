"""Python's garbage collector, held off while a trace is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """A trace makes many small objects and no cycles; collecting in the middle of it doubles its time.

    Of blocks in several threads that overlap the first one to begin turns the collector on again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
