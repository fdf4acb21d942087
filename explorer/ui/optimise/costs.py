"""What an operation is taken to cost: as much as any other, or its arithmetic."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from explorer.graph import LEAVES, Graph
from explorer.segment.flops import flops as counted
from explorer.segment.rehearsal import Rehearsal, rehearse

Unit = Literal["operations", "arithmetic"]
UNITS: tuple[Unit, ...] = ("operations", "arithmetic")
SHORT = {"operations": "op", "arithmetic": "FLOP"}


def costs_of(graph: Graph, unit: Unit) -> dict[int, float] | None:
    """Per node; None where every operation counts 1."""
    return dict(enumerate(flops(graph))) if unit == "arithmetic" else None


def flops(graph: Graph) -> tuple[float, ...]:
    """Floating-point operations of each node's forward."""
    return _flops(_Same(graph))


def pieces(graph: Graph) -> Rehearsal:
    """The pieces of memory that the nodes of any graph make, share and keep."""
    return _pieces(_Same(graph))


class _Same:
    """A graph as a key: the very same, not one that is equal."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __hash__(self) -> int:
        return id(self.graph)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.graph is self.graph


@lru_cache(maxsize=4)
def _flops(key: _Same) -> tuple[float, ...]:
    graph = key.graph
    return tuple(
        0.0 if op in LEAVES else counted(op, [graph.shapes[s] for s in ports], graph.shapes[i], graph.attrs.get(i, {}))
        for i, (op, ports) in enumerate(zip(graph.ops, graph.inputs, strict=True))
    )


@lru_cache(maxsize=2)
def _pieces(key: _Same) -> Rehearsal:
    return rehearse(key.graph)
