"""From what a hand drew to the smallest cut that holds it.

A stroke is a set of edges. A cut divides all operations in two, so that nothing flows back; the stroke's edges lie
across it. Where a way leads around the stroke (a residual edge), one of its edges is added.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from explorer.errors import SegmentError
from explorer.graph import Edge
from explorer.segment.cut import Segmentation, letter
from explorer.segment.mincut import Paid, cheapest_cut
from explorer.segment.units import Units
from explorer.segment.values import Value, values

_NAMED = 3


@dataclass(frozen=True)
class Completion:
    """``before`` are the units ahead of the cut, ``added`` the edges across it that the stroke did not hold."""

    before: frozenset[int]
    added: tuple[Edge, ...]
    why: str


def complete(to: Segmentation, stroke: Sequence[Edge]) -> Completion:
    """The cut across all edges of ``stroke`` that adds the fewest values, and of those the one with least bytes.

    Raises SegmentError for a stroke through nothing, across another cut, or twice across one path.
    """
    taken = to.units
    pairs = _pairs(taken, stroke)
    segment = _within(to, pairs)
    ahead = taken.needed([source for source, _ in pairs])
    behind = taken.dependent([target for _, target in pairs])
    if ahead & behind:
        raise SegmentError(_twice(taken, stroke, behind))
    ahead |= {unit for unit, at in enumerate(to.of_units) if at < segment}
    behind |= {unit for unit, at in enumerate(to.of_units) if at > segment}
    before = frozenset(ahead | _best(taken, ahead, behind))
    held = set(stroke)
    added = tuple(edge for edge in across(taken, before) if edge not in held)
    return Completion(before, added, _why(added))


def across(taken: Units, before: Collection[int]) -> Iterator[Edge]:
    """The edges from the units ``before`` to the others."""
    graph, ids = taken.graph, taken.graph.ids
    for target, ports in enumerate(graph.inputs):
        unit = taken.unit[target]
        if unit >= 0 and unit not in before:
            for port, source in enumerate(ports):
                if taken.unit[source] in before:
                    yield Edge(ids[source], ids[target], port)


def _pairs(taken: Units, stroke: Sequence[Edge]) -> list[tuple[int, int]]:
    """The units at both ends of the edges, where a cut can lie between them."""
    index = taken.graph.index
    for edge in stroke:
        taken.graph.edge_number(edge)
    ends = [(taken.unit[index[edge.source]], taken.unit[index[edge.target]]) for edge in stroke]
    pairs = [(source, target) for source, target in ends if source >= 0 and target >= 0 and source != target]
    if not pairs:
        raise SegmentError(
            "The stroke cuts through nothing: it crosses no edge between two operations. Weights, inputs and masks "
            "can be had in every segment. Draw across an edge that leads from one operation to another."
        )
    return pairs


def _within(to: Segmentation, pairs: Sequence[tuple[int, int]]) -> int:
    """The segment that the stroke divides: all its edges begin in it or ahead of it, and end in it or behind it."""
    latest = max(to.of_units[source] for source, _ in pairs)
    earliest = min(to.of_units[target] for _, target in pairs)
    if latest > earliest:
        raise SegmentError(
            f"The stroke runs through the cut between {letter(earliest)} and {letter(earliest + 1)}. "
            "Draw it within one segment, or move that cut."
        )
    return latest


def _best(taken: Units, ahead: Collection[int], behind: Collection[int]) -> set[int]:
    """Of the units on neither side yet those that go ahead: the smallest number of values, then of bytes, crosses."""
    open_ = [unit for unit in range(len(taken)) if unit not in ahead and unit not in behind]
    if not open_:
        return set()
    undecided = set(open_)
    near = undecided | {s for u in open_ for s in taken.inputs[u]} | {r for u in open_ for r in taken.readers[u]}
    place = {unit: number for number, unit in enumerate(sorted(near))}
    concerned = [v for v in values(taken) if v.owner in place and not undecided.isdisjoint((v.owner, *v.readers))]
    scale = 1 + sum(value.bytes for value in concerned)
    found = cheapest_cut(
        [[place[s] for s in taken.inputs[unit] if s in place] for unit in place],
        [inf if unit in behind else 0.0 for unit in place],
        [inf if unit in ahead else 0.0 for unit in place],
        [_priced(value, place, behind, scale) for value in concerned],
    )
    return {unit for unit in open_ if place[unit] in found}


def _priced(value: Value, place: dict[int, int], behind: Collection[int], scale: int) -> Paid:
    """A value counts 1, and its share of all bytes; nothing where it crosses anyhow."""
    readers = [place[reader] for reader in value.readers if reader in place]
    crosses = any(reader in behind and reader not in place for reader in value.readers)
    return Paid(place[value.owner], readers, 0.0 if crosses else 1 + value.bytes / scale)


def _twice(taken: Units, stroke: Sequence[Edge], behind: Collection[int]) -> str:
    index = taken.graph.index
    second = next(edge for edge in stroke if taken.unit[index[edge.source]] in behind)
    return (
        f"The stroke crosses one path twice, the second time between {second.source!r} and {second.target!r}: "
        "what is computed after a cut cannot be needed before it. Cross every path once."
    )


def _why(added: Sequence[Edge]) -> str:
    if not added:
        return "The stroke is a whole cut."
    named = ", ".join(f"{edge.source} → {edge.target}" for edge in added[:_NAMED])
    more = f" and {len(added) - _NAMED} more" if len(added) > _NAMED else ""
    around, are = ("A way leads", "edge is") if len(added) == 1 else ("Ways lead", "edges are")
    return f"{around} around the stroke, so {len(added)} further {are} cut: {named}{more}."
