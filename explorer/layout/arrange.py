"""The recipe: a graph and its cards' boxes in, a placement out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.errors import CanvasError
from explorer.graph import Graph
from explorer.layout import dot, read
from explorer.layout.cache import Cache
from explorer.layout.chips import chips
from explorer.layout.grid import Grid, links
from explorer.layout.heights import heights
from explorer.layout.level import Item, Level, Segment, Spacing
from explorer.layout.placement import Box, Direction, Placement
from explorer.layout.route import Point, ends, route
from explorer.layout.shelf import shelve
from explorer.layout.straighten import straighten

CARDS = {
    "lr": Spacing(52, 16, 20, row=160, row_max=320, slope=0.08, margin=24, chip=(24, 110)),
    "tb": Spacing(52, 16, 20, row=84, row_max=200, slope=0.08, margin=24, chip=(110, 24)),
}
"""Room for cards with a label on every wire."""

_PLACEMENTS: Cache[Placement] = Cache(bound=400_000)


def arrange(graph: Graph, boxes: Sequence[Box], direction: Direction = "lr") -> Placement:
    """Places one box per node, in order, and routes every edge.

    Cards never overlap, a route never runs through a card that it does not end at nor against the flow, and
    every straight cut between two ranks has all predecessors of what is before it on the same side. Equal
    structure and boxes give the same (shared) placement.

    Raises CanvasError where the boxes do not fit the graph.
    """
    key = (direction, tuple(graph.inputs), tuple(boxes))
    found = _PLACEMENTS.get(key)
    if found is None:
        _check(graph, boxes)
        found = _arrange(graph, boxes, direction)
        _PLACEMENTS.put(key, found, weight=len(boxes) + len(found.points))
    return found


def _check(graph: Graph, boxes: Sequence[Box]) -> None:
    if len(boxes) != len(graph):
        raise CanvasError(f"There are {len(boxes)} boxes for {len(graph)} nodes: give one box per node.")
    for index, (box, ports) in enumerate(zip(boxes, graph.inputs, strict=True)):
        if len(box.ins) != len(ports):
            raise CanvasError(
                f"The box of node {index} ({graph.ops[index]}) has {len(box.ins)} input offsets, "
                f"but the node has {len(ports)} inputs: give one offset per port."
            )


def _arrange(graph: Graph, boxes: Sequence[Box], direction: Direction) -> Placement:
    level, spacing = _level(graph, boxes, direction), CARDS[direction]
    grid = read.grid(level, dot.draw(dot.text(level, spacing)))
    straighten(grid, links(grid, level), spacing)
    shelve(grid, level, spacing)
    _move_into_view(grid, spacing)
    xs = ends(grid, level)
    at = heights(grid, level, xs, spacing)
    routes = [route(grid, level, at, path, x) for path, x in zip(grid.paths, xs, strict=True)]
    corners = [(grid.x[i] - grid.half[i], at.item[i]) for i in range(grid.items)]
    breadth = max((grid.x[e] + grid.half[e] for row in grid.rows for e in row), default=0.0) + spacing.margin
    depth = max(at.bottom, default=0.0) + spacing.margin
    return _placement(direction, corners, (breadth, depth), routes, chips(grid, at, xs))


def _level(graph: Graph, boxes: Sequence[Box], direction: Direction) -> Level:
    items = [
        Item(box.height, box.width, box.ins, (box.out,))
        if direction == "lr"
        else Item(box.width, box.height, box.ins, (box.out,))
        for box in boxes
    ]
    segments = [
        Segment(source, 0, target, port)
        for target, ports in enumerate(graph.inputs)
        for port, source in enumerate(ports)
    ]
    return Level(items, segments)


def _move_into_view(grid: Grid, spacing: Spacing) -> None:
    left = min((grid.x[e] - grid.half[e] for row in grid.rows for e in row), default=0.0)
    grid.x = [x - left + spacing.margin for x in grid.x]


def _placement(
    direction: Direction, corners: list[Point], size: Point, routes: list[list[Point]], labels: list[Point]
) -> Placement:
    """Out of the frame in which the flow runs down."""
    starts = np.cumsum([0, *map(len, routes)], dtype=np.uint32)
    turn = slice(None, None, -1) if direction == "lr" else slice(None)
    places = _columns(corners)[:, turn]
    width, height = size if direction == "tb" else size[::-1]
    points = _columns([point for points in routes for point in points])[:, turn]
    chip = _columns(labels)[:, turn]
    return Placement(
        direction, places[:, 0].copy(), places[:, 1].copy(), width, height, starts,
        np.ascontiguousarray(points), np.ascontiguousarray(chip),
    )  # fmt: skip


def _columns(points: Sequence[Point]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.array(points, dtype=np.float32).reshape(-1, 2)
