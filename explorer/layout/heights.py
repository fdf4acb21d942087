"""Where rows lie along the flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from explorer.layout.grid import Grid

CLEAR = 8.0
"""Pixels between a label and the rows."""


@dataclass(frozen=True, slots=True)
class Heights:
    """The upper and lower edge of every row, the upper edge of every item, and how deep all is."""

    top: list[float]
    bottom: list[float]
    item: list[float]
    depth: float


def heights(grid: Grid, xs: Sequence[Sequence[float]]) -> Heights:
    """Rows under each other; sources stand at the lower side of their rows, all others at the upper.

    ``xs`` gives per segment the x at which it passes each element of its path. The ports of the border lie on
    it: entries at 0, exits at the full depth.
    """
    level, margins = grid.level, grid.level.margins
    ending = _ending(grid)
    tops: list[float] = []
    bottoms: list[float] = []
    y = 0.0 if level.entries else margins.before + margins.pad
    for row, gap in enumerate(_gaps(grid, xs)):
        tops.append(y)
        y = max([y, *(tops[grid.row[item]] + level.items[item].depth for item in ending[row])])
        if level.entries and not row:
            y += margins.before
        bottoms.append(y)
        y += gap
    end = bottoms[-1] if bottoms else margins.before + margins.pad
    depth = max(end if level.exits else end + margins.pad, margins.title + 2 * margins.pad if margins.beside else 0.0)
    if level.exits:
        tops[-1] = bottoms[-1] = depth
    return Heights(tops, bottoms, [_top(grid, item, tops, bottoms) for item in range(grid.items)], depth)


def _ending(grid: Grid) -> list[list[int]]:
    """Per row the items of which it is the last."""
    found: list[list[int]] = [[] for _ in grid.rows]
    for item in range(grid.items):
        found[grid.last[item]].append(item)
    return found


def _gaps(grid: Grid, xs: Sequence[Sequence[float]]) -> list[float]:
    """How deep the gap under each row is; the further a wire travels sideways in it, the deeper."""
    level, spacing = grid.level, grid.level.spacing
    reach = [0.0] * len(grid.rows)
    for path, places in zip(grid.paths, xs, strict=True):
        for up, (x, next_x) in zip(path, pairwise(places), strict=False):
            reach[grid.last[up]] = max(reach[grid.last[up]], abs(next_x - x))
    least = [spacing.row] * len(grid.rows)
    if level.entries:
        least[0] = max(spacing.port_row, spacing.chip[1] + 2 * CLEAR if spacing.chip[1] else 0.0)
    if level.exits and len(grid.rows) > 1:
        least[-2] = spacing.port_row
    return [min(spacing.row_max, gap + spacing.slope * far) for gap, far in zip(least, reach, strict=True)]


def _top(grid: Grid, item: int, tops: Sequence[float], bottoms: Sequence[float]) -> float:
    if grid.level.incoming[item]:
        return tops[grid.row[item]]
    return bottoms[grid.last[item]] - grid.level.items[item].depth
