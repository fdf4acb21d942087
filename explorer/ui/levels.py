"""Which groups of a graph are open, and where everything is drawn with them open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from explorer.errors import CanvasError
from explorer.export.cards import box
from explorer.export.labels import advance
from explorer.graph import Graph
from explorer.layout import CARDS, MODELS, Box, Direction, Placement, arrange, arrange_nested
from explorer.passes.condense import Condensed
from explorer.passes.groups import Groups

READABLE = 60
"""So many nodes are read card by card: a graph of no more opens with all its groups open."""

TELLING = 5
"""With fewer operations and groups than this to be seen there is nothing to follow: the next level opens too."""


MOST_SEEN = 30_000
"""More cards than this at once take many seconds to place and to send, and nobody reads them."""


def within_reach(count: int) -> None:
    """Raises CanvasError where so many cards would be more than can be shown at once."""
    if count > MOST_SEEN:
        raise CanvasError(
            f"That would be {count:,} cards at once, and the canvas shows {MOST_SEEN:,}. "
            "Open single groups, or fewer levels; a program shows its loops as groups that can be closed."
        )


def groups_of(graph: Graph) -> Groups | None:
    """The groups of a graph; None where it has none."""
    return Groups(graph) if any(graph.scopes) else None


def first_opened(groups: Groups) -> frozenset[str]:
    """What is open before anybody opens or closes a group."""
    if len(groups.graph) <= READABLE:
        return frozenset(groups.by_key)
    depths = range(groups.depth)
    return next((groups.down_to(d) for d in depths if groups.steps(groups.down_to(d)) >= TELLING), frozenset())


def toggled(groups: Groups, opened: frozenset[str], key: str) -> frozenset[str]:
    """The same with one group the other way. What was open inside a group is open again when it is opened."""
    return opened ^ {key} if key in groups.by_key else opened


def answered(groups: Groups, opened: frozenset[str], event: Mapping[str, Any]) -> frozenset[str]:
    """What is open after an event of the canvas: a group the other way (``key``), all down to a depth (``n``), or
    besides all that are around a node or a group (``id``).
    """
    if event["name"] == "depth":
        return groups.down_to(int(event["n"]))
    if event["name"] == "toggle":
        return toggled(groups, opened, str(event["key"]))
    return opened.union(around(groups, str(event["id"])))


def around(groups: Groups, id_: str) -> Sequence[str]:
    """The groups around a node or a group, from the outermost in; none where there is nothing of that name."""
    if id_ in groups.by_key:
        return groups.around(groups.by_key[id_].parent)
    index = groups.graph.index.get(id_)
    return () if index is None else groups.around(groups.of(index))


def place(
    graph: Graph, seen: Condensed | None, direction: Direction, compact: bool, feet: Mapping[str, float]
) -> tuple[list[Box], Placement]:
    """Cards and their places. ``compact`` leaves no room for labels on the edges between them. ``feet`` are pixels that
    cards of some nodes are higher, by id.
    """
    drawn = graph if seen is None else seen.run.graph
    boxes = [box(drawn, index, direction) for index in range(len(drawn))]
    if feet:
        heights = [feet.get(id_, 0.0) for id_ in drawn.ids]
        boxes = [replace(each, height=each.height + foot) for each, foot in zip(boxes, heights, strict=True)]
    if seen is None:
        return boxes, arrange(drawn, boxes, direction)
    return boxes, arrange_nested(drawn, boxes, _title_width(seen.groups), direction, MODELS if compact else CARDS)


def _title_width(groups: Groups) -> Callable[[str], float]:
    """How long the title of a frame is: its triangle, name and class, and the parameters."""

    def width(key: str) -> float:
        group, counts = groups.by_key[key], groups.contents(key)
        words = f"  {group.kind}  {counts.parameters:,} params" if counts.parameters else f"  {group.kind}"
        return 34 + advance(group.name, 13, True) + advance(words, 12)

    return width
