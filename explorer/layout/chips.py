"""A place for each wire's label, in a gap between rows, where no item is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from explorer.layout.grid import Grid
from explorer.layout.heights import Heights
from explorer.layout.route import Point


def chips(grid: Grid, at: Heights, ends: Sequence[Sequence[float]]) -> list[Point]:
    """Per segment the middle of its middle stretch, or of its last one where it shares its way."""
    shared = Counter(element for path in grid.paths for element in path[1:-1])
    return [_middle(grid, at, path, xs, shared) for path, xs in zip(grid.paths, ends, strict=True)]


def _middle(grid: Grid, at: Heights, path: Sequence[int], xs: Sequence[float], shared: Counter[int]) -> Point:
    last = len(path) - 2
    stretch = last if any(shared[element] > 1 for element in path[1:-1]) else last // 2
    gap = grid.row[path[stretch]]
    return (xs[stretch] + xs[stretch + 1]) / 2, (at.bottom[gap] + at.top[gap + 1]) / 2
