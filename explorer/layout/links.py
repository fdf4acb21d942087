"""Which elements want to be in line with which, and how much."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from explorer.layout.grid import Grid
from explorer.layout.level import BORDER, Segment

PASS, MAIN, JOIN, SIDE = 8.0, 4.0, 1.0, 0.05
"""Weights: between two passes; of a line that shall be straight; of one among several; of a side input."""


@dataclass(frozen=True, slots=True)
class Link:
    """A wish of two elements of neighbouring rows: ``x[up] + up_dx == x[down] + down_dx``."""

    up: int
    up_dx: float
    down: int
    down_dx: float
    weight: float


def links(grid: Grid) -> list[Link]:
    """The wishes of all wires in rows, each stretch of a shared wire once."""
    lanes = {element for passes in grid.lanes.values() for element in passes}
    wishes = _Wishes(grid)
    found: dict[tuple[int, float, int, float], Link] = {}
    for segment, path in zip(grid.level.segments, grid.paths, strict=True):
        for up, down in pairwise(path):
            if up not in lanes and down not in lanes:
                link = wishes.link(segment, up, down)
                found.setdefault((up, link.up_dx, down, link.down_dx), link)
    return list(found.values())


class _Wishes:
    """What the items' ports and numbers of wires say about each wire."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.level, self.items = grid, grid.level, grid.level.items
        self.middles = [sum(item.ins) / len(item.ins) if item.ins else item.breadth / 2 for item in self.items]
        self.branches = [
            sum(not self._is_leaf(self.level.segments[number].tail) for number in entering)
            for entering in self.level.incoming
        ]

    def link(self, segment: Segment, up: int, down: int) -> Link:
        """The wish of one stretch of a segment."""
        half = self.grid.half
        up_dx = self._leaves(up, segment.tail_port) - half[up] if up < len(self.items) else 0.0
        down_dx = self._enters(up, down, segment.head_port) - half[down] if down < len(self.items) else 0.0
        return Link(up, up_dx, down, down_dx, self._weight(segment, up, down))

    def _weight(self, segment: Segment, up: int, down: int) -> float:
        """A side input follows its consumer; an only line out of its tail and into its head is straight."""
        if up >= self.grid.fixed and down >= self.grid.fixed:
            return PASS
        lines = 1
        if down < len(self.items):
            if self.branches[down] and self._is_leaf(segment.tail):
                return SIDE
            lines = self.branches[down] or len(self.level.incoming[down])
        alone = up >= len(self.items) or len(self.level.outgoing[up]) == 1
        return MAIN if alone and lines == 1 else JOIN

    def _is_leaf(self, tail: int) -> bool:
        return tail != BORDER and not self.level.incoming[tail]

    def _leaves(self, up: int, port: int) -> float:
        """What follows an open group with one output stands in line with its first input: else lines would drift."""
        item = self.items[up]
        if item.is_open and item.ins and len(item.outs) == 1:
            return item.ins[0]
        return item.outs[port] if item.outs else item.breadth / 2

    def _enters(self, up: int, down: int, port: int) -> float:
        """Side by side, cards look better in line than their ports do."""
        item = self.items[down]
        exact = item.ins and (item.is_open or up >= len(self.items))
        return item.ins[port] if exact else self.middles[down]
