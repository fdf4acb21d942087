"""The two entrances: a graph and its cards' boxes in, a placement out, with groups or without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from explorer.errors import CanvasError
from explorer.graph import Graph
from explorer.layout.assemble import assemble
from explorer.layout.cache import Cache
from explorer.layout.inside_out import Levels, lay_out_all
from explorer.layout.level import Item, Spacing
from explorer.layout.placement import Box, Direction, Placement
from explorer.layout.tree import grow
from explorer.layout.wiring import wire

CARDS: Mapping[Direction, Spacing] = {
    "lr": Spacing(52, 32, 24, row=160, port_row=40, row_max=320, slope=0.08, chip=(24, 110)),
    "tb": Spacing(52, 32, 24, row=84, port_row=40, row_max=200, slope=0.08, chip=(110, 24)),
}
"""Room for cards with a label on every wire."""
MODELS: Mapping[Direction, Spacing] = {
    "lr": Spacing(20, 12, 10, row=40, port_row=20, row_max=96, slope=0.14, chip=(0, 0)),
    "tb": Spacing(24, 12, 10, row=28, port_row=14, row_max=64, slope=0.14, chip=(0, 0)),
}
"""Room for the cards of models, whose wires bear no labels."""

_PLACEMENTS: Cache[Placement] = Cache(bound=400_000)


def arrange(graph: Graph, boxes: Sequence[Box], direction: Direction = "lr") -> Placement:
    """Places one box per node, in order, and routes every edge; scopes do not show.

    Cards never overlap, a route never runs through a card that it does not end at nor against the flow, and
    every straight cut between two ranks has all predecessors of what is before it on the same side. Equal
    structure and boxes give the same (shared) placement.

    Raises CanvasError where the boxes do not fit the graph.
    """
    key = (direction, tuple(graph.inputs), tuple(boxes))
    return _cached(key, graph, boxes, lambda: _place(graph, [()] * len(graph), boxes, direction, CARDS, {}))


def arrange_nested(
    graph: Graph,
    boxes: Sequence[Box],
    title_width: Callable[[str], float],
    direction: Direction = "tb",
    room: Mapping[Direction, Spacing] = MODELS,
) -> Placement:
    """The same, with every scope of the graph as an open group; ``title_width`` is how long a scope's title is.

    A closed group is a node like others. Where a box has no ``ins``, the layout chooses where edges dock. What is
    promised of cards holds of the borders of groups too: none overlaps what it does not hold, and edges cross them
    at their ports only. Equal insides, like the blocks of a deep model, are laid out once, and again only when they
    change.
    """
    titles = {name: title_width(name) for name in dict.fromkeys(chain.from_iterable(graph.scopes))}
    key = (direction, room[direction], tuple(graph.inputs), tuple(boxes), tuple(graph.scopes), tuple(titles.items()))
    return _cached(key, graph, boxes, lambda: _place(graph, graph.scopes, boxes, direction, room, titles))


def _cached(key: tuple[object, ...], graph: Graph, boxes: Sequence[Box], place: Callable[[], Placement]) -> Placement:
    found = _PLACEMENTS.get(key)
    if found is None:
        _check(graph, boxes)
        found = place()
        _PLACEMENTS.put(key, found, weight=len(boxes) + len(found.points))
    return found


def _check(graph: Graph, boxes: Sequence[Box]) -> None:
    if len(boxes) != len(graph):
        raise CanvasError(f"There are {len(boxes)} boxes for {len(graph)} nodes: give one box per node.")
    for index, (box, ports) in enumerate(zip(boxes, graph.inputs, strict=True)):
        if box.ins and len(box.ins) != len(ports):
            raise CanvasError(
                f"The box of node {index} ({graph.ops[index]}) has {len(box.ins)} input offsets, "
                f"but the node has {len(ports)} inputs: give one offset per port, or none."
            )


def _place(
    graph: Graph,
    scopes: Sequence[tuple[str, ...]],
    boxes: Sequence[Box],
    direction: Direction,
    spacing: Mapping[Direction, Spacing],
    titles: Mapping[str, float],
) -> Placement:
    groups = grow(graph.inputs, scopes)
    ways = wire(graph.inputs, groups)
    known = {box: _item(box, direction) for box in dict.fromkeys(boxes)}
    items = [known[box] for box in boxes]
    sheets = lay_out_all(Levels(groups, items, spacing[direction], titles, direction == "tb"))
    placement = assemble(groups, sheets, ways, len(graph), direction)
    return replace(placement, labelled=any(spacing[direction].chip))


def _item(box: Box, direction: Direction) -> Item:
    """A card in the frame in which values flow down."""
    breadth, depth = (box.width, box.height) if direction == "tb" else (box.height, box.width)
    return Item(breadth, depth, box.ins, (box.out,))
