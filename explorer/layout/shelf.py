"""Items without a wire stand on shelves beside the drawing."""

from __future__ import annotations

from math import isqrt

from explorer.layout.grid import Grid
from explorer.layout.level import Level, Spacing


def shelve(grid: Grid, level: Level, spacing: Spacing) -> None:
    """Appends every item that is in no row: along the flow, then on the next shelf further right."""
    loose = [item for item in range(grid.items) if grid.row[item] < 0]
    if not loose:
        return
    if not grid.rows:
        grid.rows = [[] for _ in range(isqrt(len(loose) - 1) + 1)]
    for start in range(0, len(loose), len(grid.rows)):
        shelf = loose[start : start + len(grid.rows)]
        left = max((grid.x[e] + grid.half[e] for row in grid.rows for e in row), default=-spacing.item)
        middle = left + spacing.item + max(grid.half[item] for item in shelf)
        for row, item in enumerate(shelf):
            grid.x[item], grid.row[item] = middle, row
            grid.rows[row].append(item)
