"""How far something that takes long has come: told from where the work is done, shown wherever somebody listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Teller = Callable[[float, str], object]
"""Takes a share from 0 to 1, and what is being done."""

_teller: ContextVar[Teller] = ContextVar("teller", default=lambda _share, _words: None)


def tell(share: float, words: str) -> None:
    """``share`` of the work is behind us, and ``words`` say what comes next."""
    _teller.get()(share, words)


@contextmanager
def within(low: float, high: float) -> Iterator[None]:
    """What is told inside the block is a part of the work: from the share ``low`` to ``high`` of it."""
    outer = _teller.get()
    with told_to(lambda share, words: outer(low + (high - low) * share, words)):
        yield


@contextmanager
def told_to(teller: Teller) -> Iterator[None]:
    """Whatever is told inside the block is told to ``teller``."""
    token = _teller.set(teller)
    try:
        yield
    finally:
        _teller.reset(token)
