"""Letting deep items reach over several rows, where those leave room: else one deep item makes a whole row deep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from explorer.layout.grid import Grid

DEEP, DEEPER, MOST_ELEMENTS = 80.0, 1.5, 2000
"""An item reaches over rows if it is this many pixels deep, and so many times as deep as the shallowest row; and only
in grids of at most so many elements."""

LABEL = 25.0
"""How far aside of its wire a label can be at most, in pixels."""

Column: TypeAlias = tuple[float, float]
"""From which x to which something reaches."""


def span(grid: Grid) -> None:
    """Moves ``row`` and ``last`` of deep items apart, and takes the passes that they cover out of their wires' paths.

    A row is covered only if in it, and in the gap before it, nothing but the item's own wires is in its column.
    """
    if len(grid.x) > MOST_ELEMENTS:
        return
    shallowest = min((_depth(grid, row) for row in grid.rows if any(e < grid.items for e in row)), default=0.0)
    deep = [item for item in range(grid.items) if grid.level.items[item].depth >= max(DEEP, DEEPER * shallowest)]
    room = _Room(grid)
    for item in sorted(deep, key=lambda item: (-grid.level.items[item].depth, item)):
        room.stretch(item, down=True)
        room.stretch(item, down=False)


def _depth(grid: Grid, row: Sequence[int]) -> float:
    return max(grid.level.items[e].depth for e in row if e < grid.items)


class _Room:
    """What is where in rows and in the gaps after them."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.rows = [set(row) for row in grid.rows]
        self.gaps: dict[int, dict[tuple[int, int], Column]] = defaultdict(dict)
        for number in range(len(grid.paths)):
            self._wire(number)

    def _column(self, element: int) -> Column:
        return self.grid.x[element] - self.grid.half[element], self.grid.x[element] + self.grid.half[element]

    def _wire(self, number: int) -> None:
        """Where a segment can be in each gap."""
        grid, segment = self.grid, self.grid.level.segments[number]
        for place, (up, down) in enumerate(pairwise(grid.paths[number])):
            outs = grid.level.items[up].outs if up < grid.items else ()
            ins = grid.level.items[down].ins if down < grid.items else ()
            left, right = self._dock(up, outs, segment.tail_port)
            other_left, other_right = self._dock(down, ins, segment.head_port)
            self.gaps[grid.last[up]][number, place] = min(left, other_left), max(right, other_right)

    def _dock(self, element: int, ports: Sequence[float], port: int) -> Column:
        """Where a wire meets an element: anywhere, as long as that is not decided."""
        left, right = self._column(element)
        return (left + ports[port], left + ports[port]) if ports else (left, right)

    def stretch(self, item: int, down: bool) -> None:
        """Lets one item cover rows after it (or before it), one by one."""
        grid = self.grid
        own = grid.level.outgoing[item] if down else grid.level.incoming[item]
        for row in self._reach(item, own, down):
            gap = row - 1 if down else row
            if not (self._row_is_free(item, row, own) and self._gap_is_free(item, gap, own)):
                return
            self._cover(item, row, own)

    def _reach(self, item: int, own: Sequence[int], down: bool) -> Iterator[int]:
        """The rows that it could cover, as far as what it feeds (or is fed by) begins (or ends), and the border."""
        grid = self.grid
        first = 1 if grid.level.entries else 0
        end = len(grid.rows) - (1 if grid.level.exits else 0)
        if down:
            yield from range(grid.last[item] + 1, min([end, *(grid.row[grid.paths[n][-1]] for n in own)]))
        else:
            yield from range(grid.row[item] - 1, max([first - 1, *(grid.last[grid.paths[n][0]] for n in own)]), -1)

    def _row_is_free(self, item: int, row: int, own: Sequence[int]) -> bool:
        passes = {element for number in own for element in self.grid.paths[number][1:-1]}
        x = self.grid.x
        return all(
            abs(x[other] - x[item]) >= self.grid.distance(item, other)
            for other in self.rows[row]
            if other not in passes and other != item
        )

    def _gap_is_free(self, item: int, gap: int, own: Sequence[int]) -> bool:
        left, right = self._column(item)
        spacing = self.grid.level.spacing
        clear = max(spacing.wire_to_item, spacing.chip[0] / 2 + LABEL if spacing.chip[0] else 0.0)
        return all(
            number in own or end <= left - clear or start >= right + clear
            for (number, _), (start, end) in self.gaps[gap].items()
        )

    def _cover(self, item: int, row: int, own: Sequence[int]) -> None:
        grid = self.grid
        for number in own:
            for place, up in enumerate(grid.paths[number][:-1]):
                del self.gaps[grid.last[up]][number, place]
            for element in grid.paths[number][1:-1]:
                if grid.row[element] == row:
                    self.rows[row].discard(element)
        grid.row[item], grid.last[item] = min(grid.row[item], row), max(grid.last[item], row)
        self.rows[row].add(item)
        for number in own:
            tail, *passes, head = grid.paths[number]
            grid.paths[number] = [tail, *(element for element in passes if grid.row[element] != row), head]
            self._wire(number)
