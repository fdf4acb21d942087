"""Fewer crossings, value by value: each goes with its whole way to where it crosses the fewest others.

Rows alone get stuck: a wire that is left of a card in one row cannot go right of it in the next. So an item and the
passes of its value are moved together. Where each of them would best be is found row by row by dynamic programming,
exactly, while all else stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.layout.crossings import DISORDER, Rows, Tangle, Wire
from explorer.layout.grid import Grid, Value
from explorer.layout.level import PLACING
from explorer.progress import tell

MOST_ELEMENTS, ROUNDS, VISITS = 1500, 8, 1500
"""Grids of at most so many elements are sifted, in so many rounds, fewer where these would visit more elements."""
MEETING = 0.3
"""What a crossing of two wires counts that arrive at the same card: the reader need not tell them apart."""
WORTH = 1e-9
"""What saves less is rounding."""

Column = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Gap:
    """The wires from one row to the next: ends, their ports from 0 to 1, what it counts to cross each, and whether it
    ends at a card.
    """

    up: NDArray[np.int64]
    leaves: Column
    down: NDArray[np.int64]
    enters: Column
    weight: Column
    meets: NDArray[np.bool_]


class _Wire(NamedTuple):
    """A wire of one element: where it ends and at which port, from which port it comes, and its weight."""

    end: int
    its_port: float
    port: float
    weight: float


class Sifting:
    """The wires of a grid, and orders of its rows to be improved."""

    def __init__(self, grid: Grid, tangle: Tangle) -> None:
        self.grid = grid
        self.reading = np.array(tangle.reading)
        self.ways = _ways(grid, tangle.free)
        self.above: dict[int, list[_Wire]] = defaultdict(list)
        self.below: dict[int, list[_Wire]] = defaultdict(list)
        self.gaps = [self._gap(wires) for wires in tangle.wires]
        self.rows: Rows = []
        self.place = np.zeros(len(grid.x), dtype=np.int64)
        self.moving = np.zeros(len(grid.x), dtype=np.bool_)
        self.others: dict[int, Matrix] = {}

    def _gap(self, wires: Sequence[Wire]) -> _Gap:
        for up, leaves, down, enters, edges in wires:
            self.below[up].append(_Wire(down, enters, leaves, sqrt(edges)))
            self.above[down].append(_Wire(up, leaves, enters, sqrt(edges)))
        ups, leaving, downs, entering, shared = zip(*wires, strict=True) if wires else ((), (), (), (), ())
        meets = np.array([self._is_card(element) for element in downs], dtype=np.bool_)
        above, below = np.array(ups, np.int64), np.array(downs, np.int64)
        return _Gap(above, np.array(leaving, float), below, np.array(entering, float), np.sqrt(shared), meets)

    def _is_card(self, element: int) -> bool:
        return element < self.grid.items and not self.grid.level.items[element].is_open

    def improve(self, rows: Sequence[Sequence[int]]) -> tuple[float, Rows]:
        """The cost of the order that is reached from ``rows``, and that order."""
        self._take(rows)
        tried, changed = [-1] * len(self.ways), [0] * (len(rows) + 1)
        for turn in range(1, 1 + max(1, min(ROUNDS, VISITS // max(1, len(self.place))))):
            crossed = self._crossed()
            for number, way in enumerate(self.ways):
                first, last = self.grid.row[way[0]], self.grid.row[way[-1]]
                clock, around = turn * len(self.ways) + number, changed[max(0, first - 1) : last + 2]
                if tried[number] < max(around) and crossed[way].any():
                    tell(number / len(self.ways), PLACING)
                    tried[number] = clock
                    if self._move(way):
                        changed[first : last + 1] = [clock] * (last + 1 - first)
            if max(changed) < turn * len(self.ways):
                break
        return self.cost(self.rows), self.rows

    def _take(self, rows: Sequence[Sequence[int]]) -> None:
        self.rows = [list(row) for row in rows]
        for row in self.rows:
            self.place[row] = range(len(row))

    def cost(self, rows: Sequence[Sequence[int]]) -> float:
        """Crossings, and a little for every pair that does not stand in reading order."""
        disorder = sum(_inverted(np.arange(float(len(row))), self.reading[row]).sum() for row in rows) / 2
        return self.crossings(rows) + float(DISORDER * disorder)

    def crossings(self, rows: Sequence[Sequence[int]]) -> float:
        """Crossings, each by the weights of both wires."""
        self._take(rows)
        return sum(map(self._crossings, self.gaps))

    def _crossings(self, gap: _Gap) -> float:
        meet = (gap.down[:, None] == gap.down) & gap.meets
        counts = np.where(meet, MEETING, 1.0) * gap.weight * gap.weight[:, None]
        return float((self._pairs(gap) * counts).sum()) / 2

    def _pairs(self, gap: _Gap) -> NDArray[np.bool_]:
        """Per pair of wires whether they cross."""
        return _inverted(self.place[gap.up] + gap.leaves, self.place[gap.down] + gap.enters)

    def _crossed(self) -> NDArray[np.bool_]:
        """Per element whether a wire of it crosses another: where none does there is nothing to be saved."""
        found = np.zeros(len(self.place), dtype=np.bool_)
        for gap in self.gaps:
            crossed = self._pairs(gap).any(0)
            found[gap.up[crossed]] = found[gap.down[crossed]] = True
        return found

    def _move(self, way: Sequence[int]) -> bool:
        """Puts the elements of one way, row by row, to their best places; whether that saves anything."""
        rows = [self.grid.row[element] for element in way]
        before = self.place[way].tolist()
        if len(way) == len(self.rows[rows[0]]) == 1:
            return False
        for row, place in zip(rows, before, strict=True):
            del self.rows[row][place]
            self.place[self.rows[row]] = range(len(self.rows[row]))
        self.others.clear()
        self.moving[way] = True
        alone = [self._alone(element, row) for element, row in zip(way, rows, strict=True)]
        between = [self._between(row, *ends) for row, ends in zip(rows, pairwise(way), strict=False)]
        self.moving[way] = False
        best = _cheapest(alone, between)
        saves = _total(alone, between, best) < _total(alone, between, before) - WORTH
        for element, row, place in zip(way, rows, best if saves else before, strict=True):
            self.rows[row].insert(place, element)
            self.place[self.rows[row]] = range(len(self.rows[row]))
        return saves

    def _others(self, row: int) -> Matrix:
        """Per pair of elements of one row and the next how much the wires between them weigh, but for what moves."""
        if row not in self.others:
            gap, size = self.gaps[row], (len(self.rows[row]), len(self.rows[row + 1]))
            stay = ~(self.moving[gap.up] | self.moving[gap.down])
            pairs = self.place[gap.up[stay]] * size[1] + self.place[gap.down[stay]]
            weighed: Matrix = np.bincount(pairs, gap.weight[stay], size[0] * size[1]).astype(float)
            self.others[row] = weighed.reshape(size)
        return self.others[row]

    def _between(self, row: int, up: int, down: int) -> Matrix:
        """What the wire from one element that moves to the next crosses, for any places of both."""
        weights = self._others(row)
        sums = np.zeros((weights.shape[0] + 1, weights.shape[1] + 1))
        weights.cumsum(0).cumsum(1, out=sums[1:, 1:])
        weight = next(wire.weight for wire in self.below[up] if wire.end == down)
        crossed: Matrix = weight * (sums[:, -1:] + sums[-1:] - 2 * sums)
        return crossed

    def _alone(self, element: int, row: int) -> Column:
        """What its wires to what stays cross, for every place in its row."""
        reading = self.reading[self.rows[row]]
        left, right = DISORDER * (reading > self.reading[element]), DISORDER * (reading < self.reading[element])
        for wire in self.below[element]:
            if not self.moving[wire.end]:
                meeting = MEETING if self._is_card(wire.end) else 1.0
                self._add(wire, self._others(row), self.above[wire.end], meeting, left, right)
        for wire in self.above[element]:
            if not self.moving[wire.end]:
                self._add(wire, self._others(row - 1).T, self.below[wire.end], 1.0, left, right)
        cost: Column = np.concatenate([[0.0], np.cumsum(left - right)]) + right.sum()
        return cost

    def _add(
        self, wire: _Wire, weights: Matrix, beside: Sequence[_Wire], meeting: float, left: Column, right: Column
    ) -> None:
        """What a wire crosses of what is ``left`` or ``right`` of where it begins, also of those ``beside`` its end."""
        at = int(self.place[wire.end])
        left += wire.weight * weights[:, at + 1 :].sum(1)
        right += wire.weight * weights[:, :at].sum(1)
        for other in beside:
            if other.port != wire.its_port and not self.moving[other.end]:
                side = left if other.port > wire.its_port else right
                side[self.place[other.end]] += meeting * wire.weight * other.weight


def _ways(grid: Grid, free: Sequence[bool]) -> list[list[int]]:
    """What is moved together: an item or entry and the passes of its value; of several values each by itself."""
    values: dict[Value, dict[int, None]] = defaultdict(dict)
    for segment, path in zip(grid.level.segments, grid.paths, strict=True):
        values[path[0], segment.tail_port].update(dict.fromkeys(path[1:-1]))
    outputs = Counter(tail for tail, _ in values)
    inside = {element for row, is_free in zip(grid.rows, free, strict=True) if is_free for element in row}
    ways = []
    for (tail, _), passes in values.items():
        way = [*([tail] if outputs[tail] == 1 else []), *sorted(passes, key=grid.row.__getitem__)]
        ways.append([element for element in way if element in inside])
    moved = {element for way in ways for element in way}
    ways += [[element] for row in grid.rows for element in row if element in inside - moved]
    return [way for way in ways if way]


def _inverted(ups: Column, downs: Column) -> NDArray[np.bool_]:
    """Per pair whether it stands the one way round in the one, and the other way round in the other."""
    found: NDArray[np.bool_] = (ups[:, None] - ups) * (downs[:, None] - downs) < 0
    return found


def _cheapest(alone: Sequence[Column], between: Sequence[Column]) -> list[int]:
    """A place per row, of which each costs something alone and each pair of neighbours together."""
    total, back = alone[0], []
    for pair, here in zip(between, alone[1:], strict=True):
        through = total[:, None] + pair
        back.append(through.argmin(0))
        total = through.min(0) + here
    places = [int(total.argmin())]
    for came in reversed(back):
        places.append(int(came[places[-1]]))
    return places[::-1]


def _total(alone: Sequence[Column], between: Sequence[Column], places: Sequence[int]) -> float:
    pairs = sum(float(pair[up, down]) for pair, (up, down) in zip(between, pairwise(places), strict=True))
    return pairs + sum(float(here[place]) for here, place in zip(alone, places, strict=True))
