"""A place for every wire's label (its chip): in a gap between rows, clear of items and, where it can be, of others.

In each gap, chips that might overlap form a cluster. They are kept apart by isotonic regression: a chip slides
along its wire as far as the gap allows, and for the rest the wire bows towards it. Where that would be too far and
the gap is deep enough, the chips of a cluster take turns among lines behind each other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, asinh, sin, sinh

from explorer.layout.grid import Grid
from explorer.layout.heights import CLEAR, Heights
from explorer.layout.level import PLACING
from explorer.layout.straighten import isotonic
from explorer.progress import tell

APART, MOST_BOW = 6.0, 18.0
"""Pixels between two chips, and that a wire may bow."""
REACH = 1.5
"""Chips whose places in the middle are nearer than so many times the room of one are placed together."""
TRIES, MOST_CHIPS = 5, 20_000
"""Stretches of a wire that are tried; segments of which anybody could read the chips."""


@dataclass(frozen=True, slots=True)
class Chip:
    """The middle of a label, the stretch of its segment's path on which it is, and how far that must bow."""

    x: float
    y: float
    stretch: int
    bow: float


@dataclass(frozen=True, slots=True)
class _Wire:
    """One stretch in a gap, from (start, top) to (end, bottom)."""

    number: int
    stretch: int
    start: float
    end: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Its x half-way."""
        return (self.start + self.end) / 2

    def x(self, t: float) -> float:
        """Its x at the Bézier parameter ``t``."""
        return self.start + (self.end - self.start) * t * t * (3 - 2 * t)

    def y(self, t: float) -> float:
        """Its y at ``t``."""
        return self.top + (self.bottom - self.top) * t * (1.5 - t * (1.5 - t))

    def at_x(self, x: float, default: float) -> float:
        """The ``t`` at which it is nearest to ``x``; ``default`` where it runs straight down."""
        if self.start == self.end:
            return default
        part = min(1.0, max(0.0, (x - self.start) / (self.end - self.start)))
        return 0.5 - sin(asin(1 - 2 * part) / 3)

    def at_y(self, y: float) -> float:
        """The ``t`` at which it is at height ``y``."""
        return 0.5 + sinh(asinh(4 * (y - self.top) / (self.bottom - self.top) - 2) / 3)


def chips(grid: Grid, at: Heights, xs: Sequence[Sequence[float]]) -> list[Chip]:
    """One chip per segment; where nobody can read them, each in the middle of its segment's last stretch."""
    across, along = grid.level.spacing.chip
    if not across or len(grid.paths) > MOST_CHIPS:
        last = (_wire(grid, at, xs, number, len(path) - 2) for number, path in enumerate(grid.paths))
        return [_on(wire, 0.5, 0.0) for wire in last]
    gaps: dict[float, list[_Wire]] = defaultdict(list)
    for wire in _stretches(grid, at, xs, across + APART):
        gaps[wire.top].append(wire)
    found: dict[int, Chip] = {}
    for number, wires in enumerate(gaps.values()):
        tell(number / len(gaps), PLACING)
        for cluster in _clusters(wires, REACH * (across + APART)):
            found.update(_place(cluster, across, along))
    return [found[number] for number in range(len(grid.paths))]


def _stretches(grid: Grid, at: Heights, xs: Sequence[Sequence[float]], room: float) -> Iterator[_Wire]:
    """A stretch for each segment's chip: its own, near the middle, where there are fewest others; short ones first."""
    uses = Counter(stretch for path in grid.paths for stretch in pairwise(path))
    taken: dict[float, list[float]] = defaultdict(list)
    for number, path in sorted(enumerate(grid.paths), key=lambda found: len(found[1])):
        wires = [_wire(grid, at, xs, number, stretch) for stretch in _own(path, uses)]
        wire = min(wires, key=lambda wire: _crowd(taken[wire.top], wire.middle, room))
        insort(taken[wire.top], wire.middle)
        yield wire


def _own(path: Sequence[int], uses: Counter[tuple[int, int]]) -> list[int]:
    """Stretches that no other segment shares, from the middle outwards; the last one is always its own."""
    last = len(path) - 2
    own = [k for k in range(last + 1) if k == last or uses[path[k], path[k + 1]] == 1]
    return sorted(own, key=lambda k: abs(k - last / 2))[:TRIES]


def _crowd(middles: Sequence[float], x: float, room: float) -> int:
    return bisect_right(middles, x + room) - bisect_left(middles, x - room)


def _wire(grid: Grid, at: Heights, xs: Sequence[Sequence[float]], number: int, stretch: int) -> _Wire:
    row = grid.last[grid.paths[number][stretch]]
    start, end = xs[number][stretch : stretch + 2]
    return _Wire(number, stretch, start, end, at.bottom[row], at.top[row + 1])


def _clusters(wires: Sequence[_Wire], room: float) -> Iterator[list[_Wire]]:
    """Runs of wires whose middles are nearer to each other than ``room``."""
    cluster: list[_Wire] = []
    for wire in sorted(wires, key=lambda wire: (wire.middle, wire.number)):
        if cluster and wire.middle - cluster[-1].middle >= room:
            yield cluster
            cluster = []
        cluster.append(wire)
    if cluster:
        yield cluster


def _place(cluster: Sequence[_Wire], across: float, along: float) -> Iterator[tuple[int, Chip]]:
    """In as few lines as leave the wires as they are."""
    depth = cluster[0].bottom - cluster[0].top - 2 * CLEAR
    most = max(1, min(len(cluster), int((depth + APART) / (along + APART))))
    lack, chips = _place_lines(cluster, 1, depth, across, along)
    for lines in range(2, most + 1):
        if not round(lack):
            break
        lack, chips = min((lack, chips), _place_lines(cluster, lines, depth, across, along), key=_rounded)
    return zip((wire.number for wire in cluster), chips, strict=True)


def _rounded(found: tuple[float, list[Chip]]) -> int:
    return round(found[0])


def _place_lines(
    cluster: Sequence[_Wire], lines: int, depth: float, across: float, along: float
) -> tuple[float, list[Chip]]:
    """Chips taking turns among so many lines, and how far they lack to be apart."""
    slack = max(0.0, (depth - lines * along - (lines - 1) * APART) / (2 * lines))
    middle, lack = (cluster[0].top + cluster[0].bottom) / 2, 0.0
    found: list[Chip] = [Chip(0, 0, 0, 0)] * len(cluster)
    for line in range(lines):
        y = middle + (line - (lines - 1) / 2) * (along + APART)
        away, found[line::lines] = _place_line(cluster[line::lines], y, slack, across + APART)
        lack += away
    return lack, found


def _place_line(wires: Sequence[_Wire], y: float, slack: float, room: float) -> tuple[float, list[Chip]]:
    """Chips ``room`` apart, near height ``y``, give or take ``slack``; and how far in all the wires are from them."""
    wanted = [wire.x(wire.at_y(y)) - at * room for at, wire in enumerate(wires)]
    slides = [(wire.at_y(y - slack), wire.at_y(y + slack)) for wire in wires]
    weights = [1 / (4 + abs(w.x(early) - w.x(late))) for w, (early, late) in zip(wires, slides, strict=True)]
    lack, found = 0.0, []
    for at, (wire, (early, late), x) in enumerate(zip(wires, slides, isotonic(wanted, weights), strict=True)):
        t = min(max(wire.at_x(x + at * room, wire.at_y(y)), early), late)
        away = x + at * room - wire.x(t)
        lack += abs(away)
        found.append(_on(wire, t, away))
    return lack, found


def _on(wire: _Wire, t: float, away: float) -> Chip:
    """The chip at ``t``, for which the wire bows as far as it should be ``away``, unless that is too far."""
    bow = away / (4 * t * (1 - t))
    if abs(bow) > MOST_BOW:
        return Chip(wire.x(t), wire.y(t), wire.stretch, 0.0)
    return Chip(wire.x(t) + away, wire.y(t), wire.stretch, bow)
