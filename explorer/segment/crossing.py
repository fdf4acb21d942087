"""What crosses a cut, and how: sent over the link, held on both sides, or computed on both sides.

an activation      sent, once to every segment that reads it
an input           sent; or handed to every segment that reads it, where the caller can reach them all
a weight           replicated: each segment holds a copy, and their gradients are added; or sent
a buffer, a literal   replicated
a mask, a table    recomputed where it is read, as it needs no input and no weight; or sent
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.errors import SegmentError
from explorer.graph import LEAVES, Graph
from explorer.segment.cut import Segmentation, letter
from explorer.segment.sizes import value_bytes

_WAYS = {
    "input": ("sent", "given"),
    "parameter": ("replicated", "sent"),
    "buffer": ("replicated", "sent"),
    "constant": ("replicated", "sent"),
}
_REASONS = {
    "input": "an input that later segments read as well",
    "parameter": "one weight, read in several segments: each keeps a copy, and their gradients are added",
    "buffer": "a buffer, read in several segments: each keeps a copy",
    "constant": "a constant, read in several segments: each keeps a copy",
}


@dataclass(frozen=True, slots=True)
class Crossing:
    """The value of ``node``, which ``source`` has and ``targets`` read.

    ``way`` is how they come by it, one of ``ways``; ``bytes`` is the value's size; ``copies`` are the operations
    that every target runs again where it is recomputed.
    """

    node: int
    source: int
    targets: tuple[int, ...]
    bytes: int
    way: str
    ways: tuple[str, ...]
    why: str
    copies: tuple[int, ...] = ()

    @property
    def traffic(self) -> int:
        """Bytes that travel in all, once to every segment that reads it: 0 unless it is sent."""
        return self.bytes * len(self.targets) if self.way == "sent" else 0


def crossings(of: Segmentation, choices: Mapping[int, str] | None = None) -> list[Crossing]:
    """Everything that is read in a later segment than its own, in execution order.

    ``choices`` by node pick another of its ways. Raises SegmentError for a way that it does not have.
    """
    graph, found = of.graph, []
    for node, segment in enumerate(of.of):
        targets = {of.of[target] for target, _ in graph.consumers[node]} - {segment}
        if targets:
            found.append(_crossing(of, node, tuple(sorted(targets)), (choices or {}).get(node)))
    return found


def link_bytes(of: Segmentation, crossing: Sequence[Crossing]) -> list[int]:
    """Per cut the bytes over the link between its two segments, where each hands on what later ones read."""
    totals = [0] * (of.parts - 1)
    for one in crossing:
        if one.way == "sent":
            for cut in range(one.source, one.targets[-1]):
                totals[cut] += one.bytes
    return totals


def contents(of: Segmentation, crossing: Sequence[Crossing]) -> list[list[int]]:
    """Per segment the nodes whose values it has of its own: placed in it, recomputed in it, and leaves read by those.

    What is sent to it is not among them, an input that it is given is.
    """
    graph, sent = of.graph, [set[int]() for _ in range(of.parts)]
    found = [{node for node in members if graph.ops[node] not in LEAVES} for members in of.members]
    for one in crossing:
        for target in one.targets:
            found[target].update(one.copies)
            if one.way == "sent":
                sent[target].add(one.node)
    for segment, members in enumerate(of.members):
        leaves = {source for node in found[segment] for source in graph.inputs[node] if graph.ops[source] in LEAVES}
        found[segment] |= (leaves - sent[segment]) | {node for node in members if graph.ops[node] in LEAVES}
    return [sorted(nodes) for nodes in found]


def _crossing(of: Segmentation, node: int, targets: tuple[int, ...], choice: str | None) -> Crossing:
    graph = of.graph
    ways, why, copies = _how(of, node)
    way = choice or ways[0]
    if way not in ways:
        options = " or ".join(ways)
        raise SegmentError(f"{graph.ids[node]!r} cannot be {way} across a cut. It is {options}.")
    size = value_bytes(graph, node)
    return Crossing(node, of.of[node], targets, size, way, ways, why, copies if way == "recomputed" else ())


def _how(of: Segmentation, node: int) -> tuple[tuple[str, ...], str, tuple[int, ...]]:
    """The ways that a value can cross in, the usual one first; why; and what runs again to recompute it."""
    kind = of.graph.kind(node)
    if kind != "op":
        return _WAYS[kind], _REASONS[kind], ()
    if of.units.unit[node] < 0:
        why = "needs no input and no weight: every segment can compute it"
        return ("recomputed", "sent"), why, _needed(of.graph, node)
    return ("sent",), f"computed in {letter(of.of[node])}", ()


def _needed(graph: Graph, node: int) -> tuple[int, ...]:
    """The operations that compute a node from leaves alone, in execution order."""
    found, waiting = {node}, [node]
    while waiting:
        for source in graph.inputs[waiting.pop()]:
            if source not in found and graph.ops[source] not in LEAVES:
                found.add(source)
                waiting.append(source)
    return tuple(sorted(found))
