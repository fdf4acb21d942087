"""From a first x to a good one: straight wires, centred joins, least distances kept. Rows keep their order.

Elements that must be in line form *chains* and move as one; all others settle row by row at the weighted mean
of what they are linked to, which, with the least distances, is isotonic regression (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from explorer.layout.grid import DOCK_WEIGHT, MAIN_WEIGHT, PASS_WEIGHT, Grid, Link
from explorer.layout.level import Spacing

ROUNDS = 12
CHAINING = (PASS_WEIGHT, MAIN_WEIGHT, DOCK_WEIGHT)
"""Links of these weights join elements into chains, the first ones first."""


def straighten(grid: Grid, links: Sequence[Link], spacing: Spacing) -> None:
    """Moves the elements of ``grid``; afterwards all neighbours keep their least distance."""
    table = _Table(grid, links, spacing)
    settled = set[int]()
    for row in grid.rows:
        table.settle(row, settled, [grid.x[element] for element in row])
    chains = table.chains()
    chained = {element for chain in chains for element, _ in chain}
    for _ in range(ROUNDS):
        for chain in chains:
            table.align(chain)
        for row in [*grid.rows, *reversed(grid.rows)]:
            table.settle(row, chained, [table.wish(element) for element in row])


@dataclass(slots=True)
class _Block:
    """Neighbours that touch: ``mean`` is where the block wants to be, of total ``weight``."""

    mean: float
    weight: float
    size: int


class _Table:
    def __init__(self, grid: Grid, links: Sequence[Link], spacing: Spacing) -> None:
        self.grid, self.links, self.spacing = grid, links, spacing
        self.pulls: list[list[tuple[int, float, float]]] = [[] for _ in grid.x]
        for link in links:
            shift = link.down_dx - link.up_dx
            self.pulls[link.up].append((link.down, shift, link.weight))
            self.pulls[link.down].append((link.up, -shift, link.weight))
        self.left, self.right = [-1] * len(grid.x), [-1] * len(grid.x)
        for row in grid.rows:
            for one, other in pairwise(row):
                self.right[one], self.left[other] = other, one

    def wish(self, element: int) -> float:
        """The weighted mean of where its links would have it."""
        pulls, x = self.pulls[element], self.grid.x
        if not pulls:
            return x[element]
        return sum(w * (x[other] + dx) for other, dx, w in pulls) / sum(w for _, _, w in pulls)

    def weight(self, element: int) -> float:
        return sum(w for _, _, w in self.pulls[element]) or 1.0

    def settle(self, row: Sequence[int], walls: set[int], wishes: Sequence[float]) -> None:
        """The elements between two walls as near to their wishes as the distances allow."""
        start = 0
        for end, element in enumerate([*row, -1]):
            if element == -1 or element in walls:
                self._settle_between(row, start, end, wishes)
                start = end + 1

    def _settle_between(self, row: Sequence[int], start: int, end: int, wishes: Sequence[float]) -> None:
        if start >= end:
            return
        x, near = self.grid.x, self._distances(row[start:end])
        low = x[row[start - 1]] + self._distance(row[start - 1], row[start]) if start else -inf
        high = x[row[end]] - self._distance(row[end - 1], row[end]) - near[-1] if end < len(row) else inf
        targets = [wishes[start + i] - near[i] for i in range(end - start)]
        weights = [self.weight(element) for element in row[start:end]]
        for i, mean in enumerate(_isotonic(targets, weights)):
            x[row[start + i]] = min(max(mean, low), high) + near[i]

    def _distances(self, elements: Sequence[int]) -> list[float]:
        """How far each element must at least be from the first."""
        near = [0.0]
        for one, other in pairwise(elements):
            near.append(near[-1] + self._distance(one, other))
        return near

    def _distance(self, left: int, right: int) -> float:
        return self.grid.distance(left, right, self.spacing)

    def chains(self) -> list[list[tuple[int, float]]]:
        """Elements that shall be in line, with their x relative to the first; the longest chains first."""
        down = self._partners()
        seconds = {other for other, _ in down.values()}
        found = []
        for first in down:
            if first not in seconds:
                chain, element, dx = [(first, 0.0)], first, 0.0
                while element in down:
                    element, step = down[element]
                    dx += step
                    chain.append((element, dx))
                found.append(chain)
        return sorted(found, key=lambda chain: (-len(chain), chain[0][0]))

    def _partners(self) -> dict[int, tuple[int, float]]:
        """Per element at most one partner in the next row and one in the row before; partners never cross."""
        place = {element: at for row in self.grid.rows for at, element in enumerate(row)}
        taken: dict[int, list[tuple[int, int]]] = {}
        down: dict[int, tuple[int, float]] = {}
        ups: set[int] = set()
        for link in self._chaining():
            pair = place[link.up], place[link.down]
            others = taken.setdefault(self.grid.row[link.up], [])
            if link.up in down or link.down in ups or _crosses(pair, others):
                continue
            down[link.up] = link.down, link.up_dx - link.down_dx
            ups.add(link.down)
            others.append(pair)
        return down

    def _chaining(self) -> Iterator[Link]:
        for weight in CHAINING:
            yield from (link for link in self.links if link.weight == weight)

    def align(self, chain: Sequence[tuple[int, float]]) -> None:
        """Moves the chain into one line, in as few pieces as its neighbours allow."""
        start = 0
        while start < len(chain):
            end, low, high = self._room(chain, start)
            members = {element for element, _ in chain[start:end]}
            wish = self._chain_wish(chain[start:end], members)
            for element, dx in chain[start:end]:
                self.grid.x[element] = min(max(wish, low), high) + dx
            start = end

    def _room(self, chain: Sequence[tuple[int, float]], start: int) -> tuple[int, float, float]:
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
        left, right, x = self.left[element], self.right[element], self.grid.x
        low = x[left] + self._distance(left, element) if left >= 0 else -inf
        high = x[right] - self._distance(element, right) if right >= 0 else inf
        # Touching neighbours leave no room but their own place, whatever rounding says.
        return min(low, x[element]), max(high, x[element])

    def _chain_wish(self, chain: Sequence[tuple[int, float]], members: set[int]) -> float:
        """The mean of what its outer links ask for; without any, where most of it is."""
        x, total, pull = self.grid.x, 0.0, 0.0
        for element, dx in chain:
            for other, shift, weight in self.pulls[element]:
                if other not in members:
                    total, pull = total + weight, pull + weight * (x[other] + shift - dx)
        if total:
            return pull / total
        places = sorted(x[element] - dx for element, dx in chain)
        return places[len(places) // 2]


def _crosses(pair: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any((pair[0] - up) * (pair[1] - down) <= 0 for up, down in others)


def _isotonic(targets: Sequence[float], weights: Sequence[float]) -> Iterator[float]:
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
