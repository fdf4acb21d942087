"""How long something takes."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter


def timed(act: Callable[[], object], laps: int) -> float:
    """Seconds, the median of so many laps; one before them fills caches."""
    act()
    taken = []
    for _ in range(laps):
        since = perf_counter()
        act()
        taken.append(perf_counter() - since)
    return median(taken)
