"""What is to be divided, as the algorithms see it: items, the values that they hand on, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.segment.cost import Costs
from explorer.segment.sizes import value_bytes
from explorer.segment.units import Units
from explorer.segment.values import values


class Handed(NamedTuple):
    """A value of ``owner`` of so many bytes, read by other items. -1 is an input: the first segment that reads it has
    it, as ``crossing`` counts; between an edge and a centre the edge has it.
    """

    owner: int
    readers: tuple[int, ...]
    bytes: float


class Held(NamedTuple):
    """So many bytes in every segment that holds one of ``items``: a weight that they read, or what one keeps."""

    items: tuple[int, ...]
    bytes: float


@dataclass(frozen=True)
class Work:
    """Items in an order in which each comes after those in its ``inputs``."""

    inputs: Sequence[tuple[int, ...]]
    handed: Sequence[Handed]
    held: Sequence[Held] = ()

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Place:
    """A device as the algorithms see it: ``seconds`` for every item, bytes of ``memory``."""

    seconds: Sequence[float]
    memory: float = float("inf")


def work_of(units: Units, costs: Costs, *, training: bool = False) -> Work:
    """The units of a graph. In ``training``, each also holds what it keeps for its backward, and weights count twice,
    once for their gradients.
    """
    return Work(
        units.inputs,
        [Handed(one.owner, one.readers, one.bytes) for one in values(units)],
        [*_weights(units, training), *(_kept(units, costs) if training else ())],
    )


def _weights(units: Units, training: bool) -> Iterable[Held]:
    graph = units.graph
    for node, op in enumerate(graph.ops):
        if op in ("parameter", "buffer", "constant"):
            items = _reading(units, node)
            times = 2 if training and op == "parameter" and graph.requires_grad[node] else 1
            if items:
                yield Held(items, times * value_bytes(graph, node))


def _reading(units: Units, node: int) -> tuple[int, ...]:
    """The units that read a leaf, be it through operations that can be had anywhere."""
    graph, found, waiting = units.graph, set[int](), [node]
    while waiting:
        for target, _ in graph.consumers[waiting.pop()]:
            if units.unit[target] >= 0:
                found.add(units.unit[target])
            else:
                waiting.append(target)
    return tuple(sorted(found))


def _kept(units: Units, costs: Costs) -> Iterable[Held]:
    """Pieces of memory that stay for a backward, where the first unit to keep each is."""
    seen = costs.rehearsal
    weights = {piece for node, op in enumerate(units.graph.ops) if op == "parameter" for piece in seen.lives[node]}
    counted = set(weights)
    for unit, members in enumerate(units.members):
        pieces = {piece for node in members for piece in seen.keeps[node]} - counted
        counted |= pieces
        if pieces:
            yield Held((unit,), sum(seen.bytes[piece] for piece in pieces))
