"""Small tensors on one thread: torch's others would wait for work at full speed, and take the time from the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import torch

SMALL = 100_000
"""Numbers that are trained; from here on several threads are faster."""

_lock = Lock()
_inside, _outside = 0, 1


@contextmanager
def few_threads(numbers: int) -> Iterator[None]:
    """One thread for what is done within, where ``numbers`` is small. The setting is the whole process's, so the last
    one to leave brings it back.
    """
    if numbers >= SMALL:
        yield
        return
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _outside
    with _lock:
        if not _inside:
            _outside = torch.get_num_threads()
            torch.set_num_threads(1)
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if not _inside:
            torch.set_num_threads(_outside)
