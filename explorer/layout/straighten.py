"""From rows packed closely to a good x: straight wires, centred joins, least distances kept.

Elements that must be in line form *chains*, which move as one. As no two chains cross, all of them can be straight
at once. Between them the others settle row by row at the weighted mean of what they are linked to; with the least
distances that is isotonic regression (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TypeAlias

from explorer.layout.bodies import Bodies, Pulls
from explorer.layout.chains import chains
from explorer.layout.grid import Grid
from explorer.layout.links import Link
from explorer.progress import within

ROUNDS, FEWEST_ROUNDS, MOVES, STILL = 16, 2, 60_000, 0.05
"""So many rounds, fewer where they would be too many moves, or once nothing moves by more than ``STILL`` pixels."""

Bound: TypeAlias = tuple[int, float]
"""A wall and how far an element must stay from it."""


def straighten(grid: Grid, links: Sequence[Link]) -> None:
    """Moves the elements of ``grid``; afterwards all neighbours keep their least distance."""
    pulls, found = _pulls(grid, links), chains(grid, links)
    chained = {element for chain in found for element, _ in chain}
    stretches = [stretch for row in grid.rows for stretch in _stretches(grid, row, chained)]
    bodies = Bodies(grid, found, pulls)
    bodies.stand()
    rounds = max(FEWEST_ROUNDS, min(ROUNDS, MOVES // max(1, len(grid.x))))
    for turn in range(rounds):
        before = list(grid.x)
        with within(turn / rounds, (turn + 1) / rounds):
            bodies.move_chains(rounds)
        for stretch in (*stretches, *reversed(stretches)):
            _settle(grid, stretch, [_wish(grid, pulls, element) for element in stretch.elements])
        if max((abs(x - old) for x, old in zip(grid.x, before, strict=True)), default=0.0) < STILL:
            return


def _pulls(grid: Grid, links: Sequence[Link]) -> Pulls:
    pulls: Pulls = [[] for _ in grid.x]
    for link in links:
        shift = link.down_dx - link.up_dx
        pulls[link.up].append((link.down, shift, link.back, link.weight))
        pulls[link.down].append((link.up, -shift, link.weight, link.back))
    return pulls


@dataclass(slots=True)
class _Stretch:
    """The elements between two walls. ``near`` is how far each must be from the first."""

    elements: Sequence[int]
    near: list[float]
    left: Bound | None
    right: Bound | None


def _stretches(grid: Grid, row: Sequence[int], walls: set[int]) -> Iterator[_Stretch]:
    places = [-1, *(at for at, element in enumerate(row) if element in walls), len(row)]
    for start, end in pairwise(places):
        elements = row[start + 1 : end]
        if elements:
            left = (row[start], grid.distance(row[start], elements[0])) if start >= 0 else None
            right = (row[end], grid.distance(elements[-1], row[end])) if end < len(row) else None
            yield _Stretch(elements, grid.distances(elements), left, right)


def _wish(grid: Grid, pulls: Pulls, element: int) -> tuple[float, float]:
    """The weighted mean of where its links would have it, and their weight."""
    pull = total = 0.0
    for other, dx, weight, _ in pulls[element]:
        pull, total = pull + weight * (grid.x[other] + dx), total + weight
    return (pull / total, total) if total else (grid.x[element], 1.0)


def _settle(grid: Grid, stretch: _Stretch, wishes: Sequence[tuple[float, float]]) -> None:
    """The elements as near to their wishes as the distances allow."""
    x = grid.x
    low = x[stretch.left[0]] + stretch.left[1] if stretch.left else -inf
    high = x[stretch.right[0]] - stretch.right[1] - stretch.near[-1] if stretch.right else inf
    targets = [wish - dx for (wish, _), dx in zip(wishes, stretch.near, strict=True)]
    means = isotonic(targets, [weight for _, weight in wishes])
    for element, mean, dx in zip(stretch.elements, means, stretch.near, strict=True):
        x[element] = max(low, min(mean, high)) + dx


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
