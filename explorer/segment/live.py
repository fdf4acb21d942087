"""What a browser needs to say, while a cut is dragged, what crosses it and what each side holds.

Plain columns over the items that are drawn. A side is a set of items; what is worked out from these is what
``preview`` says of the same cut.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod

from explorer.graph import LEAVES
from explorer.segment.cost import Costs
from explorer.segment.items import Items
from explorer.segment.profile import Profile, levels_crossed
from explorer.segment.sizes import value_bytes


@dataclass(frozen=True, slots=True)
class Passing:
    """The value of ``node``, which ``owner`` makes and other items read. An input is where it is read first.

    ``is_sent`` unless everyone who reads it is given it, as inputs may be.
    """

    node: int
    owner: int
    readers: tuple[int, ...]
    bytes: int
    is_sent: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What every side that reads it holds for itself: a weight, a buffer, a constant; or computes, as a mask.

    ``numbers`` counts those of parameters alone. Without ``readers`` it is in the first segment.
    """

    node: int
    readers: tuple[int, ...]
    numbers: int
    bytes: int
    flops: float


@dataclass(frozen=True)
class Live:
    """``flops`` by item."""

    items: Items
    flops: Sequence[float]
    passing: Sequence[Passing]
    held: Sequence[Held]

    def profile(self) -> Profile:
        """Bytes that would cross at every place along the flow."""
        at = self.items.at
        spans = [
            (at[one.owner], max(at[reader] for reader in one.readers), one.bytes) for one in self.passing if one.is_sent
        ]
        return levels_crossed([place for place, units in zip(at, self.items.units, strict=True) if units], spans)


def live(items: Items, known: Costs, choices: Mapping[int, str] | None = None) -> Live:
    """The columns for a graph as it is drawn; ``choices`` as ``crossing.crossings`` takes them."""
    chosen = choices or {}
    flops = [0.0] * len(items)
    for node, item in enumerate(items.of_node):
        if item >= 0:
            flops[item] += known.flops[node]
    return Live(items, flops, _passing(items, chosen), _held(items, known, chosen))


def _passing(items: Items, chosen: Mapping[int, str]) -> list[Passing]:
    graph, found = items.taken.graph, []
    for node, op in enumerate(graph.ops):
        owner = items.of_node[node]
        if owner < 0 and op != "input" and chosen.get(node) != "sent":
            continue
        readers = {items.of_node[target] for target, _ in graph.consumers[node]} - {owner, -1}
        if owner < 0 and readers:
            owner = min(readers, key=items.at.__getitem__)
            readers.discard(owner)
        if readers or (op == "input" and owner >= 0):
            is_sent = chosen.get(node) != "given" and bool(readers)
            found.append(Passing(node, owner, tuple(sorted(readers)), value_bytes(graph, node), is_sent))
    return found


def _held(items: Items, known: Costs, chosen: Mapping[int, str]) -> list[Held]:
    graph, found = items.taken.graph, []
    read_by: list[Collection[int]] = [()] * len(graph)
    for node in range(len(graph) - 1, -1, -1):
        if items.of_node[node] >= 0 or graph.ops[node] == "input":
            continue
        readers = set[int]()
        for target, _ in graph.consumers[node]:
            readers |= {items.of_node[target]} if items.of_node[target] >= 0 else set(read_by[target])
        if chosen.get(node) == "sent" and readers:
            readers = {min(readers, key=items.at.__getitem__)}
        read_by[node] = readers
        is_leaf = graph.ops[node] in LEAVES
        numbers = prod(graph.shapes[node]) if graph.ops[node] == "parameter" else 0
        size = value_bytes(graph, node) if is_leaf else 0
        found.append(Held(node, tuple(sorted(readers)), numbers, size, known.flops[node]))
    return found


@dataclass(frozen=True)
class Table:
    """Rows of several numbers each: row i is ``entries[starts[i]:starts[i + 1]]``."""

    starts: Sequence[int]
    entries: Sequence[int]


def table(rows: Sequence[Sequence[int]]) -> Table:
    return Table([0, *accumulate(map(len, rows))], [entry for row in rows for entry in row])


@dataclass(frozen=True)
class Moments:
    """The operations in execution order, to find the most activations at once of any side.

    Each is in an ``item`` or, with -1, everywhere where one of the items in ``copies`` is; it ``touches`` pieces of
    memory that are not of weights. ``sizes`` in bytes. ``lives`` has the pieces of each passing value, ``results``
    pairs of item and piece that must stay to the end.
    """

    item: Sequence[int]
    copies: Table
    touches: Table
    sizes: Sequence[int]
    lives: Table
    results: Sequence[tuple[int, int]]


def moments(shown: Live, known: Costs) -> Moments:
    """What ``memory.memory`` counts with, by item."""
    items, seen = shown.items, known.rehearsal
    graph = items.taken.graph
    operations = [node for node, op in enumerate(graph.ops) if op not in LEAVES]
    weights = {p for n, op in enumerate(graph.ops) if op in LEAVES and op != "input" for p in seen.lives[n]}
    readers = {one.node: one.readers for one in shown.held}
    touched = [
        dict.fromkeys([*(p for source in graph.inputs[node] for p in seen.lives[source]), *seen.made[node]])
        for node in operations
    ]
    return Moments(
        [items.of_node[node] for node in operations],
        table([readers.get(node, ()) for node in operations]),
        table([[piece for piece in pieces if piece not in weights] for pieces in touched]),
        seen.bytes,
        table([seen.lives[one.node] for one in shown.passing]),
        [(items.of_node[node], piece) for node in graph.outputs for piece in seen.lives[node]],
    )
