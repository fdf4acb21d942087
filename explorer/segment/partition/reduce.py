"""Items that no best division parts from a neighbour, put together, so that fewer sets are left to look at.

Only items that take no time, such as views. Wherever one is cut off from its neighbour, a cut on its other side sends
no more and takes no longer, so nothing is lost:

    its only source      it reads one value, which nobody else reads, and hands on no more bytes than that
                         (or hands on nothing, and reads from one item alone)
    its only reader      one item reads all that it hands on, which is no less than what it reads
    its first reader     it reads nothing and hands on nothing that costs anything
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.segment.partition.work import Handed, Held, Place, Work


@dataclass(frozen=True)
class Reduced:
    """``group[item]`` is the item of the smaller ``work`` that it belongs to, -1 for one that costs nothing at all."""

    work: Work
    places: Sequence[Place]
    group: Sequence[int]
    original: Work

    def spread(self, of: Sequence[int]) -> list[int]:
        """Segments of the original items from those of the smaller work's."""
        found = [of[group] if group >= 0 else -1 for group in self.group]
        readers: list[list[int]] = [[] for _ in found]
        for item, sources in enumerate(self.original.inputs):
            for source in sources:
                readers[source].append(item)
        for item in range(len(found) - 1, -1, -1):
            if found[item] < 0:
                found[item] = min([found[reader] for reader in readers[item]], default=0)
        return found


def reduced(work: Work, places: Sequence[Place]) -> Reduced:
    """The smaller work, with the same best divisions into segments that all take some time."""
    joined = _Joined(work, places)
    joined.to_sources()
    joined.to_readers()
    return joined.result()


class _Joined:
    """``head[item]`` leads to the item that stands for it; an item that costs nothing leads nowhere (-1)."""

    def __init__(self, work: Work, places: Sequence[Place]) -> None:
        self.work, self.places = work, places
        self.head = list(range(len(work)))
        self._holding = set[int]()
        if sum(held.bytes for held in work.held) > min(place.memory for place in places):
            self._holding = {item for held in work.held for item in held.items}
        self._readers: list[list[int]] = [[] for _ in self.head]
        self._reads: list[list[Handed]] = [[] for _ in self.head]
        self._hands: list[list[Handed]] = [[] for _ in self.head]
        for item, sources in enumerate(work.inputs):
            for source in sources:
                self._readers[source].append(item)
        for value in work.handed:
            for reader in value.readers:
                self._reads[reader].append(value)
            if value.owner >= 0:
                self._hands[value.owner].append(value)

    def to_sources(self) -> None:
        for item, inputs in enumerate(self.work.inputs):
            sources = [source for source in inputs if self.head[source] >= 0]
            reads = [value for value in self._reads[item] if value.bytes]
            hands = sum(value.bytes for value in self._hands[item])
            if not self._takes_nothing(item) or any(value.owner < 0 for value in reads):
                continue
            if not sources and not hands:
                self.head[item] = -1
            elif len(sources) == 1:
                alone = len(reads) == 1 and reads[0].readers == (item,) and hands <= reads[0].bytes
                self.head[item] = sources[0] if alone or not self._readers[item] else item

    def to_readers(self) -> None:
        """Backwards, so that a reader is settled before what it reads."""
        joined = {head for item, head in enumerate(self.head) if head not in (item, -1)}
        for item in range(len(self.head) - 1, -1, -1):
            reads = sum(value.bytes for value in self._reads[item])
            hands = sum(value.bytes for value in self._hands[item])
            stands_alone = self.head[item] == item and item not in joined
            if stands_alone and self._takes_nothing(item) and len(self._readers[item]) == 1 and reads <= hands:
                self.head[item] = self._readers[item][0]

    def result(self) -> Reduced:
        heads = [self._find(item) for item in range(len(self.head))]
        order = sorted({head for head in heads if head >= 0})
        number = {head: place for place, head in enumerate(order)}
        group = [number.get(head, -1) for head in heads]
        inputs: list[set[int]] = [set() for _ in order]
        for item, sources in enumerate(self.work.inputs):
            if group[item] >= 0:
                inputs[group[item]] |= {group[source] for source in sources} - {group[item], -1}
        handed = (_handed(value, group) for value in self.work.handed)
        smaller = Work(
            [tuple(sorted(sources)) for sources in inputs],
            [value for value in handed if value.readers],
            [Held(tuple(sorted({group[item] for item in held.items} - {-1})), held.bytes) for held in self.work.held],
        )
        return Reduced(smaller, [_place(place, group, len(order)) for place in self.places], group, self.work)

    def _takes_nothing(self, item: int) -> bool:
        return item not in self._holding and all(place.seconds[item] == 0 for place in self.places)

    def _find(self, item: int) -> int:
        while self.head[item] not in (item, -1):
            item = self.head[item]
        return self.head[item]


def _handed(value: Handed, group: Sequence[int]) -> Handed:
    owner = group[value.owner] if value.owner >= 0 else -1
    readers = {group[reader] for reader in value.readers} - {owner, -1}
    return Handed(owner, tuple(sorted(readers)), value.bytes)


def _place(place: Place, group: Sequence[int], count: int) -> Place:
    seconds = [0.0] * count
    for item, one in enumerate(group):
        if one >= 0:
            seconds[one] += place.seconds[item]
    return Place(seconds, place.memory)
