"""Wires that run too far to be led through every row go beside the drawing."""

from __future__ import annotations

from heapq import heappop, heappush

from explorer.layout.grid import Grid


def place_lanes(grid: Grid) -> None:
    """Gives every lane an x right of all rows; lanes that never meet may have the same."""
    right = grid.extent()[1] + grid.level.spacing.wire_to_item if grid.lanes else 0.0
    spans = sorted((min(rows), max(rows), passes) for rows, passes in _rows(grid))
    ends: list[tuple[int, int]] = []
    lanes = 0
    for first, last, passes in spans:
        if ends and ends[0][0] < first:
            _, lane = heappop(ends)
        else:
            lane, lanes = lanes, lanes + 1
        heappush(ends, (last, lane))
        for element in passes:
            grid.x[element] = right + lane * grid.level.spacing.wire


def _rows(grid: Grid) -> list[tuple[list[int], list[int]]]:
    return [([grid.row[element] for element in passes], passes) for passes in grid.lanes.values()]
