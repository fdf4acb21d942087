"""Where wires meet the items that they join."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from explorer.layout.grid import Grid

SPREAD, LEAST_SPREAD, INSET = 14.0, 6.0, 5.0
"""Ports that the layout chooses are at most and at least so far apart, and so far from the corners."""


def docks(grid: Grid) -> list[list[float]]:
    """Per segment the x at each element of its path: the port at both ends, the wire's place between."""
    xs = [[grid.x[element] for element in path] for path in grid.paths]
    for end, beside in ((0, 1), (-1, -2)):
        for element, ports in _dock(grid, xs, end).items():
            wanted = {port: sum(xs[n][beside] for n in ns) / len(ns) for port, ns in ports.items()}
            item, left = grid.level.items[element], grid.x[element] - grid.half[element]
            places = _choose(wanted, left, item.breadth, item.spine if end else item.breadth / 2)
            for port, numbers in ports.items():
                for number in numbers:
                    xs[number][end] = places[port]
    return xs


def _dock(grid: Grid, xs: list[list[float]], end: int) -> Mapping[int, Mapping[int, Sequence[int]]]:
    """Puts the segments' first (``end`` 0) or last (-1) x to given ports; the other segments by item and port."""
    free: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, (segment, path) in enumerate(zip(grid.level.segments, grid.paths, strict=True)):
        element = path[end]
        if element < grid.items:
            item = grid.level.items[element]
            port, given = (segment.head_port, item.ins) if end else (segment.tail_port, item.outs)
            if given:
                xs[number][end] += given[port] - grid.half[element]
            else:
                free[element][port].append(number)
    return free


def _choose(wanted: Mapping[int, float], left: float, breadth: float, spine: float) -> dict[int, float]:
    """Ports in the order of what arrives, close to the spine, and straight under it where there is room."""
    ports = sorted(wanted, key=lambda port: (wanted[port], port))
    step = min(SPREAD, (breadth - 2 * INSET) / max(1, len(ports) - 1))
    half, low, high = (len(ports) - 1) / 2 * step, left + INSET, left + breadth - INSET
    middle = max(low + half, min(left + spine, high - half))
    places = [middle + at * step - half for at in range(len(ports))]
    least = min(LEAST_SPREAD, step)
    for at, port in enumerate(ports):
        first = places[at - 1] + least if at else low
        last = places[at + 1] - least if at + 1 < len(ports) else high
        if first <= wanted[port] <= last and (len(ports) > 1 or abs(wanted[port] - middle) <= least):
            places[at] = wanted[port]
    return dict(zip(ports, places, strict=True))
