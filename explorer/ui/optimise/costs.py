"""What an operation is taken to cost: as much as any other, or its arithmetic."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from explorer.graph import Graph
from explorer.segment.cost import costs
from explorer.segment.rehearsal import Rehearsal

Unit = Literal["operations", "arithmetic"]
UNITS: tuple[Unit, ...] = ("operations", "arithmetic")
SHORT = {"operations": "op", "arithmetic": "FLOP"}


def costs_of(graph: Graph, unit: Unit) -> dict[int, float] | None:
    """Per node; None where every operation counts 1."""
    return dict(enumerate(flops(graph))) if unit == "arithmetic" else None


def flops(graph: Graph) -> tuple[float, ...]:
    """Floating-point operations of each node's forward."""
    return _costs(_Same(graph))[0]


def pieces(graph: Graph) -> Rehearsal:
    """The pieces of memory that the nodes of any graph make, share and keep."""
    return _costs(_Same(graph))[1]


class _Same:
    """A graph as a key: the very same, not one that is equal."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __hash__(self) -> int:
        return id(self.graph)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.graph is self.graph


@lru_cache(maxsize=4)
def _costs(key: _Same) -> tuple[tuple[float, ...], Rehearsal]:
    found = costs(key.graph)
    return tuple(found.flops), found.rehearsal
