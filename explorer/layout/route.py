"""The wires: straight through a row, an S-curve in the gap between two rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from explorer.layout.grid import Grid
from explorer.layout.heights import Heights
from explorer.layout.level import Level

Point: TypeAlias = tuple[float, float]


def ends(grid: Grid, level: Level) -> list[list[float]]:
    """Per segment the x at each element of its path: the port at both ends, the pass between."""
    found = []
    for segment, path in zip(level.segments, grid.paths, strict=True):
        xs = [grid.x[element] for element in path]
        xs[0] += level.items[segment.tail].outs[segment.tail_port] - grid.half[segment.tail]
        xs[-1] += level.items[segment.head].ins[segment.head_port] - grid.half[segment.head]
        found.append(xs)
    return found


def route(grid: Grid, level: Level, at: Heights, path: Sequence[int], xs: Sequence[float]) -> list[Point]:
    """One segment's way from port to port: a start point, then two controls and an end per Bézier curve."""
    points = [(xs[0], at.item[path[0]] + level.items[path[0]].depth)]
    for up, down, x in zip(path, path[1:], xs[1:], strict=False):
        if x != points[-1][0]:
            _straight(points, at.bottom[grid.row[up]])
            _bend(points, x, at.top[grid.row[down]])
    _straight(points, at.item[path[-1]])
    return points


def _straight(points: list[Point], y: float) -> None:
    x, start = points[-1]
    if y > start:
        third = (y - start) / 3
        points += [(x, start + third), (x, y - third), (x, y)]


def _bend(points: list[Point], x: float, y: float) -> None:
    start, middle = points[-1][0], (points[-1][1] + y) / 2
    points += [(start, middle), (x, middle), (x, y)]
