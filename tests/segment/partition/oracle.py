"""All divisions of small work, priced by the definitions: a row a division, so that a thousand graphs take seconds."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from explorer.segment.devices import Link
from explorer.segment.partition.work import Handed, Held, Place, Work
from tests.segment.graphs import random_inputs

MOST = 10
"""Operations of a random graph."""

Divisions = NDArray[np.int8]
"""A row a division, a column an item: the item's segment."""
Numbers = NDArray[np.float64]
"""A number a division."""


def divisions(inputs: Sequence[Sequence[int]], parts: int) -> Divisions:
    """Every assignment to so many segments under which nothing flows back; an item at a time is tried everywhere."""
    of = np.zeros((1, 0), np.int8)
    for sources in inputs:
        longer = [np.column_stack([of, np.full(len(of), part, np.int8)]) for part in range(parts)]
        of = np.concatenate(longer)
        of = of[(of[:, list(sources)] <= of[:, -1:]).all(1)]
    return of


def busy(of: Divisions, place: Place, segment: int) -> Numbers:
    """Seconds that a segment takes on a device; infinite where the device cannot compute one of its items."""
    forbidden = np.isinf(place.seconds)
    mine = of == segment
    seconds = mine @ np.where(forbidden, 0.0, place.seconds)
    return np.asarray(np.where(mine[:, forbidden].any(1), np.inf, seconds))


def sent(work: Work, of: Divisions, cut: int, *, given_to_the_first: bool = False) -> Numbers:
    """Bytes over the link behind segment ``cut``; inputs begin where they are read first, or in the first segment."""
    total = np.zeros(len(of))
    for owner, readers, size in work.handed:
        read = of[:, list(readers)]
        there = of[:, owner] <= cut if owner >= 0 else given_to_the_first | (read <= cut).any(1)
        total += size * (there & (read > cut).any(1))
    return total


def held(work: Work, of: Divisions, segment: int) -> Numbers:
    total = np.zeros(len(of))
    for items, size in work.held:
        total += size * (of[:, list(items)] == segment).any(1)
    return total


def over(links: Sequence[Link], cut: int, bytes: Numbers) -> Numbers:
    """Seconds on a link: nothing where nothing is sent."""
    return np.asarray(np.where(bytes > 0, links[cut].latency + bytes / links[cut].bandwidth, 0.0))


def prices(work: Work, of: Divisions, places: Sequence[Place], links: Sequence[Link], objective: str) -> Numbers:
    """What each division is worth; infinite where a device does nothing, or has too little memory."""
    times = np.array([busy(of, place, k) for k, place in enumerate(places)])
    shares = np.array([held(work, of, k) / place.memory for k, place in enumerate(places)]).max(0)
    bytes = [sent(work, of, cut) for cut in range(len(places) - 1)]
    if objective == "traffic":
        worth = np.sum([np.zeros(len(of)), *bytes], axis=0)
    elif objective == "memory":
        worth = shares
    else:
        worth = np.max([*times, *(over(links, cut, size) for cut, size in enumerate(bytes))], axis=0)
    impossible = (times.min(0) <= 0) | ((shares > 1) if objective != "memory" else False)
    return np.asarray(np.where(impossible, np.inf, worth))


def price(work: Work, of: Sequence[int], places: Sequence[Place], links: Sequence[Link], objective: str) -> float:
    """The same of one division."""
    return float(prices(work, np.array([of], np.int8), places, links, objective)[0])


def random_work(random: Random, most: int = MOST) -> Work:
    """Several readers and several values an item, inputs, weights of one item or two; whole numbers, so ties too."""
    inputs = random_inputs(random, most)
    count = len(inputs)
    readers = [[v for v, sources in enumerate(inputs) if item in sources] for item in range(count)]
    handed = [Handed(item, tuple(readers[item]), float(random.randint(0, 9))) for item in range(count) if readers[item]]
    handed += [
        Handed(item, tuple(random.sample(readers[item], 1)), float(random.randint(0, 9)))
        for item in range(count)
        if readers[item] and random.random() < 0.3
    ]
    first = sorted(random.sample(range(count), random.randint(1, min(2, count))))
    handed.append(Handed(-1, tuple(first), float(random.randint(0, 9))))
    weights = [Held((item,), float(random.randint(0, 9))) for item in range(count)]
    if count > 1:
        weights.append(Held(tuple(sorted(random.sample(range(count), 2))), float(random.randint(1, 9))))
    return Work([tuple(sources) for sources in inputs], handed, weights)


def random_places(random: Random, work: Work, count: int, memory: bool, idle: float = 0.35) -> list[Place]:
    """Devices of different speed, on which about a third of the items take no time."""
    nothing = [random.random() < idle for _ in work.inputs]
    total = sum(one.bytes for one in work.held)
    return [
        Place(
            [0.0 if nothing[item] else float(random.randint(1, 9)) for item in range(len(work))],
            random.randint(1, max(1, int(total))) if memory else float("inf"),
        )
        for _ in range(count)
    ]


def random_links(random: Random, count: int) -> list[Link]:
    return [Link("l", random.choice((0.5, 1.0, 2.0)), latency=random.choice((0.0, 1.0))) for _ in range(count)]
