"""What can be placed: operations, those that must stay together as one unit. What can be had anywhere follows.

             mask ─────────┐            mask needs no input and no weight: anywhere
x ── split ──┬─ getitem ── add ──       split and its getitems: one unit, a list lies between them
             └─ getitem ───┘
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from explorer.errors import SegmentError
from explorer.graph import LEAVES, Graph

_RANDOM = frozenset({
    "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "bernoulli",
    "dropout", "native_dropout", "feature_dropout", "alpha_dropout", "normal", "uniform",
    "multinomial", "exponential", "geometric", "cauchy", "log_normal", "random", "poisson",
})  # fmt: skip
"""Operations that give other numbers when they run again."""


def anywhere(graph: Graph) -> list[bool]:
    """Per node whether its value can be had in any segment: leaves, and what needs neither an input nor a weight.

    Masks, position numbers and rotary tables are of this kind; a random number is not.
    """
    known: list[bool] = []
    for node, ports in enumerate(graph.inputs):
        repeatable = graph.ops[node] not in _RANDOM and all(
            known[source] and graph.ops[source] not in ("input", "parameter") for source in ports
        )
        known.append(graph.ops[node] in LEAVES or repeatable)
    return known


@dataclass(frozen=True)
class Units:
    """``members[unit]`` are its nodes; ``inputs[unit]`` the earlier units that it reads, each once.

    ``unit[node]`` is -1 for a node that can be had anywhere, and for one of the ``loss``, which comes after the model
    and is in the last segment.
    """

    graph: Graph
    members: Sequence[tuple[int, ...]]
    inputs: Sequence[tuple[int, ...]]
    unit: Sequence[int]
    loss: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def readers(self) -> Sequence[Sequence[int]]:
        """Per unit those that read a value of it."""
        found: list[list[int]] = [[] for _ in self.members]
        for target, sources in enumerate(self.inputs):
            for source in sources:
                found[source].append(target)
        return found

    def of(self, nodes: Iterable[int]) -> set[int]:
        """The units of those nodes that are in one."""
        return {self.unit[node] for node in nodes if self.unit[node] >= 0}

    def nodes(self, units: Iterable[int]) -> set[int]:
        return {node for unit in units for node in self.members[unit]}

    def needed(self, units: Iterable[int]) -> set[int]:
        """The units themselves and all that they are computed from."""
        return _closure(units, self.inputs.__getitem__)

    def dependent(self, units: Iterable[int]) -> set[int]:
        """The units themselves and all that is computed from them."""
        return _closure(units, self.readers.__getitem__)

    def spread(self, of: Sequence[int]) -> tuple[int, ...]:
        """Segments per node from segments per unit: what can be had anywhere is where it is read first."""
        placed = [of[unit] if unit >= 0 else -1 for unit in self.unit]
        for node in self.loss:
            placed[node] = max(of)
        for node in range(len(placed) - 1, -1, -1):
            if placed[node] < 0:
                placed[node] = min([placed[target] for target, _ in self.graph.consumers[node]], default=0)
        return tuple(placed)


def units(graph: Graph) -> Units:
    """The units of a graph, in an order in which each comes after those that it reads."""
    free, loss = anywhere(graph), _loss(graph)
    first = [-1] * len(graph)
    for node, ports in enumerate(graph.inputs):
        if not free[node] and node not in loss:
            stays = graph.ops[node] == "getitem" and ports and not free[ports[0]]
            first[node] = first[ports[0]] if stays else node
    groups: dict[int, list[int]] = {}
    for node, head in enumerate(first):
        if head >= 0:
            groups.setdefault(head, []).append(node)
    reads = {
        head: {first[source] for node in members for source in graph.inputs[node]} - {head, -1}
        for head, members in groups.items()
    }
    order = _order(reads)
    place = {head: unit for unit, head in enumerate(order)}
    return Units(
        graph,
        [tuple(groups[head]) for head in order],
        [tuple(sorted(place[source] for source in reads[head])) for head in order],
        [place.get(head, -1) for head in first],
        loss,
    )


def _loss(graph: Graph) -> frozenset[int]:
    """What a trace put behind a model to differentiate it."""
    scope = ("loss",)
    if graph.modules.get(scope) != "loss":
        return frozenset()
    return frozenset(node for node, path in enumerate(graph.scopes) if path[:1] == scope)


def _order(reads: dict[int, set[int]]) -> list[int]:
    """Kahn's algorithm; of those whose sources are there, the first in execution order comes first."""
    waiting = {head: len(sources) for head, sources in reads.items()}
    readers: dict[int, list[int]] = {head: [] for head in reads}
    for head, sources in reads.items():
        for source in sources:
            readers[source].append(head)
    ready = [head for head, count in waiting.items() if not count]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        order.append(heapq.heappop(ready))
        for reader in readers[order[-1]]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, reader)
    if len(order) < len(reads):
        raise SegmentError("Operations that must stay together need each other's results; the graph cannot be divided.")
    return order


def _closure(starts: Iterable[int], following: Callable[[int], Sequence[int]]) -> set[int]:
    found = set(starts)
    waiting = list(found)
    while waiting:
        for unit in following(waiting.pop()):
            if unit not in found:
                found.add(unit)
                waiting.append(unit)
    return found
