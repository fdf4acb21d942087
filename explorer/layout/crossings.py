"""Counting crossings of wires, and taking some away."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from explorer.layout.grid import Grid

SWEEPS, FEWEST_SWEEPS, SWEPT = 6, 2, 100_000
"""So many sweeps, fewer where they would visit more elements than ``SWEPT``."""
SWITCHES, MOST_SWITCHED = 12, 400
"""So many rounds of exchanging neighbours, in grids of at most so many elements."""
DISORDER = 0.1
"""How many crossings it is worth that a pair of neighbours stands in reading order."""

Rows: TypeAlias = list[list[int]]
Neighbour: TypeAlias = tuple[int, float]
"""An element of the next row and the place of the port there, from 0 to 1 across the element."""


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
            for up, leaves, down, enters in wires:
                self.below[up].append((down, enters))
                self.above[down].append((up, leaves))

    def improve(self, rows: Sequence[Sequence[int]]) -> tuple[float, Rows]:
        """The cost of the best order found from ``rows``, and that order."""
        self._take(rows)
        best = self._cost(), [list(row) for row in self.rows]
        size = sum(map(len, self.rows))
        for sweep in range(max(FEWEST_SWEEPS, min(SWEEPS, SWEPT // max(1, size)))):
            if not best[0]:
                break
            self._sweep(down=sweep % 2 == 1)
            if size <= MOST_SWITCHED:
                self._switch()
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
            pairs = sorted((place[up] + leaves, place[down] + enters) for up, leaves, down, enters in wires)
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
        return sum(self.place[other] + port for other, port in neighbours) / len(neighbours)

    def _switch(self) -> None:
        """Exchanges neighbours as long as that saves crossings."""
        for _ in range(SWITCHES):
            saved = [self._switch_row(row) for row, free in zip(self.rows, self.free, strict=True) if free]
            if not any(saved):
                return

    def _switch_row(self, row: list[int]) -> bool:
        saved = False
        for at in range(len(row) - 1):
            left, right = row[at], row[at + 1]
            if self._between(left, right) > self._between(right, left):
                row[at], row[at + 1] = right, left
                self.place[left], self.place[right] = at + 1, at
                saved = True
        return saved

    def _between(self, left: int, right: int) -> int:
        """Crossings of the wires of two neighbours, if ``left`` is left of ``right``."""
        return self._pairs(self.above[left], self.above[right]) + self._pairs(self.below[left], self.below[right])

    def _pairs(self, left: Sequence[Neighbour], right: Sequence[Neighbour]) -> int:
        place = self.place
        return sum(place[a] + p > place[b] + q for a, p in left for b, q in right)


def _wires(grid: Grid) -> list[list[tuple[int, float, int, float]]]:
    """Per gap every wire once: the element above, the place of its port, and the same below."""
    found: list[set[tuple[int, float, int, float]]] = [set() for _ in grid.rows]
    for segment, path in zip(grid.level.segments, grid.paths, strict=True):
        for up, down in pairwise(path):
            if grid.row[down] == grid.row[up] + 1:
                leaves, enters = _port(grid, up, segment.tail_port, False), _port(grid, down, segment.head_port, True)
                found[grid.row[up]].add((up, leaves, down, enters))
    return [sorted(wires) for wires in found]


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
