"""glibc's allocator, which decides by luck which of two programs pays for memory.

What is freed at the end of the heap goes back to the system, and whoever allocates next pays for every page of it
anew: 0.3 s per GB. Which way of several in one process that is depends on what lies where, not on what it does.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # malloc.h
_DEFAULTS = ((_TRIM_THRESHOLD, 128 * 1024), (_MMAP_MAX, 65536))


@contextmanager
def keeping_memory() -> Iterator[None]:
    """A block in which freed memory stays with the process. Elsewhere than on glibc it changes nothing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        yield
        return
    mallopt(_TRIM_THRESHOLD, -1)
    mallopt(_MMAP_MAX, 0)
    try:
        yield
    finally:
        for option, value in _DEFAULTS:
            mallopt(option, value)
