"""The recipe: a graph and its cards' boxes in, a placement out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TypeAlias

import numpy as np

from explorer.errors import CanvasError
from explorer.graph import Graph
from explorer.layout.cache import Cache
from explorer.layout.level import Frame, Item, Level, Segment, Spacing
from explorer.layout.placement import Box, Direction, Placement
from explorer.layout.route import Point
from explorer.layout.sheet import lay_out

CARDS = {
    "lr": Spacing(52, 32, 24, row=160, port_row=160, row_max=320, slope=0.08, chip=(24, 110)),
    "tb": Spacing(52, 32, 24, row=84, port_row=84, row_max=200, slope=0.08, chip=(110, 24)),
}
"""Room for cards with a label on every wire."""
MARGIN = Frame(pad=24)

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
    sheet = lay_out(_level(graph, boxes, direction))
    places, points, chips = (
        _turned(_columns(pairs), direction) for pairs in (sheet.corners, chain.from_iterable(sheet.routes), sheet.chips)
    )
    width, height = (sheet.breadth, sheet.depth) if direction == "tb" else (sheet.depth, sheet.breadth)
    starts = np.cumsum([0, *map(len, sheet.routes)], dtype=np.uint32)
    return Placement(direction, places[:, 0].copy(), places[:, 1].copy(), width, height, starts, points, chips)


def _level(graph: Graph, boxes: Sequence[Box], direction: Direction) -> Level:
    """The graph in the frame in which values flow down."""
    segments = (
        Segment(source, 0, target, port)
        for target, ports in enumerate(graph.inputs)
        for port, source in enumerate(ports)
    )
    return Level(tuple(_item(box, direction) for box in boxes), tuple(segments), CARDS[direction], MARGIN)


def _item(box: Box, direction: Direction) -> Item:
    breadth, depth = (box.width, box.height) if direction == "tb" else (box.height, box.width)
    return Item(breadth, depth, box.ins, (box.out,))


Columns: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def _columns(pairs: Iterable[Point]) -> Columns:
    return np.array(list(pairs), dtype=np.float32).reshape(-1, 2)


def _turned(pairs: Columns, direction: Direction) -> Columns:
    """From the frame in which values flow down to the drawing's."""
    return pairs if direction == "tb" else np.ascontiguousarray(pairs[:, ::-1])
