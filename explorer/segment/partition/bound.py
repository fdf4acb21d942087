"""What no division can be better than: work that cannot be split, an even split of it all, and the thinnest waist."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from explorer.errors import SegmentError
from explorer.segment.devices import Link
from explorer.segment.mincut import Paid, cheapest_cut
from explorer.segment.partition.work import Place, Work

_MOST_ENDS = 16
"""Pairs of a first and a last item that are tried for the thinnest waist; with more of them nothing is said."""


def lower_bound(work: Work, places: Sequence[Place], links: Sequence[Link], objective: str) -> float:
    """At least so many seconds (``bottleneck``), bytes (``traffic``), devices (``fewest``), or so large a share
    (``memory``).
    """
    held = sum(one.bytes for one in work.held)
    if objective == "memory":
        largest = max((one.bytes for one in work.held), default=0.0)
        return max(held / sum(p.memory for p in places), largest / max(p.memory for p in places))
    if objective == "fewest":
        return _devices(held, places)
    cuts = len(places) - 1
    waist = _waist(work, places) if cuts else 0.0
    if objective == "traffic":
        return cuts * waist
    return max(_compute(work, places), *(link.seconds(waist) for link in links[:cuts]))


def _compute(work: Work, places: Sequence[Place]) -> float:
    fastest = [min(place.seconds[item] for place in places) for item in range(len(work))]
    return max(max(fastest), sum(fastest) / len(places))


def _waist(work: Work, places: Sequence[Place]) -> float:
    """The fewest bytes across any cut with something that takes time on both sides.

    Ahead of such a cut there is an item of the first that take time, behind it one of the last.
    """
    busy = [any(place.seconds[item] > 0 for place in places) for item in range(len(work))]
    firsts, lasts = _ends(work, busy)
    if len(firsts) * len(lasts) > _MOST_ENDS:
        return 0.0
    return min((_between(work, first, last) for first in firsts for last in lasts), default=0.0)


def _ends(work: Work, busy: Sequence[bool]) -> tuple[list[int], list[int]]:
    """Items that take time of which nothing before, or nothing after, takes any."""
    before, after = [False] * len(work), [False] * len(work)
    for item, sources in enumerate(work.inputs):
        before[item] = any(busy[source] or before[source] for source in sources)
    for item in range(len(work) - 1, -1, -1):
        for source in work.inputs[item]:
            after[source] |= busy[item] or after[item]
    items = [item for item, takes in enumerate(busy) if takes]
    return [item for item in items if not before[item]], [item for item in items if not after[item]]


def _between(work: Work, first: int, last: int) -> float:
    """The fewest bytes across a cut with one item ahead of it and another behind it.

    An input is an item more, which is free to be on either side, but not behind what reads it.
    """
    inputs, values = [list(sources) for sources in work.inputs], list[Paid]()
    for owner, readers, size in work.handed:
        if owner < 0:
            owner = len(inputs)
            inputs.append([])
            for reader in readers:
                inputs[reader].append(owner)
        values.append(Paid(owner, readers, size))
    before, after = [0.0] * len(inputs), [0.0] * len(inputs)
    before[last] = after[first] = inf
    try:
        ahead = cheapest_cut(inputs, before, after, values)
    except SegmentError:
        return inf
    return sum(value.cost for value in values if value.owner in ahead and not ahead.issuperset(value.readers))


def _devices(held: float, places: Sequence[Place]) -> float:
    room = 0.0
    for count, memory in enumerate(sorted((place.memory for place in places), reverse=True), 1):
        room += memory
        if room >= held:
            return float(count)
    return float(len(places))
