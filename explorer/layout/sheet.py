"""The recipe: one level in, everything's place out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from explorer.layout.cache import Cache
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
from explorer.layout.spans import span
from explorer.layout.straighten import straighten
from explorer.layout.wrap import wrap
from explorer.progress import within

MOST_PASSES = 3000
"""Wires that would need more passes than this, and than there are items, are led beside the drawing."""
TITLE_GAP = 6.0
"""Pixels between a title and the wires beside it."""

Columns: TypeAlias = NDArray[np.float64]
"""Points: x and y."""


@dataclass(frozen=True)
class Sheet:
    """A level laid out, in its frame's own coordinates, from the frame's upper left corner.

    ``corners`` are the items' upper left corners; ``entries`` and ``exits`` the x of the border's ports. The
    route of segment ``s`` is ``points[starts[s]:starts[s + 1]]``: a start point and three points per Bézier
    curve; ``chips`` is the middle of its label, and ``leans`` the x beside its two ends. ``title`` is the upper
    left corner of the title's place.
    """

    breadth: float
    depth: float
    corners: Columns
    entries: tuple[float, ...]
    exits: tuple[float, ...]
    starts: NDArray[np.int64]
    points: Columns
    chips: Columns
    leans: Columns
    title: Point
    crossings: float


_SHEETS: Cache[Sheet] = Cache(bound=400_000)


def lay_out(level: Level) -> Sheet:
    """Ranks, order, x, spans, heights, labels and wires, in this order. Equal levels share one sheet."""
    found = _SHEETS.get(level)
    if found is None:
        ranked, spread = wrap(level, ranks(level))
        grid = lay_rows(level, ranked, max(MOST_PASSES, len(level.items)))
        with within(0.05, 0.3):
            crossings = order(grid)
        with within(0.3, 0.7):
            straighten(grid, links(grid, spread))
        shelve(grid)
        place_lanes(grid)
        span(grid)
        xs = docks(grid)
        at = heights(grid, xs)
        with within(0.7, 0.9):
            labels = chips(grid, at, xs)
        found = _sheet(grid, xs, at, labels, crossings)
        _SHEETS.put(level, found, weight=len(level.items) + len(found.points))
    return found


def _sheet(grid: Grid, xs: Sequence[Sequence[float]], at: Heights, labels: Sequence[Chip], crossings: float) -> Sheet:
    """Everything moved so that the frame's left side is at 0."""
    level, margins = grid.level, grid.level.margins
    left, right = _extent(grid, labels)
    move = np.array([margins.pad + margins.beside - left, 0.0])
    routes = [route(grid, at, path, x, label) for path, x, label in zip(grid.paths, xs, labels, strict=True)]
    ports = [x + float(move[0]) for x in grid.x[grid.items : grid.fixed]]
    title, breadth = _title(level, ports[: level.entries], right + float(move[0]) + margins.pad)
    return Sheet(
        breadth,
        at.depth,
        _columns((grid.x[item] - grid.half[item], at.item[item]) for item in range(grid.items)) + move,
        tuple(ports[: level.entries]),
        tuple(ports[level.entries :]),
        np.cumsum([0, *map(len, routes)]),
        _columns(chain.from_iterable(routes)) + move,
        _columns((label.x, label.y) for label in labels) + move,
        _columns((x[1], x[-2]) for x in xs) + move[0],
        title,
        crossings,
    )


def _extent(grid: Grid, labels: Sequence[Chip]) -> tuple[float, float]:
    left, right = grid.extent()
    half = grid.level.spacing.chip[0] / 2
    return min([left, *(label.x - half for label in labels)]), max([right, *(label.x + half for label in labels)])


def _title(level: Level, entries: Sequence[float], breadth: float) -> tuple[Point, float]:
    """Where the title stands, clear of the wires that enter, and how broad the frame must be for it."""
    margins = level.margins
    x = margins.pad
    if not margins.before:
        return (0.0, margins.pad), breadth
    for entry in sorted(entries):
        if x - TITLE_GAP < entry < x + margins.title + TITLE_GAP:
            x = entry + TITLE_GAP
    return (x, 0.0), max(breadth, x + margins.title + margins.pad)


def _columns(points: Iterable[Point]) -> Columns:
    return np.array(list(points), dtype=np.float64).reshape(-1, 2)
