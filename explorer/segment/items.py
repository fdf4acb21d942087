"""What a hand can put on one side of a cut, and where it is drawn.

An item is what is drawn of a unit: an operation, several that must stay together, or a closed group with all of its
units. Items lie along the flow such that what reads a value lies further along than what made it: whatever is ahead
of a straight line across the flow is then a valid side of a cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

from explorer.segment.units import Units

_STEP = 0.01
"""Pixels that a reader is further along at least, where the picture puts it level with its source."""


@dataclass(frozen=True)
class Items:
    """``units[item]`` are its units, ``at[item]`` its place along the flow, ``of_drawn`` the item of every drawn node,
    or -1. Where the graph has a loss, that is the last item, without units, and lies behind everything.
    """

    taken: Units
    units: Sequence[tuple[int, ...]]
    at: Sequence[float]
    of_drawn: Sequence[int]

    def __len__(self) -> int:
        return len(self.units)

    @cached_property
    def of_unit(self) -> Sequence[int]:
        found = [-1] * len(self.taken)
        for item, units in enumerate(self.units):
            for unit in units:
                found[unit] = item
        return found

    @cached_property
    def of_node(self) -> Sequence[int]:
        """Per node of the graph its item; -1 where it can be had anywhere."""
        loss = len(self) - 1
        return [
            self.of_unit[unit] if unit >= 0 else loss if node in self.taken.loss else -1
            for node, unit in enumerate(self.taken.unit)
        ]

    def ahead(self, place: float) -> set[int]:
        """The units that a line at ``place`` leaves ahead of it."""
        return {unit for unit, item in enumerate(self.of_unit) if self.at[item] <= place}


def items(taken: Units, node_of: Sequence[int], places: Sequence[float]) -> Items:
    """``node_of`` says which drawn node shows a node, ``places`` where along the flow a drawn node's middle is."""
    together = _together(taken, node_of, len(places))
    heads = sorted({together[node_of[members[0]]] for members in taken.members})
    place = {head: item for item, head in enumerate(heads)}
    of_unit = [place[together[node_of[members[0]]]] for members in taken.members]
    units: list[list[int]] = [[] for _ in heads]
    for unit, item in enumerate(of_unit):
        units[item].append(unit)
    of_drawn = [place.get(head, -1) for head in together]
    at = _along(taken, of_unit, of_drawn, places)
    if taken.loss:
        for node in taken.loss:
            if of_drawn[node_of[node]] < 0:
                of_drawn[node_of[node]] = len(units)
        units.append([])
        at.append(inf)
    return Items(taken, [tuple(one) for one in units], at, of_drawn)


def _together(taken: Units, node_of: Sequence[int], count: int) -> list[int]:
    """Per drawn node the first of those that show parts of one unit."""
    head = list(range(count))

    def find(node: int) -> int:
        while head[node] != node:
            node = head[node]
        return node

    for members in taken.members:
        first, *others = sorted({find(node_of[member]) for member in members})
        for other in others:
            head[other] = first
    return [find(node) for node in range(count)]


def _along(taken: Units, of_unit: Sequence[int], of_drawn: Sequence[int], places: Sequence[float]) -> list[float]:
    at = [-inf] * (max(of_unit) + 1)
    for node, item in enumerate(of_drawn):
        if item >= 0:
            at[item] = max(at[item], places[node])
    sources: list[set[int]] = [set() for _ in at]
    for unit, item in enumerate(of_unit):
        sources[item].update(of_unit[source] for source in taken.inputs[unit])
    for item, before in enumerate(sources):
        at[item] = max([at[item], *(at[source] + _STEP for source in before if source < item)])
    return at
