"""Counting crossings of wires, and taking the most of them away."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import TypeAlias

from explorer.layout.grid import Grid
from explorer.layout.level import PLACING
from explorer.progress import tell

SWEEPS, FEWEST_SWEEPS, SWEPT = 6, 2, 100_000
"""So many sweeps, fewer where they would visit more elements than ``SWEPT``."""
DISORDER = 0.1
"""How many crossings it is worth that a pair of neighbours stands in reading order."""

Rows: TypeAlias = list[list[int]]
Neighbour: TypeAlias = tuple[int, float]
"""An element of the next row and the place of the port there, from 0 to 1 across the element."""
Wire: TypeAlias = tuple[int, float, int, float, int]
"""The element above and the place of its port, the same below, and how many segments share the wire."""


class Tangle:
    """A grid's wires, and orders of its rows to be judged and improved."""

    def __init__(self, grid: Grid) -> None:
        """The order in which ``grid`` is now is its reading order."""
        self.rows = [list(row) for row in grid.rows]
        self.place = [0.0] * len(grid.x)
        self.reading = [0.0] * len(grid.x)
        self._place(self.reading)
        self.above: list[list[Neighbour]] = [[] for _ in grid.x]
        self.below: list[list[Neighbour]] = [[] for _ in grid.x]
        self.free = [True] * len(grid.rows)
        if grid.rows:
            self.free[0] = grid.level.entry_order is None
            self.free[-1] = self.free[-1] and grid.level.exit_order is None
        self.wires = _wires(grid)
        for wires in self.wires:
            for up, leaves, down, enters, _ in wires:
                self.below[up].append((down, enters))
                self.above[down].append((up, leaves))

    def improve(self, rows: Sequence[Sequence[int]]) -> tuple[float, Rows]:
        """The cost of the best order found from ``rows``, and that order."""
        self._take(rows)
        best = self._cost(), [list(row) for row in self.rows]
        size = sum(map(len, self.rows))
        sweeps = max(FEWEST_SWEEPS, min(SWEEPS, SWEPT // max(1, size)))
        for sweep in range(sweeps):
            if not best[0]:
                break
            tell(sweep / sweeps, PLACING)
            self._sweep(down=sweep % 2 == 1)
            best = min(best, (self._cost(), [list(row) for row in self.rows]))
        return best

    def _cost(self) -> float:
        """Crossings, and a little for every pair that does not stand in reading order."""
        disorder = sum(_inversions([self.reading[element] for element in row]) for row in self.rows)
        return self._crossings() + DISORDER * disorder

    def _take(self, rows: Sequence[Sequence[int]]) -> None:
        self.rows = [list(row) for row in rows]
        self._place(self.place)

    def _place(self, places: list[float]) -> None:
        for row in self.rows:
            for at, element in enumerate(row):
                places[element] = at

    def crossings(self, rows: Sequence[Sequence[int]]) -> int:
        """Pairs of wires that cross; shared stretches count once, wires that meet do not."""
        self._take(rows)
        return self._crossings()

    def _crossings(self) -> int:
        total, place = 0, self.place
        for wires in self.wires:
            pairs = sorted((place[up] + leaves, place[down] + enters) for up, leaves, down, enters, _ in wires)
            total += _inversions([down for _, down in pairs])
        return total

    def _sweep(self, down: bool) -> None:
        """Sorts every row by the mean place of what each element is wired to in the row before (or after)."""
        rows = list(zip(self.rows, self.free, strict=True))
        for row, free in rows if down else reversed(rows):
            if free:
                row.sort(key=self._mean_above if down else self._mean_below)
                for at, element in enumerate(row):
                    self.place[element] = at

    def _mean_above(self, element: int) -> float:
        return self._mean(self.above[element], self.place[element])

    def _mean_below(self, element: int) -> float:
        return self._mean(self.below[element], self.place[element])

    def _mean(self, neighbours: Sequence[Neighbour], default: float) -> float:
        if not neighbours:
            return default
        total, place = 0.0, self.place
        for other, port in neighbours:
            total += place[other] + port
        return total / len(neighbours)


def _wires(grid: Grid) -> list[list[Wire]]:
    """Per gap every wire once; those of lanes, which are beside all rows, are none."""
    lanes = set(chain.from_iterable(grid.lanes.values()))
    found: list[Counter[tuple[int, float, int, float]]] = [Counter() for _ in grid.rows]
    for segment, path in zip(grid.level.segments, grid.paths, strict=True):
        for up, down in pairwise(path):
            if up not in lanes and down not in lanes:
                leaves, enters = _port(grid, up, segment.tail_port, False), _port(grid, down, segment.head_port, True)
                found[grid.row[up]][up, leaves, down, enters] += 1
    return [[(*wire, edges) for wire, edges in sorted(wires.items())] for wires in found]


def _port(grid: Grid, element: int, port: int, enters: bool) -> float:
    if element >= grid.items:
        return 0.0
    item = grid.level.items[element]
    ports = item.ins if enters else item.outs
    return ports[port] / (item.breadth + 1) if ports else 0.5


def _inversions(values: Sequence[float]) -> int:
    """Pairs that stand in the wrong order; equal values do not."""
    total, seen = 0, list[float]()
    for value in values:
        total += len(seen) - bisect_right(seen, value)
        insort(seen, value)
    return total
