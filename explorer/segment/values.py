"""Which tensors there are to hand over: results of units that others read, and inputs."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.segment.sizes import value_bytes
from explorer.segment.units import Units


@dataclass(frozen=True, slots=True)
class Value:
    """The value of ``node``: made by the unit ``owner`` (-1: an input of the graph), read by other units."""

    node: int
    owner: int
    readers: tuple[int, ...]
    bytes: int


def values(units: Units) -> list[Value]:
    """Every value that one unit makes and others read, and every input that one reads, in execution order."""
    graph, found = units.graph, []
    for node, op in enumerate(graph.ops):
        owner = units.unit[node]
        if owner < 0 and op != "input":
            continue
        readers = units.of(target for target, _ in graph.consumers[node]) - {owner}
        if readers:
            found.append(Value(node, owner, tuple(sorted(readers)), value_bytes(graph, node)))
    return found
