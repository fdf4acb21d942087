"""All divisions of small work, priced by the definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

from explorer.segment.devices import Link
from explorer.segment.partition.work import Handed, Held, Place, Work
from tests.segment.graphs import random_inputs


def divisions(work: Work, parts: int) -> Iterator[tuple[int, ...]]:
    """Every assignment to so many segments under which nothing flows back."""
    for of in product(range(parts), repeat=len(work)):
        if all(of[source] <= of[item] for item, sources in enumerate(work.inputs) for source in sources):
            yield of


def sent(work: Work, of: Sequence[int], cut: int) -> float:
    """Bytes over the link behind segment ``cut``."""
    return sum(
        value.bytes
        for value in work.handed
        if (value.owner < 0 or of[value.owner] <= cut) and any(of[reader] > cut for reader in value.readers)
    )


def held(work: Work, of: Sequence[int], segment: int) -> float:
    return sum(one.bytes for one in work.held if any(of[item] == segment for item in one.items))


def price(work: Work, of: Sequence[int], places: Sequence[Place], links: Sequence[Link], objective: str) -> float:
    """What a division is worth; infinite where a device does nothing, or has too little memory."""
    segments = range(len(places))
    busy = [sum(place.seconds[item] for item in range(len(work)) if of[item] == k) for k, place in enumerate(places)]
    shares = [held(work, of, k) / places[k].memory for k in segments]
    if min(busy) <= 0 or (objective != "memory" and max(shares) > 1):
        return float("inf")
    over = [sent(work, of, cut) for cut in segments[:-1]]
    if objective == "traffic":
        return sum(over)
    return max(shares) if objective == "memory" else max([*busy, *(links[k].seconds(b) for k, b in enumerate(over))])


def random_work(random: Random, most: int) -> Work:
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


def random_places(random: Random, work: Work, count: int, memory: bool) -> list[Place]:
    """Devices of different speed, on which about a third of the items take no time."""
    idle = [random.random() < 0.35 for _ in work.inputs]
    total = sum(one.bytes for one in work.held)
    return [
        Place(
            [0.0 if idle[item] else float(random.randint(1, 9)) for item in range(len(work))],
            random.randint(1, max(1, int(total))) if memory else float("inf"),
        )
        for _ in range(count)
    ]


def random_links(random: Random, count: int) -> list[Link]:
    return [Link("l", random.choice((0.5, 1.0, 2.0)), latency=random.choice((0.0, 1.0))) for _ in range(count)]
