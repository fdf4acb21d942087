"""Which groups of a graph are open at first, and where everything is drawn with some of them open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import replace
from types import MappingProxyType

from explorer.export.cards import box
from explorer.export.labels import advance
from explorer.graph import Graph
from explorer.layout import CARDS, MODELS, Box, Direction, Placement, arrange, arrange_nested
from explorer.passes.condense import Condensed
from explorer.passes.fold import picks
from explorer.passes.groups import Groups

READABLE = 60
"""So many nodes are read card by card: a graph of no more opens with all its groups open."""

TELLING = 5
"""With fewer operations and groups than this to be seen there is nothing to follow: the next level opens too."""


MOST_AT_FIRST = 200
"""But no level opens by itself at which so many more would be seen."""


def groups_of(graph: Graph) -> Groups | None:
    """The groups of a graph; None where it has none."""
    groups = Groups(graph)
    return groups if groups.by_key else None


def as_picked(groups: Groups, opened: Collection[str]) -> Groups:
    """The same groups where those of their folds are looked into that ``opened`` says."""
    wanted = picks(opened)
    return groups if wanted == groups.picks else Groups(groups.graph, wanted)


def first_opened(groups: Groups, ended: tuple[int, str] | None = None) -> frozenset[str]:
    """What is open before anybody opens or closes a group; ``ended`` is the node that failed, which must be seen."""
    if ended is not None:
        return first_opened(groups) | frozenset(groups.around(groups.of(ended[0])))
    if len(groups.graph) <= READABLE:
        return frozenset(groups.by_key.keys() - groups.of_leaves)
    opened = frozenset[str]()
    for depth in range(groups.depth):
        further = groups.down_to(depth)
        steps = groups.steps(further)
        opened = opened if depth and steps > MOST_AT_FIRST else further
        if steps >= TELLING:
            break
    return opened


def place(
    graph: Graph,
    seen: Condensed | None,
    direction: Direction,
    compact: bool,
    feet: Mapping[str, float] = MappingProxyType({}),
) -> tuple[list[Box], Placement]:
    """Cards and their places. ``compact`` leaves no room for labels on the edges between them. ``feet`` are pixels that
    cards of some nodes are higher, by id.
    """
    drawn = graph if seen is None else seen.run.graph
    bundles = _bundles(seen)
    boxes = [box(drawn, index, direction, bundles) for index in range(len(drawn))]
    if feet:
        heights = [feet.get(id_, 0.0) for id_ in drawn.ids]
        boxes = [replace(each, height=each.height + foot) for each, foot in zip(boxes, heights, strict=True)]
    if seen is None:
        return boxes, arrange(drawn, boxes, direction)
    return boxes, arrange_nested(drawn, boxes, _title_width(seen.groups), direction, MODELS if compact else CARDS)


def _bundles(seen: Condensed | None) -> Set[int]:
    """The closed groups of leaves: what they hand on goes to one node, as one wire."""
    if seen is None:
        return frozenset()
    return {place for place, key in seen.group_of.items() if key in seen.groups.of_leaves}


def _title_width(groups: Groups) -> Callable[[str], float]:
    """How long the title of a frame is: its triangle, name and class, and the parameters."""

    def width(key: str) -> float:
        group, counts = groups.by_key[key], groups.contents(key)
        words = f"  {group.kind}  {counts.parameters:,} params" if counts.parameters else f"  {group.kind}"
        return 34 + advance(group.name, 13, True) + advance(words, 12)

    return width
