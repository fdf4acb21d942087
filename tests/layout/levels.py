"""Levels to test the stages with."""

from __future__ import annotations

from explorer.graph import Graph
from explorer.layout.grid import Grid, lay_rows
from explorer.layout.level import Item, Level, Margins, Segment, Spacing
from explorer.layout.ranks import ranks

SPACING = Spacing(30, 12, 10, row=40, port_row=20, row_max=90, slope=0.1, chip=(0, 0))


def level(drawn: Graph) -> Level:
    """All nodes of a graph as equal items in one level."""
    segments = (Segment(s, 0, t, port) for t, ports in enumerate(drawn.inputs) for port, s in enumerate(ports))
    items = (Item(100, 40, tuple(10.0 * (port + 1) for port in range(len(p))), (50,)) for p in drawn.inputs)
    return Level(tuple(items), tuple(segments), SPACING, Margins(10))


def grid(drawn: Graph) -> Grid:
    """Its rows, in reading order."""
    found = level(drawn)
    return lay_rows(found, ranks(found), 10_000)
