"""Which elements want to be in line with which, and how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from explorer.layout.grid import Grid

PASS, MAIN, JOIN, SIDE = 8.0, 4.0, 1.0, 0.01
"""Weights: between two passes; of the one main wire at both ends; of one among several; of all others."""
JOINED = 0.1
"""How much a join pulls a branch that leads only there: so much less than that pulls the join, which stands in the
middle."""

Stretch: TypeAlias = tuple[int, int, int, int]
"""A wire from one row to the next: an element and its port above, and the same below."""


@dataclass(frozen=True, slots=True)
class Link:
    """A wish of two elements of neighbouring rows: ``x[up] + up_dx == x[down] + down_dx``. To the
    upper one it has the weight ``back``.
    """

    up: int
    up_dx: float
    down: int
    down_dx: float
    weight: float
    back: float


def links(grid: Grid, spread: Set[int] = frozenset()) -> list[Link]:
    """The wishes of all wires in rows, each stretch of a shared wire once.

    The items in ``spread`` have their wires beside them, and need not be in line with those.
    """
    stretches = list(_stretches(grid))
    out_rank, in_rank = _ranks(grid, stretches)
    outs, ins = _mains((s[0] for s in stretches), out_rank), _mains((s[2] for s in stretches), in_rank)
    spines = _spines(grid, stretches, in_rank, ins)
    middles = [sum(item.ins) / len(item.ins) if item.ins else item.spine for item in grid.level.items]
    found = []
    for (up, up_port, down, down_port), leaves, enters in zip(stretches, out_rank, in_rank, strict=True):
        weight = _weight(outs[up], leaves, ins[down], enters) if min(up, down) < grid.fixed else PASS
        if up in spread and down >= grid.fixed:
            weight = SIDE
        up_dx, down_dx = _leaves(grid, up, up_port, spines), _enters(grid, up, down, down_port, middles)
        back = JOINED if weight == JOIN and outs[up][1] == 1 else weight
        found.append(Link(up, up_dx, down, down_dx, weight, back))
    return found


def _stretches(grid: Grid) -> Iterator[Stretch]:
    lanes = {element for passes in grid.lanes.values() for element in passes}
    seen: set[Stretch] = set()
    for segment, path in zip(grid.level.segments, grid.paths, strict=True):
        for up, down in pairwise(path):
            leaves, enters = segment.tail_port if up < grid.fixed else 0, segment.head_port if down < grid.fixed else 0
            stretch = up, leaves, down, enters
            if stretch not in seen and up not in lanes and down not in lanes:
                seen.add(stretch)
                yield stretch


def _ranks(grid: Grid, stretches: Sequence[Stretch]) -> tuple[list[int], list[int]]:
    """How much each stretch is the main wire of what is above, and of what is below.

    Wires to the next row come before long ones, what comes from outside before what comes from leaves within, and
    mere leaves last. A long wire that is all that comes of an operation is no skip past the others, but a branch as
    they are: where they join, none is straighter than the other.
    """
    entered = set(range(grid.items, grid.items + grid.level.entries))
    fed: set[int] = set()
    for up, _, down, _ in sorted(stretches, key=lambda stretch: grid.row[stretch[0]]):
        fed.add(down)
        if up in entered:
            entered.add(down)
    out_rank = [0 if down >= grid.fixed else 1 for _, _, down, _ in stretches]
    branches = _branches(grid, stretches, fed)
    in_rank = [
        (2 if up in entered else 0)
        + (1 if up < grid.fixed or up in branches else 0)
        - (2 if up < grid.items and up not in fed else 0)
        for up, _, _, _ in stretches
    ]
    return out_rank, in_rank


def _branches(grid: Grid, stretches: Sequence[Stretch], fed: set[int]) -> set[int]:
    """The passes of long wires from items that have inputs and no other wire."""
    leaving = Counter(up for up, _, _, _ in stretches)
    alone = (path for path in grid.paths if path[0] < grid.items and path[0] in fed and leaving[path[0]] == 1)
    return {element for path in alone for element in path[1:-1]}


def _mains(elements: Iterable[int], ranks: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Per element the highest rank of its stretches, and how many have it."""
    counts = Counter(zip(elements, ranks, strict=True))
    best: dict[int, tuple[int, int]] = {}
    for (element, rank), count in counts.items():
        best[element] = max(best.get(element, (rank, 0)), (rank, count))
    return best


def _weight(outs: tuple[int, int], leaves: int, ins: tuple[int, int], enters: int) -> float:
    if leaves < outs[0] or enters < ins[0]:
        return SIDE
    return MAIN if outs[1] == ins[1] == 1 else JOIN


def _spines(
    grid: Grid, stretches: Sequence[Stretch], in_rank: Sequence[int], ins: Mapping[int, tuple[int, int]]
) -> Mapping[int, float]:
    """The place of the only main input of each open group with one output.

    What follows stands in line with that, not with the output: else a line of groups would drift aside.
    """
    items, found = grid.level.items, {}
    for (_, _, down, port), rank in zip(stretches, in_rank, strict=True):
        if down < grid.items and items[down].is_open and len(items[down].outs) == 1 and ins[down] == (rank, 1):
            found[down] = items[down].ins[port]
    return found


def _leaves(grid: Grid, up: int, port: int, spines: Mapping[int, float]) -> float:
    if up >= grid.items:
        return 0.0
    outs = grid.level.items[up].outs
    return spines.get(up, outs[port] if outs else grid.half[up]) - grid.half[up]


def _enters(grid: Grid, up: int, down: int, port: int, middles: Sequence[float]) -> float:
    """Side by side, cards look better in line than their ports do."""
    if down >= grid.items:
        return 0.0
    item = grid.level.items[down]
    exact = item.ins and (item.is_open or up >= grid.items)
    return (item.ins[port] if exact else middles[down]) - grid.half[down]
