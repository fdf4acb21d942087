"""Items without a wire stand on shelves beside the drawing."""

from __future__ import annotations

from explorer.layout.grid import Grid


def shelve(grid: Grid) -> None:
    """Appends every item of a shelf to its row, in one line right of everything, shelf by shelf."""
    for shelf in grid.shelves:
        right = grid.extent()[1] + grid.level.spacing.item if any(grid.rows) else 0.0
        middle = right + max(grid.half[item] for item in shelf)
        for item in shelf:
            grid.x[item] = middle
            grid.rows[grid.row[item]].append(item)
