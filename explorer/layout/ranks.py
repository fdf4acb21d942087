"""Which row an item belongs to."""

from __future__ import annotations

from explorer.layout import dot
from explorer.layout.cache import Cache
from explorer.layout.level import BORDER, Level

_RANKS: Cache[list[int]] = Cache(bound=400_000)


def ranks(level: Level) -> list[int]:
    """A rank per item, from 0, greater than those of all its sources; -1 for items without a wire.

    Small levels get dot's, for which the wires together are shortest. However large the items are, the same wires
    give the same ranks.
    """
    key = len(level.items), level.entries, level.exits, level.segments
    found = _RANKS.get(key)
    if found is None:
        small = dot.is_small(len(level.items) + level.entries + level.exits, len(level.segments))
        found = dot.ranks(level) if small else pulled(level)
        _RANKS.put(key, found, weight=len(level.items) + len(level.segments))
    return found


def pulled(level: Level) -> list[int]:
    """Each item as early as it can be; what feeds one consumer only, with all before it, as late as it can be."""
    rank, free = [-1] * len(level.items), [False] * len(level.items)
    for item in level.sources_first:
        before = [level.segments[number].tail for number in level.incoming[item]]
        if before or level.outgoing[item]:
            rank[item] = max((rank[source] + 1 for source in before if source != BORDER), default=0)
        free[item] = all(source != BORDER and free[source] and len(level.outgoing[source]) == 1 for source in before)
    for item in reversed(level.sources_first):
        after = [level.segments[number].head for number in level.outgoing[item]]
        if free[item] and after and BORDER not in after:
            rank[item] = min(rank[consumer] for consumer in after) - 1
    return rank
