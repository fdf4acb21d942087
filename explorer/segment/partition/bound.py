"""What no division can be better than: work that cannot be split, and an even split of all of it."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.segment.partition.work import Place, Work


def lower_bound(work: Work, places: Sequence[Place], objective: str) -> float:
    """At least so many seconds (``bottleneck``), devices (``fewest``), or so large a share (``memory``).

    0 for ``traffic``, of which nothing is known in general.
    """
    if objective == "bottleneck":
        return _bottleneck(work, places)
    held = sum(one.bytes for one in work.held)
    if objective == "memory":
        largest = max((one.bytes for one in work.held), default=0.0)
        return max(held / sum(p.memory for p in places), largest / max(p.memory for p in places))
    return _devices(held, places) if objective == "fewest" else 0.0


def _bottleneck(work: Work, places: Sequence[Place]) -> float:
    fastest = [min(place.seconds[item] for place in places) for item in range(len(work))]
    return max(max(fastest), sum(fastest) / len(places))


def _devices(held: float, places: Sequence[Place]) -> float:
    room = 0.0
    for count, memory in enumerate(sorted((place.memory for place in places), reverse=True), 1):
        room += memory
        if room >= held:
            return float(count)
    return float(len(places))
