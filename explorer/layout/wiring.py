"""How edges are led through the borders of groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from explorer.layout.level import BORDER, Segment
from explorer.layout.tree import Group

End: TypeAlias = tuple[int, int]
"""An item of a group and one of its ports."""
Way: TypeAlias = Sequence[tuple[Group, int]]
"""An edge as the segments that it is drawn by, from its source to its target."""


def wire(inputs: Sequence[Sequence[int]], groups: Sequence[Group]) -> list[Way]:
    """Adds entries, exits and segments to the groups; the way of every edge, ordered by target and port."""
    homes = {
        child: (group, place)
        for group in groups
        for place, child in enumerate(group.children)
        if not isinstance(child, Group)
    }
    return [
        _lead(source, port, homes[source], homes[target])
        for target, ports in enumerate(inputs)
        for port, source in enumerate(ports)
    ]


def _lead(value: int, port: int, source: tuple[Group, int], target: tuple[Group, int]) -> Way:
    """Out of the groups around the source only, through the innermost group around both, to the target."""
    (above, tail_item), (below, head_item) = source, target
    tail, head = (tail_item, 0), (head_item, port)
    leaving: list[tuple[Group, int]] = []
    entering: list[tuple[Group, int]] = []
    while above is not below:
        if above.depth >= below.depth:
            leave = above.exits.setdefault(value, len(above.exits))
            leaving.append((above, _add(above, value, tail, (BORDER, leave))))
            above, tail = _outside(above, leave)
        else:
            enter = below.entries.setdefault(value, len(below.entries))
            entering.append((below, _add(below, value, (BORDER, enter), head)))
            below, head = _outside(below, enter)
    return (*leaving, (above, _add(above, value, tail, head)), *reversed(entering))


def _outside(group: Group, port: int) -> tuple[Group, End]:
    assert group.around is not None
    return group.around, (group.place, port)


def _add(group: Group, value: int, tail: End, head: End) -> int:
    """The number of the segment between two ends; equal ones are one."""
    number = group.segments.setdefault(Segment(*tail, *head), len(group.segments))
    if number == len(group.values):
        group.values.append(value)
    return number
