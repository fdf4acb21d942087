"""From a first x to a good one: straight wires, centred joins, least distances kept. Rows keep their order.

Elements that must be in line form *chains*, which move as one and are walls to the rest. Between the walls the
others settle row by row at the weighted mean of what they are linked to; with the least distances that is
isotonic regression (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TypeAlias

from explorer.layout.chains import Chain, chains
from explorer.layout.grid import Grid
from explorer.layout.links import Link

ROUNDS, FEWEST_ROUNDS, MOVES, STILL = 16, 2, 150_000, 0.05
"""So many rounds, fewer where they would be too many moves, or once nothing moves by more than ``STILL`` pixels."""

Bound: TypeAlias = tuple[int, float]
"""A wall and how far a chain's element must stay from it, everything between included."""


def straighten(grid: Grid, links: Sequence[Link]) -> None:
    """Moves the elements of ``grid``; afterwards all neighbours keep their least distance."""
    found = chains(grid, links)
    table = _Table(grid, links, found)
    table.spread()
    for _ in range(max(FEWEST_ROUNDS, min(ROUNDS, MOVES // max(1, len(grid.x))))):
        before = list(grid.x)
        for chain in found:
            table.align(chain)
        for row in range(len(grid.rows)):
            table.settle(row)
        for row in reversed(range(len(grid.rows))):
            table.settle(row)
        if max((abs(x - old) for x, old in zip(grid.x, before, strict=True)), default=0.0) < STILL:
            return


@dataclass(slots=True)
class _Stretch:
    """The elements between two walls. ``near`` is how far each must be from the first."""

    elements: Sequence[int]
    near: list[float]
    left: Bound | None
    right: Bound | None


class _Table:
    """The grid with what is needed to move it: pulls per element, stretches per row, bounds per wall."""

    def __init__(self, grid: Grid, links: Sequence[Link], found: Sequence[Chain]) -> None:
        self.grid = grid
        self.pulls: list[list[tuple[int, float, float]]] = [[] for _ in grid.x]
        for link in links:
            shift = link.down_dx - link.up_dx
            self.pulls[link.up].append((link.down, shift, link.weight))
            self.pulls[link.down].append((link.up, -shift, link.weight))
        walls = {element for chain in found for element, _ in chain}
        self.left: dict[int, Bound] = {}
        self.right: dict[int, Bound] = {}
        self.stretches = [list(self._stretches(row, walls)) for row in grid.rows]

    def _stretches(self, row: Sequence[int], walls: set[int]) -> Iterator[_Stretch]:
        places = [-1, *(at for at, element in enumerate(row) if element in walls), len(row)]
        for start, end in pairwise(places):
            reach = self._near(row[max(start, 0) : end + 1])
            if start >= 0 and end < len(row):
                self.right[row[start]], self.left[row[end]] = (row[end], reach[-1]), (row[start], reach[-1])
            if end > start + 1:
                yield self._stretch(row, start, end)

    def _stretch(self, row: Sequence[int], start: int, end: int) -> _Stretch:
        elements = row[start + 1 : end]
        left = (row[start], self._distance(row[start], elements[0])) if start >= 0 else None
        right = (row[end], self._distance(elements[-1], row[end])) if end < len(row) else None
        return _Stretch(elements, self._near(elements), left, right)

    def _near(self, elements: Sequence[int]) -> list[float]:
        near = [0.0]
        for one, other in pairwise(elements):
            near.append(near[-1] + self._distance(one, other))
        return near

    def _distance(self, left: int, right: int) -> float:
        return self.grid.distance(left, right)

    def spread(self) -> None:
        """Brings all neighbours to their least distance at least."""
        x = self.grid.x
        for row in self.grid.rows:
            near = self._near(row)
            targets = [x[element] - dx for element, dx in zip(row, near, strict=False)]
            for element, mean, dx in zip(row, isotonic(targets, [1.0] * len(row)), near, strict=False):
                x[element] = mean + dx

    def settle(self, row: int) -> None:
        """The elements between walls as near to their wishes as the distances allow."""
        x = self.grid.x
        for stretch in self.stretches[row]:
            low = x[stretch.left[0]] + stretch.left[1] if stretch.left else -inf
            high = x[stretch.right[0]] - stretch.right[1] - stretch.near[-1] if stretch.right else inf
            wishes = [self._wish(element) for element in stretch.elements]
            targets = [wish - dx for (wish, _), dx in zip(wishes, stretch.near, strict=True)]
            means = isotonic(targets, [weight for _, weight in wishes])
            for element, mean, dx in zip(stretch.elements, means, stretch.near, strict=True):
                x[element] = min(max(mean, low), high) + dx

    def _wish(self, element: int) -> tuple[float, float]:
        """The weighted mean of where its links would have it, and their weight."""
        pull = total = 0.0
        for other, dx, weight in self.pulls[element]:
            pull, total = pull + weight * (self.grid.x[other] + dx), total + weight
        return (pull / total, total) if total else (self.grid.x[element], 1.0)

    def align(self, chain: Chain) -> None:
        """Moves the chain into one line, in as few pieces as the walls beside it allow."""
        start = 0
        while start < len(chain):
            end, low, high = self._room(chain, start)
            wish = self._chain_wish(chain[start:end])
            for element, dx in chain[start:end]:
                self.grid.x[element] = min(max(wish, low), high) + dx
            start = end

    def _room(self, chain: Chain, start: int) -> tuple[int, float, float]:
        """How far from ``start`` one line can reach, and the interval in which that line may be."""
        low, high = -inf, inf
        for end in range(start, len(chain)):
            element, dx = chain[end]
            left, right = self._free(element)
            if max(low, left - dx) > min(high, right - dx):
                return end, low, high
            low, high = max(low, left - dx), min(high, right - dx)
        return len(chain), low, high

    def _free(self, element: int) -> tuple[float, float]:
        """Between the walls beside it. Where they touch, rounding must not turn the interval around."""
        x, low, high = self.grid.x, -inf, inf
        if element in self.left:
            wall, distance = self.left[element]
            low = min(x[wall] + distance, x[element])
        if element in self.right:
            wall, distance = self.right[element]
            high = max(x[wall] - distance, x[element])
        return low, high

    def _chain_wish(self, chain: Chain) -> float:
        """The mean of what its outer links ask for; without any, the middle of where it is."""
        x, members, pull, total = self.grid.x, {element for element, _ in chain}, 0.0, 0.0
        for element, dx in chain:
            for other, shift, weight in self.pulls[element]:
                if other not in members:
                    pull, total = pull + weight * (x[other] + shift - dx), total + weight
        return pull / total if total else sorted(x[element] - dx for element, dx in chain)[len(chain) // 2]


@dataclass(slots=True)
class _Block:
    """Neighbours that touch: ``mean`` is where they want to be together, with ``weight``."""

    mean: float
    weight: float
    size: int


def isotonic(targets: Sequence[float], weights: Sequence[float]) -> Iterator[float]:
    """The non-decreasing sequence nearest to ``targets`` in weighted least squares."""
    blocks: list[_Block] = []
    for target, weight in zip(targets, weights, strict=True):
        block = _Block(target, weight, 1)
        while blocks and blocks[-1].mean > block.mean:
            last = blocks.pop()
            total = last.weight + block.weight
            mean = (last.mean * last.weight + block.mean * block.weight) / total
            block = _Block(mean, total, last.size + block.size)
        blocks.append(block)
    for block in blocks:
        yield from [block.mean] * block.size
