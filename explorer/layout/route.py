"""The wires: straight through a row, an S-curve in the gap between two rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from explorer.layout.chips import Chip
from explorer.layout.grid import Grid
from explorer.layout.heights import Heights

Point: TypeAlias = tuple[float, float]


def route(grid: Grid, at: Heights, path: Sequence[int], xs: Sequence[float], chip: Chip) -> list[Point]:
    """One segment's way from port to port: a start point, then two controls and an end per Bézier curve."""
    points = [(xs[0], _lower_side(grid, at, path[0]))]
    for stretch, (up, down) in enumerate(pairwise(path)):
        x, bow = xs[stretch + 1], chip.bow if stretch == chip.stretch else 0.0
        if x != points[-1][0] or bow:
            _go_straight(points, at.bottom[grid.last[up]])
            _bend(points, x, at.top[grid.row[down]], bow)
    _go_straight(points, _upper_side(grid, at, path[-1]))
    return points


def _lower_side(grid: Grid, at: Heights, element: int) -> float:
    if element < grid.items:
        return at.item[element] + grid.level.items[element].depth
    return at.top[grid.row[element]]


def _upper_side(grid: Grid, at: Heights, element: int) -> float:
    return at.item[element] if element < grid.items else at.top[grid.row[element]]


def _go_straight(points: list[Point], y: float) -> None:
    x, start = points[-1]
    if y > start:
        third = (y - start) / 3
        points += [(x, start + third), (x, y - third), (x, y)]


def _bend(points: list[Point], x: float, y: float, bow: float) -> None:
    """An S-curve, moved sideways by ``bow`` half-way."""
    start, middle, aside = points[-1][0], (points[-1][1] + y) / 2, bow / 0.75
    points += [(start + aside, middle), (x + aside, middle), (x, y)]
