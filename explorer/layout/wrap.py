"""Many sources of one consumer stand in several rows: in one they would be too broad to read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import isqrt

from explorer.layout.level import Level

WIDEST = 12
"""So many of them stand in one row."""
MOST_PASSES = 2000
"""The wires of the upper rows pass the lower ones: no more often than this, all together."""


def wrap(level: Level, ranks: Sequence[int]) -> tuple[list[int], frozenset[int]]:
    """The ranks with a few more among them, on which such sources are spread, and which items those are.

    They stand column by column, in the order of the ports that they lead to, and their wires run down beside each
    column. As they have no sources themselves, what is before any cut still has all its predecessors before it.
    """
    found, spread = list(ranks), set[int]()
    for sources in _crowds(level, ranks):
        rows = _rows(level, sources)
        rank = found[sources[0]]
        found = [each + rows - 1 if each >= rank else each for each in found]
        for place, item in enumerate(sources):
            found[item] = rank + place % rows
        spread.update(sources)
    return found, frozenset(spread)


def _crowds(level: Level, ranks: Sequence[int]) -> Iterator[list[int]]:
    """The sources of one rank that lead to one consumer only, or to the border, in the order of its ports."""
    together: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for item, rank in enumerate(ranks):
        if len(level.outgoing[item]) == 1 and not level.incoming[item]:
            segment = level.segments[level.outgoing[item][0]]
            together[segment.head, rank].append((segment.head_port, item))
    for ports in together.values():
        if len(ports) > WIDEST:
            yield [item for _, item in sorted(ports)]


def _rows(level: Level, sources: Sequence[int]) -> int:
    """As many as make all of them together about as broad as deep."""
    count, first = len(sources), level.items[sources[0]]
    square = isqrt(int(count * (first.breadth + level.spacing.item) / (first.depth + level.spacing.row)))
    return max(2, min(square, MOST_PASSES * 2 // count))
