"""Which row an item belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.layout import dot
from explorer.layout.level import BORDER, Level


def ranks(level: Level) -> list[int]:
    """A rank per item, from 0, greater than those of all its sources; -1 for items without a wire.

    Small levels get dot's, for which the wires together are shortest.
    """
    if dot.is_small(len(level.items), len(level.segments)):
        return dot.ranks(level)
    return pulled(level)


def pulled(level: Level) -> list[int]:
    """Each item as early as it can be; what feeds one consumer only, with all before it, as late as it can be."""
    consumers: list[list[int]] = [[] for _ in level.items]
    sources: list[list[int]] = [[] for _ in level.items]
    for segment in level.segments:
        if BORDER not in (segment.tail, segment.head):
            consumers[segment.tail].append(segment.head)
            sources[segment.head].append(segment.tail)
    rank, free = [-1] * len(level.items), [False] * len(level.items)
    order = _sources_first(sources, consumers)
    for item in order:
        before = sources[item]
        if level.incoming[item] or level.outgoing[item]:
            rank[item] = max((rank[source] + 1 for source in before), default=0)
        entered = len(level.incoming[item]) > len(before)
        free[item] = not entered and all(free[s] and len(level.outgoing[s]) == 1 for s in before)
    for item in reversed(order):
        if free[item] and consumers[item]:
            rank[item] = min(rank[consumer] for consumer in consumers[item]) - 1
    return rank


def _sources_first(sources: Sequence[Sequence[int]], consumers: Sequence[Sequence[int]]) -> list[int]:
    """All items, each after its sources."""
    missing = [len(before) for before in sources]
    order = [item for item, count in enumerate(missing) if not count]
    for item in order:
        for consumer in consumers[item]:
            missing[consumer] -= 1
            if not missing[consumer]:
                order.append(consumer)
    return order
