"""Which elements shall be in one line."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from explorer.layout.grid import Grid
from explorer.layout.links import MAIN, PASS, Link

Chain: TypeAlias = list[tuple[int, float]]
"""Elements of consecutive rows, each with the x that it shall have relative to the first."""
NEAR = 6.0
"""A line goes on through an open group that displaces it by no more than this, in pixels."""


def chains(grid: Grid, links: Sequence[Link]) -> list[Chain]:
    """Every element is in one chain at most; the longest chains first."""
    down = _partners(grid, links)
    seconds = {link.down for link in down.values()}
    found = [_follow(first, down) for first in down if first not in seconds]
    return sorted(found, key=lambda chain: (-len(chain), chain[0][0]))


def _follow(element: int, down: dict[int, Link]) -> Chain:
    chain, dx = [(element, 0.0)], 0.0
    while element in down:
        link = down[element]
        element, dx = link.down, dx + link.up_dx - link.down_dx
        chain.append((element, dx))
    return chain


def _partners(grid: Grid, links: Sequence[Link]) -> dict[int, Link]:
    """At most one link up and one down per element, wires first; links of one gap never cross."""
    place = {element: at for row in grid.rows for at, element in enumerate(row)}
    taken: dict[int, _Uncrossed] = defaultdict(_Uncrossed)
    down: dict[int, Link] = {}
    ups: dict[int, Link] = {}
    for link in _wanted(links):
        free = link.up not in down and link.down not in ups
        straight = _passes_on(grid, ups.get(link.up), link) and _passes_on(grid, link, down.get(link.down))
        if free and straight and taken[grid.row[link.up]].add(place[link.up], place[link.down]):
            down[link.up] = ups[link.down] = link
    return down


def _passes_on(grid: Grid, above: Link | None, below: Link | None) -> bool:
    """Whether one line can go from a link above an element to one below: not if an open group displaces it."""
    if above is None or below is None or above.down >= grid.items or not grid.level.items[above.down].is_open:
        return True
    return abs(above.down_dx - below.up_dx) <= NEAR


def _wanted(links: Sequence[Link]) -> Iterator[Link]:
    for weight in (PASS, MAIN):
        yield from (link for link in links if link.weight == weight)


class _Uncrossed:
    """Pairs of places that rise together: no two of them cross."""

    def __init__(self) -> None:
        self._ups: list[int] = []
        self._downs: list[int] = []

    def add(self, up: int, down: int) -> bool:
        """Whether the pair crosses none; then it is one of them."""
        at = bisect_left(self._ups, up)
        if at != bisect_left(self._downs, down):
            return False
        self._ups.insert(at, up)
        self._downs.insert(at, down)
        return True
