"""The order of the ports of a border, in which the wires of both its sides cross least."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from explorer.layout.level import BORDER
from explorer.layout.sheet import Sheet
from explorer.layout.tree import Group

ROUNDS = 8
"""So often at most all ports of one side are tried at every other place."""

Orders: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""The entries and the exits of a group, each in the order in which they stand."""
Leans: TypeAlias = dict[int, list[float]]
"""Per port the x from which its wires come, or to which they go."""


def wanted(group: Group, sheet: Sheet) -> Iterator[Orders]:
    """Per group within, its ports in the order of where their wires come from and go to; in the order of children."""
    for entering, leaving in _outer(group, sheet):
        yield _by_mean(entering), _by_mean(leaving)


def agreed(group: Group, sheet: Sheet, inner: Sequence[tuple[Group, Sheet]]) -> Iterator[Orders]:
    """Per group within, its ports in an order that suits what is around it and what it holds."""
    for (child, its), (entering, leaving) in zip(inner, _outer(group, sheet), strict=True):
        after, before = _inner(child, its)
        yield _fewest(its.entries, entering, after), _fewest(its.exits, leaving, before)


def _outer(group: Group, sheet: Sheet) -> list[tuple[Leans, Leans]]:
    """Per group within, where the wires into it come from and those out of it go to."""
    entering: dict[int, Leans] = defaultdict(lambda: defaultdict(list))
    leaving: dict[int, Leans] = defaultdict(lambda: defaultdict(list))
    for segment, (after, before) in zip(group.segments, sheet.leans.tolist(), strict=True):
        entering[segment.head][segment.head_port].append(before)
        leaving[segment.tail][segment.tail_port].append(after)
    inner = (place for place, child in enumerate(group.children) if isinstance(child, Group))
    return [(entering[place], leaving[place]) for place in inner]


def _inner(group: Group, sheet: Sheet) -> tuple[Leans, Leans]:
    """Where the wires from a group's entries go to, and those to its exits come from."""
    entries: Leans = defaultdict(list)
    exits: Leans = defaultdict(list)
    for segment, (after, before) in zip(group.segments, sheet.leans.tolist(), strict=True):
        if segment.tail == BORDER:
            entries[segment.tail_port].append(after)
        if segment.head == BORDER:
            exits[segment.head_port].append(before)
    return entries, exits


def _by_mean(ports: Leans) -> tuple[int, ...]:
    return tuple(sorted(ports, key=lambda port: (sum(ports[port]) / len(ports[port]), port)))


def _fewest(places: Sequence[float], *sides: Leans) -> tuple[int, ...]:
    """From the order in which ports stand, each is put where its wires cross least, until nothing is better."""
    order = sorted(range(len(places)), key=places.__getitem__)
    costs = sum((_crossed(leans, len(places)) for leans in sides), np.zeros((len(places), len(places))))
    gains = costs - costs.T
    for _ in range(ROUNDS if len(order) > 1 else 0):
        before = list(order)
        for port in before:
            order.remove(port)
            order.insert(int(np.cumsum([0.0, *-gains[port, order]]).argmin()), port)
        if order == before:
            break
    return tuple(order)


def _crossed(leans: Leans, count: int) -> NDArray[np.float64]:
    """Per pair of ports how many of their wires cross where the first is left of the second."""
    port = np.array([port for port, places in leans.items() for _ in places], dtype=np.int64)
    x = np.array([place for places in leans.values() for place in places])
    found = np.zeros((count, count))
    np.add.at(found, (port[:, None], port), x[:, None] > x)
    return found
