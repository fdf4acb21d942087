"""Which element stands left of which, and a first x."""

from __future__ import annotations

from explorer.layout import dot
from explorer.layout.crossings import Tangle
from explorer.layout.grid import Grid
from explorer.layout.sifting import MOST_ELEMENTS, Sifting


def order(grid: Grid) -> float:
    """Sorts the rows of ``grid`` so that few wires cross, and gives every element in them an x.

    The answer is how much still crosses. Reading order and dot's are both tried; where they are nearly as good, the
    former is the better to read, and where nothing crosses in it there is no better one.
    """
    tangle = Tangle(grid)
    _, rows = tangle.improve(grid.rows)
    crossings: float = tangle.crossings(rows)
    if crossings and len(grid.x) <= MOST_ELEMENTS:
        sifting = Sifting(grid, tangle)
        starts = [rows]
        if dot.is_small(len(grid.x), sum(map(len, grid.paths))):
            starts.append(dot.order(grid))
        _, rows = min(sifting.improve(start) for start in starts)
        crossings = sifting.crossings(rows)
    grid.rows = rows
    for row in grid.rows:
        _pack(grid, row)
    return crossings


def _pack(grid: Grid, row: list[int]) -> None:
    """As narrow as can be, with the middle at 0."""
    x = 0.0
    for at, element in enumerate(row):
        x += grid.distance(row[at - 1], element) if at else 0.0
        grid.x[element] = x
    for element in row:
        grid.x[element] -= x / 2
