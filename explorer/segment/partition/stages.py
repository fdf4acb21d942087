"""What one segment costs, for every pair of sets that can bound it: time, memory, traffic."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from explorer.segment.devices import Link
from explorer.segment.partition.dynamic import Block, Cost
from explorer.segment.partition.family import Family
from explorer.segment.partition.work import Place, Work


def compute(family: Family, place: Place) -> Cost:
    """Seconds of the items between two sets; infinite where the device cannot compute one of them."""
    total = family.total([seconds if isfinite(seconds) else 0.0 for seconds in place.seconds])
    beyond = family.total([float(not isfinite(seconds)) for seconds in place.seconds])

    def cost(columns: slice) -> Block:
        found = total[None, columns] - total[:, None]
        return np.where(beyond[None, columns] > beyond[:, None], np.inf, found) if beyond.any() else found

    return cost


def sending(crossing: NDArray[np.float64], link: Link | None) -> Cost:
    """Seconds on the link behind a segment, which carries the bytes ``crossing`` each set; none behind the last."""
    seconds = np.array([0.0 if link is None else link.seconds(float(size)) for size in crossing])
    return traffic(seconds)


def traffic(crossing: NDArray[np.float64]) -> Cost:
    """Bytes on the link behind a segment."""
    return lambda columns: np.broadcast_to(crossing[columns], (len(crossing), len(crossing[columns])))


def memory(family: Family, work: Work) -> Cost:
    """Bytes that a segment holds; what several of its items hold together counts once."""
    single = np.zeros(family.items)
    for items, size in work.held:
        if len(items) == 1:
            single[items[0]] += size
    total = family.total(list(single))
    shared = [(list(items), size) for items, size in work.held if len(items) > 1]

    def cost(columns: slice) -> Block:
        found = total[None, columns] - total[:, None]
        for items, size in shared:
            found = found + size * _between(family, items, columns)
        return found

    return cost


def handling(family: Family, work: Work, seconds_per_byte: float) -> Cost:
    """Seconds that a device is busy with what it reads from other devices, and with what others read from it.

    Each value once on either side; inputs are at hand.
    """

    members = family.members

    def cost(columns: slice) -> Block:
        found = np.zeros((len(family), len(members[columns])))
        for owner, readers, size in work.handed:
            if owner >= 0:
                there, before = members[columns, owner], members[:, owner]
                behind = np.invert(members[columns][:, list(readers)].all(1))
                found += size * (np.outer(~before, there & behind))
                found += size * (before[:, None] * _between(family, list(readers), columns))
        return found * seconds_per_byte

    return cost


def computing(family: Family, place: Place) -> Cost:
    """Allows only segments in which something takes time."""
    busy = family.total([float(seconds > 0) for seconds in place.seconds])
    return lambda columns: np.where(busy[None, columns] > busy[:, None], 0.0, np.inf)


def within(cost: Cost, limit: float) -> Cost:
    """The same, where more than ``limit`` is not allowed. Rounding of sums is forgiven."""
    most = limit * (1 + 1e-12)

    def limited(columns: slice) -> Block:
        found = cost(columns)
        return np.where(found <= most, found, np.inf)

    return limited


def together(join: Callable[[Block, Block], Block], *costs: Cost) -> Cost:
    """Several costs as one: ``np.maximum`` where they overlap in time, ``np.add`` where they do not."""

    def joined(columns: slice) -> Block:
        found = costs[0](columns)
        for cost in costs[1:]:
            found = join(found, cost(columns))
        return found

    return joined


def allowed_by(cost: Cost, *limits: Cost) -> Cost:
    """A cost where all limits allow it."""

    def checked(columns: slice) -> Block:
        found = cost(columns)
        for limit in limits:
            found = np.where(np.isinf(limit(columns)), np.inf, found)
        return found

    return checked


def _between(family: Family, items: list[int], columns: slice) -> Block:
    """1 where any of the items lies between the two sets, of which the first is a part of the second."""
    count = family.members[:, items].sum(1)
    return np.asarray(count[None, columns] > count[:, None], float)
