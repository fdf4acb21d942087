"""Which element stands left of which, and a first x."""

from __future__ import annotations

from explorer.layout import dot
from explorer.layout.crossings import Tangle
from explorer.layout.grid import Grid


def order(grid: Grid) -> int:
    """Sorts the rows of ``grid`` so that few wires cross, and gives every element in them an x.

    The answer is how many still cross. Reading order and dot's are both tried; where they are nearly as good, the
    former is the better to read, and where nothing crosses in it there is no better one.
    """
    tangle = Tangle(grid)
    best = tangle.improve(grid.rows)
    if best[0] and dot.is_small(len(grid.x), sum(map(len, grid.paths))):
        best = min(best, tangle.improve(dot.order(grid)))
    _, grid.rows = best
    for row in grid.rows:
        _pack(grid, row)
    return tangle.crossings(grid.rows)


def _pack(grid: Grid, row: list[int]) -> None:
    """As narrow as can be, with the middle at 0."""
    x = 0.0
    for at, element in enumerate(row):
        x += grid.distance(row[at - 1], element) if at else 0.0
        grid.x[element] = x
    for element in row:
        grid.x[element] -= x / 2
