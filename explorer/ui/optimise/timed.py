"""How long something takes."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

from explorer.progress import tell


def timed(act: Callable[[], object], laps: int, words: str) -> float:
    """Seconds, the median of so many laps; one before them fills caches. It is told how far it is."""
    act()
    taken = []
    for lap in range(laps):
        tell(lap / laps, words)
        since = perf_counter()
        act()
        taken.append(perf_counter() - since)
    return median(taken)
