"""The recipe: one level in, everything's place out."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.layout.chips import chips
from explorer.layout.docks import docks
from explorer.layout.grid import Grid, lay_rows
from explorer.layout.heights import Heights, heights
from explorer.layout.lanes import place_lanes
from explorer.layout.level import Level
from explorer.layout.links import links
from explorer.layout.order import order
from explorer.layout.ranks import ranks
from explorer.layout.route import Point, route
from explorer.layout.shelf import shelve
from explorer.layout.straighten import straighten

MOST_PASSES = 3000
"""Wires that would need more passes than this, and than there are items, are led beside the drawing."""


@dataclass(frozen=True)
class Sheet:
    """A level laid out, in its frame's own coordinates, from its upper left corner.

    ``corners`` are the items' upper left corners; ``entries`` and ``exits`` the x of the border's ports;
    ``routes`` a start point and then three points per Bézier curve for every segment, ``chips`` the middle of
    its label.
    """

    breadth: float
    depth: float
    corners: list[Point]
    entries: list[float]
    exits: list[float]
    routes: list[list[Point]]
    chips: list[Point]


def lay_out(level: Level) -> Sheet:
    """Ranks, order, x, heights, wires and labels, in this order."""
    grid = lay_rows(level, ranks(level), max(MOST_PASSES, len(level.items)))
    order(grid)
    straighten(grid, links(grid))
    shelve(grid)
    place_lanes(grid)
    breadth = _move_into_frame(grid)
    xs = docks(grid)
    at = heights(grid, xs)
    return _sheet(grid, xs, at, breadth)


def _move_into_frame(grid: Grid) -> float:
    """Shifts all so that the frame's left side is at 0; how broad the frame is."""
    frame = grid.level.frame
    left, right = grid.extent()
    shift = frame.pad + frame.beside - left
    grid.x = [x + shift for x in grid.x]
    return right + shift + frame.pad


def _sheet(grid: Grid, xs: list[list[float]], at: Heights, breadth: float) -> Sheet:
    level, ports = grid.level, grid.x[grid.items : grid.fixed]
    return Sheet(
        breadth,
        at.depth,
        [(grid.x[item] - grid.half[item], at.item[item]) for item in range(grid.items)],
        ports[: level.entries],
        ports[level.entries :],
        [route(grid, at, path, x) for path, x in zip(grid.paths, xs, strict=True)],
        chips(grid, at, xs),
    )
