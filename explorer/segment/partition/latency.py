"""Between a device at the edge and one at the centre: where to cut, so that one request is answered soonest.

Hu et al. 2019 (DADS): time at the edge, then on the link, then at the centre, is the capacity of a cut. Inputs are at
the edge. Without a limit on memory the minimum cut is the answer. With one the problem is NP-hard: a price on the
edge's memory gives a bound and first answers (Handler and Zang 1980), and branch and bound closes the gap.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from math import inf, isinf

from explorer.errors import SegmentError
from explorer.segment.devices import Link
from explorer.segment.mincut import Paid, cheapest_cut
from explorer.segment.partition.work import Place, Work

MOST_BRANCHES = 200

Sides = tuple[frozenset[int], frozenset[int]]
"""Items that are settled: at the edge, and at the centre."""


@dataclass(frozen=True)
class TwoSides:
    """``edge`` are the items at the edge; ``seconds`` for one request; no division takes less than ``bound``."""

    edge: frozenset[int]
    seconds: float
    bound: float

    @property
    def is_optimal(self) -> bool:
        return self.seconds <= self.bound * (1 + 1e-9)


def soonest(work: Work, edge: Place, centre: Place, link: Link, *, most_branches: int = MOST_BRANCHES) -> TwoSides:
    """The division with the smallest latency that fits both memories.

    After ``most_branches`` branches the best so far is given, with the bound. Raises SegmentError without any.
    """
    # A link's latency is paid once, if anything is sent at all: two problems, one of which sends nothing.
    found = [_search(_Problem(work, edge, centre, 1 / link.bandwidth, link.latency), most_branches)]
    if link.latency:
        found.append(_search(_Problem(work, edge, centre, inf, 0.0), most_branches))
    best = min(found, key=lambda one: one.seconds)
    if isinf(best.seconds):
        total = sum(one.bytes for one in work.held)
        raise SegmentError(
            f"It does not fit, or no division that fits was found: {total:,.0f} bytes are held in all, and there is "
            f"room for {edge.memory:,.0f} at the edge and {centre.memory:,.0f} at the centre."
        )
    return TwoSides(best.edge, best.seconds, min(one.bound for one in found))


def _search(problem: _Problem, most_branches: int) -> TwoSides:
    """Branch and bound, the part with the smallest bound first; seconds are infinite where nothing was found."""
    nothing: Sides = (frozenset(), frozenset())
    best, number = TwoSides(frozenset(), inf, inf), count()
    waiting = [(-inf, next(number), nothing)]
    for _ in range(most_branches):
        if not waiting or waiting[0][0] >= best.seconds * (1 - 1e-12):
            break
        bound, _, sides = heapq.heappop(waiting)
        part = problem.relaxed(sides)
        if part is None or max(part.bound, bound) >= best.seconds:
            continue
        best = min([best, *part.answers], key=lambda one: one.seconds)
        for child in problem.branches(sides, part):
            heapq.heappush(waiting, (max(part.bound, bound), next(number), child))
    return TwoSides(best.edge, best.seconds, min([best.seconds, *(entry[0] for entry in waiting)]))


@dataclass(frozen=True)
class _Part:
    """Of all divisions with some items settled: none is below ``bound``; ``answers`` fit; ``over`` does not."""

    bound: float
    answers: Sequence[TwoSides]
    over: frozenset[int] | None


class _Problem:
    """``rate`` in seconds a byte, infinite where nothing may be sent; ``constant`` is added to every division.

    Beside the items, the flow has a node for the inputs, at the edge, and one for each thing that is held, which is
    at the edge as soon as one of its items is.
    """

    def __init__(self, work: Work, edge: Place, centre: Place, rate: float, constant: float) -> None:
        self.work, self.edge, self.centre, self._constant = work, edge, centre, constant
        self._count = given = len(work)
        self._flow = [*map(list, work.inputs), [], *([] for _ in work.held)]
        for number, held in enumerate(work.held):
            for item in held.items:
                self._flow[item].append(given + 1 + number)
        self._values = [
            Paid(owner if owner >= 0 else given, readers, size * rate) for owner, readers, size in work.handed if size
        ]
        self._readers: list[list[int]] = [[] for _ in work.inputs]
        for item, sources in enumerate(work.inputs):
            for source in sources:
                self._readers[source].append(item)

    def relaxed(self, sides: Sides) -> _Part | None:
        """None where no division with these sides fits."""
        ahead, behind = sides
        if ahead & behind or self._bytes(ahead) > self.edge.memory or self._bytes(behind) > self.centre.memory:
            return None
        free = self._cheapest(0.0, sides)
        if free is None:
            return None
        if self._over(free) <= 0:
            return self._part(self._seconds(free), [free])
        return self._at_a_price(sides, free)

    def _at_a_price(self, sides: Sides, over: frozenset[int]) -> _Part:
        """The best bound that a price on the edge's memory gives: where too much and little enough are level."""
        under, seen = sides[0], [sides[0], over]
        while True:
            rise, fall = self._seconds(under) - self._seconds(over), self._over(over) - self._over(under)
            price = rise / fall
            level = self._seconds(over) + price * self._over(over)
            found = self._cheapest(price, sides) if not isinf(price) else None
            if found is None or self._seconds(found) + price * self._over(found) >= level - 1e-12 * abs(level):
                return self._part(level if not isinf(price) else self._seconds(over), seen)
            seen.append(found)
            over, under = (found, under) if self._over(found) > 0 else (over, found)

    def branches(self, sides: Sides, part: _Part) -> list[Sides]:
        """The item that holds most on the side where it does not fit, once at the edge and once at the centre."""
        ahead, behind = sides
        if part.over is None:
            return []
        crowded = part.over if self._over(part.over) > 0 else frozenset(range(self._count)) - part.over
        open_ = [item for item in sorted(crowded) if item not in ahead and item not in behind]
        if not open_:
            return []
        item = max(open_, key=lambda one: self._bytes([one]))
        return [
            (ahead | _closure(item, self.work.inputs), behind),
            (ahead, behind | _closure(item, self._readers)),
        ]

    def _part(self, bound: float, seen: Sequence[frozenset[int]]) -> _Part:
        fitting = [one for one in seen if self._fits(one)]
        answers = [TwoSides(one, self._seconds(one), 0.0) for one in fitting]
        over = next((one for one in reversed(seen) if not self._fits(one)), None)
        return _Part(bound, answers, over)

    def _cheapest(self, price: float, sides: Sides) -> frozenset[int] | None:
        held = [price * one.bytes for one in self.work.held]
        before = [*self.edge.seconds, 0.0, *held]
        after = [*self.centre.seconds, inf, *(0.0 for _ in held)]
        for item in sides[0]:
            after[item] = inf
        for item in sides[1]:
            before[item] = inf
        try:
            found = cheapest_cut(self._flow, before, after, self._values)
        except SegmentError:
            return None
        return frozenset(item for item in found if item < self._count)

    def _seconds(self, edge: frozenset[int]) -> float:
        here = sum(self.edge.seconds[item] for item in edge)
        there = sum(self.centre.seconds[item] for item in range(self._count) if item not in edge)
        sent = sum(
            cost for owner, readers, cost in self._values
            if (owner == self._count or owner in edge) and not edge.issuperset(readers)
        )  # fmt: skip
        return here + there + sent + self._constant

    def _over(self, edge: frozenset[int]) -> float:
        return self._bytes(edge) - self.edge.memory

    def _fits(self, edge: frozenset[int]) -> bool:
        rest = [item for item in range(self._count) if item not in edge]
        return self._over(edge) <= 0 and self._bytes(rest) <= self.centre.memory and not isinf(self._seconds(edge))

    def _bytes(self, items: Collection[int]) -> float:
        here = set(items)
        return sum(held.bytes for held in self.work.held if not here.isdisjoint(held.items))


def _closure(item: int, following: Sequence[Sequence[int]]) -> frozenset[int]:
    found, waiting = {item}, [item]
    while waiting:
        for other in following[waiting.pop()]:
            if other not in found:
                found.add(other)
                waiting.append(other)
    return frozenset(found)
