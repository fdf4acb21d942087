"""Sets of items that may lie ahead of a cut: closed under what they need.

All of them make a search exact on the graph; the beginnings of one order make it exact for that order alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

import numpy as np
from numpy.typing import NDArray

from explorer.segment.partition.work import Work


@dataclass(frozen=True)
class Family:
    """``sets`` as bits, from the empty one to the whole, smaller ones first. ``nested``: each holds all before it."""

    items: int
    sets: Sequence[int]
    nested: bool

    def __len__(self) -> int:
        return len(self.sets)

    @cached_property
    def members(self) -> NDArray[np.bool_]:
        """Row per set, column per item."""
        width = (self.items + 7) // 8
        raw = b"".join(one.to_bytes(width, "little") for one in self.sets)
        bits = np.frombuffer(raw, np.uint8).reshape(len(self.sets), width)
        return np.unpackbits(bits, axis=1, bitorder="little", count=self.items).astype(bool)

    @cached_property
    def below(self) -> NDArray[np.bool_]:
        """``below[j, i]``: set j is a part of set i, and smaller."""
        if self.nested:
            return np.triu(np.ones((len(self), len(self)), bool), 1)
        sizes = self.members.sum(1)
        members = self.members.astype(np.float32)
        shared: NDArray[np.float32] = members @ members.T
        below: NDArray[np.bool_] = (shared == sizes[:, None]) & (sizes[:, None] < sizes[None, :])
        return below

    def total(self, weights: Sequence[float]) -> NDArray[np.float64]:
        """Per set the sum of its items' weights."""
        return np.asarray(self.members @ np.asarray(weights, np.float64))

    def crossing(self, work: Work) -> NDArray[np.float64]:
        """Per set the bytes of all values that are there, and are read outside; an input is there where it is read."""
        found = np.zeros(len(self))
        for value in work.handed:
            read = self.members[:, list(value.readers)]
            there = self.members[:, value.owner] if value.owner >= 0 else read.any(1)
            found += np.where(there & ~read.all(1), value.bytes, 0.0)
        return found


def beginnings(work: Work) -> Family:
    """The first items of the order, however many."""
    return Family(len(work), [(1 << count) - 1 for count in range(len(work) + 1)], nested=True)


def some_sets(work: Work, most: int) -> Family:
    """The beginnings of the order; and where that makes no more than ``most``, for every item also the least that can
    be ahead of a cut with it, and the most that can be ahead of one without it.
    """
    first = beginnings(work)
    if 3 * len(work) > most:
        return first
    every, least, more = first.sets[-1], list[int](), [0] * len(work)
    for item, sources in enumerate(work.inputs):
        least.append(reduce(or_, (least[source] for source in sources), 1 << item))
    for item in range(len(work) - 1, -1, -1):
        more[item] |= 1 << item
        for source in work.inputs[item]:
            more[source] |= more[item]
    found = {*first.sets, *least, *(every & ~one for one in more)}
    return Family(len(work), sorted(found, key=lambda one: (one.bit_count(), one)), nested=False)


def closed_sets(work: Work, most: int) -> Family | None:
    """All of them; None where there are more than ``most``."""
    needs = [sum(1 << source for source in sources) for sources in work.inputs]
    readers: list[list[int]] = [[] for _ in needs]
    for item, sources in enumerate(work.inputs):
        for source in sources:
            readers[source].append(item)
    layer, found = {0: [item for item, need in enumerate(needs) if not need]}, [0]
    while layer:
        larger: dict[int, list[int]] = {}
        for one, ready in layer.items():
            for item in ready:
                with_it = one | 1 << item
                if with_it not in larger:
                    freed = [reader for reader in readers[item] if needs[reader] & ~with_it == 0]
                    larger[with_it] = [other for other in ready if other != item] + freed
        found += sorted(larger)
        if len(found) > most:
            return None
        layer = larger
    return Family(len(work), found, nested=False)
