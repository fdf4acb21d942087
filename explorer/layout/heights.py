"""Where rows lie along the flow."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.layout.grid import Grid
from explorer.layout.level import Level, Spacing


@dataclass(frozen=True, slots=True)
class Heights:
    """The upper and lower edge of every row, and the upper edge of every item. No gap holds an item."""

    top: list[float]
    bottom: list[float]
    item: list[float]


def heights(grid: Grid, level: Level, ends: list[list[float]], spacing: Spacing) -> Heights:
    """Rows under each other; sources stand at the lower side of their row, all others at the upper.

    ``ends`` is the x of every point where a segment's path enters or leaves a row.
    """
    depth = [max((level.items[e].depth for e in row if grid.is_item(e)), default=0.0) for row in grid.rows]
    reach = _reach(grid, ends)
    top, bottom, y = [], [], spacing.margin
    for row, deep in enumerate(depth):
        top.append(y)
        bottom.append(y + deep)
        y += deep + min(spacing.row_max, spacing.row + spacing.slope * reach[row])
    item = []
    for index, row in enumerate(grid.row[: grid.items]):
        deep = level.items[index].depth
        item.append(top[row] if level.incoming[index] else bottom[row] - deep)
    return Heights(top, bottom, item)


def _reach(grid: Grid, ends: list[list[float]]) -> list[float]:
    """Per gap how far any wire travels sideways in it."""
    reach = [0.0] * len(grid.rows)
    for path, xs in zip(grid.paths, ends, strict=True):
        for up, x, down_x in zip(path, xs, xs[1:], strict=False):
            reach[grid.row[up]] = max(reach[grid.row[up]], abs(down_x - x))
    return reach
