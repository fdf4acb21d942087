"""Rows of elements: what stands beside what, before anything has a height.

An element is an item, a port of the border, or a *pass*: the place where the wire of one value goes through a
row between its neighbours. Long wires of one value share their passes and branch where they must.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from math import isqrt
from typing import TypeAlias

from explorer.layout.level import BORDER, Level, Segment

PORT_RADIUS = 4.0
PATHS = 5
"""So many times as many passes may be on all paths together as there may be passes."""

Value: TypeAlias = tuple[int, int]
"""An element and which of its outputs: the wires of one value may share their way."""


@dataclass(slots=True)
class Grid:
    """Elements on rows: first the level's items, then its entries, its exits, and all passes.

    ``x`` is an element's centre and ``half`` half its breadth. It stands in the rows from ``row`` to ``last``, which
    are one, but for deep items. ``rows`` lists each row from left to right. ``paths`` gives per segment its elements
    from tail to head, row by row. In no row are, for the time being, ``shelves``: items without a wire; and for good
    ``lanes``: the passes of values whose wires run so far that they are led beside everything else.
    """

    level: Level
    x: list[float]
    row: list[int]
    last: list[int]
    half: list[float]
    rows: list[list[int]]
    shelves: list[list[int]]
    paths: list[list[int]] = field(default_factory=list)
    lanes: dict[Value, list[int]] = field(default_factory=dict)

    items: int = field(init=False)
    """How many elements are items; they come first."""
    fixed: int = field(init=False)
    """How many elements are items or ports; all others are passes."""

    def __post_init__(self) -> None:
        self.items = len(self.level.items)
        self.fixed = self.items + self.level.entries + self.level.exits

    def distance(self, left: int, right: int) -> float:
        """The least distance between the centres of two neighbours in a row."""
        spacing = self.level.spacing
        wires = (left >= self.items) + (right >= self.items)
        return self.half[left] + self.half[right] + (spacing.item, spacing.wire_to_item, spacing.wire)[wires]

    def distances(self, elements: Sequence[int]) -> list[float]:
        """How far each of several neighbours must at least be from the first."""
        near = [0.0]
        for left, right in pairwise(elements):
            near.append(near[-1] + self.distance(left, right))
        return near

    def extent(self) -> tuple[float, float]:
        """The least and the greatest x that anything covers; both 0 where there is nothing."""
        elements = [*chain.from_iterable(self.rows), *chain.from_iterable(self.lanes.values())]
        left = min((self.x[e] - self.half[e] for e in elements), default=0.0)
        return left, max((self.x[e] + self.half[e] for e in elements), default=0.0)


def ends(level: Level, segment: Segment) -> tuple[int, int]:
    """The elements at which a segment begins and ends."""
    items = len(level.items)
    tail = items + segment.tail_port if segment.tail == BORDER else segment.tail
    return tail, items + level.entries + segment.head_port if segment.head == BORDER else segment.head


def lay_rows(level: Level, ranks: Sequence[int], most_passes: int) -> Grid:
    """The grid of items on their ranks, with all passes, at most about so many of them.

    ``ranks`` has -1 for items without a wire. Rows are filled depth first from the results, ports in order, which
    is a good order to begin with. Entries are alone in the first row and exits in the last.
    """
    loose = [item for item, rank in enumerate(ranks) if rank < 0]
    count = max(ranks, default=-1) + 1 or isqrt(max(0, len(loose) - 1)) + (1 if loose else 0)
    shelves = [loose[start : start + count] for start in range(0, len(loose), max(1, count))]
    first = 1 if level.entries else 0
    row = [first + rank for rank in ranks]
    for shelf in shelves:
        for place, item in enumerate(shelf):
            row[item] = first + place
    last = first + count
    row += [0] * level.entries + [last] * level.exits
    half = [item.breadth / 2 for item in level.items] + [PORT_RADIUS] * (level.entries + level.exits)
    rows: list[list[int]] = [[] for _ in range(last + (1 if level.exits else 0))]
    grid = Grid(level, [0.0] * len(row), row, list(row), half, rows, shelves)
    _add_passes(grid, _longest(grid, most_passes))
    lanes = set(chain.from_iterable(grid.lanes.values()))
    for element in _depth_first(grid):
        if element not in lanes:
            grid.rows[grid.row[element]].append(element)
    return grid


def _longest(grid: Grid, most_passes: int) -> int:
    """How many rows a wire may pass before it gets a lane, so that all wires together do not pass too many.

    Wires of one value share their passes, but each is a path of its own through them: where hundreds of consumers
    read one value it is the paths that grow without bound.
    """
    spans: dict[Value, int] = {}
    lengths: list[int] = []
    for segment in grid.level.segments:
        tail, head = ends(grid.level, segment)
        value, span = (tail, segment.tail_port), grid.row[head] - grid.row[tail] - 1
        spans[value] = max(spans.get(value, 0), span)
        lengths.append(span)
    return min(_within(most_passes, sorted(spans.values())), _within(PATHS * most_passes, sorted(lengths)))


def _within(most: int, lengths: Sequence[int]) -> int:
    """The greatest length of which all up to it are together within ``most``."""
    total = 0
    for length in lengths:
        total += length
        if total > most:
            return length - 1
    return max(lengths, default=0)


def _add_passes(grid: Grid, longest: int) -> None:
    trunks: dict[tuple[int, int, int], int] = {}
    for segment in grid.level.segments:
        tail, head = ends(grid.level, segment)
        between = range(grid.row[tail] + 1, grid.row[head])
        lane = len(between) > longest
        path = [tail]
        for row in dict.fromkeys((between[0], between[-1])) if lane else between:
            value = tail, segment.tail_port if not lane else -1 - segment.tail_port
            if (*value, row) not in trunks:
                trunks[*value, row] = _add_pass(grid, row)
                if lane:
                    grid.lanes.setdefault(value, []).append(trunks[*value, row])
            path.append(trunks[*value, row])
        grid.paths.append([*path, head])


def _add_pass(grid: Grid, row: int) -> int:
    grid.x.append(0.0)
    grid.row.append(row)
    grid.last.append(row)
    grid.half.append(0.0)
    return len(grid.x) - 1


def _depth_first(grid: Grid) -> Iterator[int]:
    """Every element in some row or lane: each before its sources, which follow in the order of its ports."""
    sources: list[list[int]] = [[] for _ in grid.x]
    for path in grid.paths:
        for up, down in pairwise(path):
            sources[down].append(up)
    exits = range(grid.items + grid.level.entries, grid.fixed)
    incoming, outgoing = grid.level.incoming, grid.level.outgoing
    sinks = [item for item in range(grid.items) if incoming[item] and not outgoing[item]]
    stack, seen = [*reversed(sinks), *reversed(exits)], set[int]()
    while stack:
        element = stack.pop()
        if element not in seen:
            seen.add(element)
            yield element
            stack.extend(reversed(sources[element]))
