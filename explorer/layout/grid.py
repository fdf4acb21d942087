"""Rows of elements: what is beside what, before anything has a height.

An element is an item, or a *pass*: the place where wires of one value go through a row between its items.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from explorer.layout.level import Level, Spacing


@dataclass(slots=True)
class Grid:
    """Elements on rows; the first ones are the level's items, all others are passes.

    ``x`` is an element's centre, ``half`` half its breadth. ``rows`` lists each row from left to right, and
    that order never changes. ``paths`` gives per segment its elements from tail to head, row by row.
    """

    items: int
    x: list[float]
    row: list[int]
    half: list[float]
    rows: list[list[int]]
    paths: list[list[int]]

    def is_item(self, element: int) -> bool:
        """Whether it is an item, not a pass."""
        return element < self.items

    def distance(self, left: int, right: int, spacing: Spacing) -> float:
        """The least distance between the centres of two neighbours in a row."""
        wires = (left >= self.items) + (right >= self.items)
        gap = (spacing.item, spacing.wire_to_item, spacing.wire)[wires]
        return self.half[left] + self.half[right] + gap


@dataclass(frozen=True, slots=True)
class Link:
    """Two elements of neighbouring rows that want to be in line: ``x[up] + up_dx == x[down] + down_dx``."""

    up: int
    up_dx: float
    down: int
    down_dx: float
    weight: float


PASS_WEIGHT, DOCK_WEIGHT, MAIN_WEIGHT, JOIN_WEIGHT, SIDE_WEIGHT = 8.0, 2.0, 4.0, 1.0, 0.05


def links(grid: Grid, level: Level) -> list[Link]:
    """The wishes of all wires, each stretch of a shared wire once."""
    found: dict[tuple[int, float, int, float], Link] = {}
    for number, path in enumerate(grid.paths):
        for up, down in pairwise(path):
            link = _link(grid, level, number, up, down)
            found.setdefault((up, link.up_dx, down, link.down_dx), link)
    return list(found.values())


def _link(grid: Grid, level: Level, number: int, up: int, down: int) -> Link:
    segment = level.segments[number]
    tail, head = grid.is_item(up), grid.is_item(down)
    up_dx = level.items[up].outs[segment.tail_port] - grid.half[up] if tail else 0.0
    if tail and head:
        ins = level.items[down].ins
        return Link(up, up_dx, down, sum(ins) / len(ins) - grid.half[down], _item_weight(level, number))
    down_dx = level.items[down].ins[segment.head_port] - grid.half[down] if head else 0.0
    return Link(up, up_dx, down, down_dx, DOCK_WEIGHT if tail or head else PASS_WEIGHT)


def _item_weight(level: Level, number: int) -> float:
    """Side inputs follow their consumer; an only main line, if its source has no other, is straight."""
    segment = level.segments[number]
    main = [s for s in level.incoming[segment.head] if not _is_side(level, s)]
    if main and number not in main:
        return SIDE_WEIGHT
    alone = len(main) == 1 or len(level.incoming[segment.head]) == 1
    return MAIN_WEIGHT if alone and len(level.outgoing[segment.tail]) == 1 else JOIN_WEIGHT


def _is_side(level: Level, number: int) -> bool:
    return not level.incoming[level.segments[number].tail]
