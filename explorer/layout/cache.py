"""A cache that forgets what was longest unused once it holds too much."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """Results by key, each with a weight; together they weigh at most ``bound``, the latest aside."""

    def __init__(self, bound: int) -> None:
        self._bound, self._held = bound, 0
        self._found: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> T | None:
        """What was put under ``key``, if it is still there."""
        with self._lock:
            if key not in self._found:
                return None
            self._found.move_to_end(key)
            return self._found[key][0]

    def put(self, key: Hashable, value: T, weight: int) -> None:
        """Keeps ``value``, and forgets the longest unused others until the bound holds."""
        with self._lock:
            self._held += weight - self._found.get(key, (value, 0))[1]
            self._found[key] = value, weight
            self._found.move_to_end(key)
            while self._held > self._bound and len(self._found) > 1:
                _, (_, lighter) = self._found.popitem(last=False)
                self._held -= lighter

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._found.clear()
            self._held = 0
