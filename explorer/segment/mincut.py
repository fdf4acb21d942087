"""The cheapest way to divide a graph in two, where nothing flows back: a minimum cut.

Picard 1976 (closures as cuts); Hu et al. 2019 (DADS), section IV, for a value that is paid once however many read it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import networkx as nx

from explorer.errors import SegmentError

_SOURCE, _SINK = "s", "t"
_PRECISION = 2.0**52
"""Costs become whole numbers below this one, which a maximum flow handles exactly."""


class Paid(NamedTuple):
    """A value of ``owner`` that costs ``cost`` once where any of its ``readers`` is on the other side."""

    owner: int
    readers: Sequence[int]
    cost: float


def cheapest_cut(
    inputs: Sequence[Sequence[int]], before: Sequence[float], after: Sequence[float], values: Iterable[Paid]
) -> set[int]:
    """The nodes before the cut, closed under ``inputs``, at the smallest sum of

    ``before[v]`` for every node before the cut, ``after[v]`` for every node after it, and the cost of every value
    whose owner is before it and one of whose readers is not. An infinite cost forbids a place; none is negative.
    Raises SegmentError where no place is left for some node.
    """
    values = list(values)
    costs = (*before, *after, *(value.cost for value in values))
    largest = max((cost for cost in costs if math.isfinite(cost)), default=0.0)
    scale = _PRECISION / largest if largest > 0 else 1.0
    net = nx.DiGraph()
    net.add_nodes_from((_SOURCE, _SINK))
    for node, (here, there) in enumerate(zip(before, after, strict=True)):
        _arc(net, _SOURCE, node, there * scale)
        _arc(net, node, _SINK, here * scale)
        for source in inputs[node]:
            _arc(net, node, source, math.inf)
    for number, value in enumerate(values):
        _pay_once(net, -1 - number, value, scale)
    try:
        _, (reachable, _) = nx.minimum_cut(net, _SOURCE, _SINK)
    except nx.NetworkXUnbounded:
        raise SegmentError("No cut is allowed: an operation is kept from both sides.") from None
    return {node for node in reachable if isinstance(node, int) and node >= 0}


def _pay_once(net: nx.DiGraph, toll: int, value: Paid, scale: float) -> None:
    """An edge to the only reader; or, for several, one to a node of its own and free ones from there."""
    readers = list(dict.fromkeys(value.readers))
    if len(readers) == 1:
        _arc(net, value.owner, readers[0], value.cost * scale)
    elif readers:
        _arc(net, value.owner, toll, value.cost * scale)
        for reader in readers:
            _arc(net, toll, reader, math.inf)


def _arc(net: nx.DiGraph, source: object, target: object, capacity: float) -> None:
    """Parallel arcs add up; networkx takes an arc without a capacity for an infinite one."""
    if math.isinf(capacity):
        net.add_edge(source, target)
        net[source][target].pop("capacity", None)
    elif capacity > 0:
        held = net.get_edge_data(source, target, {"capacity": 0})
        if "capacity" in held:
            net.add_edge(source, target, capacity=held["capacity"] + max(1, round(capacity)))
