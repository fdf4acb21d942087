"""The recipe: one level in, everything's place out."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.layout.chips import Chip, chips
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
    """Ranks, order, x, heights, labels and wires, in this order."""
    grid = lay_rows(level, ranks(level), max(MOST_PASSES, len(level.items)))
    order(grid)
    straighten(grid, links(grid))
    shelve(grid)
    place_lanes(grid)
    xs = docks(grid)
    at = heights(grid, xs)
    return _sheet(grid, xs, at, chips(grid, at, xs))


def _sheet(grid: Grid, xs: list[list[float]], at: Heights, labels: list[Chip]) -> Sheet:
    """Everything moved so that the frame's left side is at 0."""
    level, frame = grid.level, grid.level.frame
    left, right = _extent(grid, labels)
    shift = frame.pad + frame.beside - left
    routes = (route(grid, at, path, x, label) for path, x, label in zip(grid.paths, xs, labels, strict=True))
    ports = [x + shift for x in grid.x[grid.items : grid.fixed]]
    return Sheet(
        right + shift + frame.pad,
        at.depth,
        [(grid.x[item] - grid.half[item] + shift, at.item[item]) for item in range(grid.items)],
        ports[: level.entries],
        ports[level.entries :],
        [[(x + shift, y) for x, y in points] for points in routes],
        [(label.x + shift, label.y) for label in labels],
    )


def _extent(grid: Grid, labels: list[Chip]) -> tuple[float, float]:
    left, right = grid.extent()
    half = grid.level.spacing.chip[0] / 2
    return min([left, *(label.x - half for label in labels)]), max([right, *(label.x + half for label in labels)])
