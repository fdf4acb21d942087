"""A segmentation: every node in one of several ordered segments, and nothing that flows back.

      tokens ── embed ──┬── norm ── linear ── add ── ...
       A         A      │    A        B        B
                        └──────────────────────┘

segment(source) <= segment(target) on every edge. What can be had anywhere (weights, inputs, masks) is in the segment
of its first reader, and a getitem stays with the operation whose results it takes apart: see ``units``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from explorer.errors import SegmentError
from explorer.graph import Edge, Graph
from explorer.segment.units import Units, units

MOST = 17
"""Segments at most: sixteen cuts."""


@dataclass(frozen=True)
class Segmentation:
    """``of[node]`` is the segment of a node, from 0 along the flow; every segment holds a unit."""

    units: Units
    of: tuple[int, ...]

    @property
    def graph(self) -> Graph:
        return self.units.graph

    @property
    def parts(self) -> int:
        return max(self.of) + 1

    @cached_property
    def members(self) -> Sequence[Sequence[int]]:
        """Per segment its nodes, in execution order."""
        found: list[list[int]] = [[] for _ in range(self.parts)]
        for node, segment in enumerate(self.of):
            found[segment].append(node)
        return found

    @cached_property
    def of_units(self) -> Sequence[int]:
        """The segment of every unit."""
        return [self.of[members[0]] for members in self.units.members]

    def before(self, cut: int) -> set[int]:
        """The units before a cut; cuts count from 0, and cut 0 is between segments A and B."""
        return {unit for unit, segment in enumerate(self.of_units) if segment <= cut}


def letter(segment: int) -> str:
    """What a segment is called: A, B, C, ..."""
    return chr(ord("A") + segment)


def whole(graph: Graph) -> Segmentation:
    """Everything in segment A. Raises SegmentError for a graph without an operation."""
    taken = units(graph)
    return placed(taken, [0] * len(taken))


def placed(taken: Units, of: Sequence[int], parts: int = 1) -> Segmentation:
    """The segmentation with these segments of units, at least ``parts`` of them.

    Raises SegmentError, naming the edge, where a value would flow back, and where a segment would be empty.
    """
    for target, sources in enumerate(taken.inputs):
        for source in sources:
            if of[source] > of[target]:
                raise SegmentError(_flows_back(taken, of, source, target))
    _check_filled(of, parts)
    return Segmentation(taken, taken.spread(of))


def assigned(graph: Graph, segments: Mapping[str, int]) -> Segmentation:
    """The segmentation by node id; what can be had anywhere may be left out, and its places do not matter.

    Raises SegmentError for unknown nodes, for operations without a segment and where ``placed`` does.
    """
    for id_ in segments:
        if id_ not in graph.index:
            raise SegmentError(f"There is no node called {id_!r} in this graph.{_nearest(id_, graph.ids)}")
    taken = units(graph)
    return placed(taken, [_one_segment(graph, members, segments) for members in taken.members])


def _one_segment(graph: Graph, members: Sequence[int], segments: Mapping[str, int]) -> int:
    """Where the nodes of a unit are, which must be one place."""
    found = {graph.ids[node]: segments.get(graph.ids[node], -1) for node in members}
    for id_, segment in found.items():
        if segment < 0:
            raise SegmentError(f"{id_!r} has no segment. Give it a number from 0.")
    if len(set(found.values())) > 1:
        raise SegmentError(f"{', '.join(map(repr, found))} share a list of tensors and must be in one segment.")
    return segments[graph.ids[members[0]]]


def after(graph: Graph, keys: Sequence[str | int]) -> Segmentation:
    """The segmentation with one cut after each key: a node, or a module path (``h.3``) for all of its operations.

    The segment before a cut holds its key with all that it needs. Raises SegmentError for an unknown key, and for
    one that adds nothing to those before it.
    """
    taken = units(graph)
    of = [len(keys)] * len(taken)
    for cut in range(len(keys) - 1, -1, -1):
        for unit in taken.needed(taken.of(_found(graph, keys[cut]))):
            of[unit] = cut
    for cut, key in enumerate(keys):
        if cut not in of:
            raise SegmentError(
                f"The cut after {key!r} is a cut through nothing: what it needs is before an earlier cut, or it can "
                "be computed anywhere. Name an operation that comes later."
            )
    if keys and len(keys) not in of:
        raise SegmentError(f"Nothing is left after {keys[-1]!r}: everything would be on one side of the cut.")
    return placed(taken, of)


def _found(graph: Graph, key: str | int) -> list[int]:
    if isinstance(key, int) or key in graph.index:
        return [graph.find(key)]
    path = tuple(key.split("."))
    inside = [node for node, scope in enumerate(graph.scopes) if scope[: len(path)] == path]
    if not inside:
        paths = [".".join(scope[:depth]) for scope in set(graph.scopes) for depth in range(1, len(scope) + 1)]
        near = _nearest(key, [*graph.ids, *dict.fromkeys(paths)])
        raise SegmentError(f"{key!r} is neither a node nor a module of this graph.{near}")
    return inside


def _flows_back(taken: Units, of: Sequence[int], source: int, target: int) -> str:
    graph = taken.graph
    edge = next(
        Edge(graph.ids[before], graph.ids[node], port)
        for node in taken.members[target]
        for port, before in enumerate(graph.inputs[node])
        if taken.unit[before] == source
    )
    return (
        f"{edge.source!r} is in segment {letter(of[source])} and is read by {edge.target!r} in segment "
        f"{letter(of[target])}, so a value would flow back. Move one of them, or let the cut be completed."
    )


def _check_filled(of: Sequence[int], parts: int) -> None:
    if not of:
        raise SegmentError("There is no operation to place: everything in this graph can be had anywhere.")
    for segment in (min(of), max(of)):
        if not 0 <= segment < MOST:
            raise SegmentError(f"There is no segment {segment}: they count from 0 to {MOST - 1}.")
    empty = sorted(set(range(max(parts, max(of) + 1))) - set(of))
    if empty:
        raise SegmentError(
            f"Segment {letter(empty[0])} would hold no operation. A cut lies between two operations; "
            "remove the cut to join two segments."
        )


def _nearest(key: str, names: Iterable[str]) -> str:
    near = get_close_matches(key, list(names)[:20000], n=3)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
