"""Where the nodes of a compiled run stand in their columns, and how a group of them is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from explorer.execute import downstream, known, levels
from explorer.graph import LEAVES
from explorer.run import Run
from explorer.training.rules import Column, Value, Vjp, value_rule, vjp_rule

Places = NDArray[np.intp]
Index = slice | Places
"""Where numbers stand in a column: a slice where they are evenly spaced."""


@dataclass(eq=False)
class Group:
    """Nodes that are computed together and stand together: ``own`` is their slice of the columns.

    ``sources`` say per port where its numbers stand. ``arrivals`` has a row for each contribution to the nodes, in
    the order of the engine. ``shares`` are the ports that hand on a gradient and where their contributions stand.
    """

    own: slice
    sources: list[Index]
    value: Value | None = None
    vjp: Vjp | None = None
    seed: float | None = None
    arrivals: list[Index] = field(default_factory=list)
    stacked: Places | None = None
    shares: list[tuple[int, slice]] = field(default_factory=list)
    inputs: list[Column] = field(default_factory=list)
    changing: list[tuple[int, Places]] = field(default_factory=list)

    @property
    def has_gradient(self) -> bool:
        return self.seed is not None or bool(self.arrivals)

    def settle(self, values: Column, is_moved: NDArray[np.bool_]) -> None:
        """Reads the inputs, once and for all those that never change or are read in place."""
        self.inputs = [_read(values, index) for index in self.sources]
        self.changing = [
            (port, index)
            for port, index in enumerate(self.sources)
            if not isinstance(index, slice) and is_moved[index].any()
        ]

    def compute(self, values: Column) -> None:
        assert self.value is not None
        for port, index in self.changing:
            self.inputs[port] = values.take(index)
        values[self.own] = self.value(*self.inputs)

    def pull(self, values: Column, grads: Column, contributions: Column) -> None:
        g = grads[self.own]
        g[:] = self._arrived(contributions) if self.seed is None else self.seed
        if self.vjp is not None:
            parts = self.vjp(g, values[self.own], *self.inputs)
            for port, there in self.shares:
                contributions[there] = parts[port]

    def _arrived(self, contributions: Column) -> Column | float:
        """The sum of what arrives, added in order: numpy does so down the rows, but not along a single row."""
        if len(self.arrivals) == 1:
            return _read(contributions, self.arrivals[0])
        if self.stacked is None:
            total = _read(contributions, self.arrivals[0])
            for index in self.arrivals[1:]:
                total = total + _read(contributions, index)
            return total
        rows = contributions.take(self.stacked)
        return np.add.reduce(rows, axis=0) if rows.shape[1] > 1 else float(np.add.accumulate(rows[:, 0])[-1])


class Plan:
    """Who stands where: the members, by level and group, and the edges that carry contributions."""

    def __init__(self, run: Run, moving: Sequence[int]) -> None:
        self.run, self.graph = run, run.graph
        moved = downstream(run.graph, moving)
        self.moved = sorted(moved)
        self.arriving = _arrivals(run)
        order = set(run.backward.order)
        groups: dict[tuple[object, ...], list[int]] = {}
        level = levels(run.graph)
        for node in sorted(self._all(moved, order)):
            key = (level[node], self.graph.ops[node], node in moved, node == run.backward.output)
            how = (len(self.arriving[node]), self._wanted(node) if node in order else None)
            groups.setdefault((*key, *how), []).append(node)
        ordered = [groups[key] for key in sorted(groups, key=lambda key: key[0])]  # type: ignore[arg-type, return-value]
        self.members = [node for nodes in ordered for node in nodes]
        self.place = {node: place for place, node in enumerate(self.members)}
        self.is_moved = np.array([node in moved for node in self.members], np.bool_)
        self.edge_order: list[int] = []
        self._edge_place = self._number_edges(ordered, order)
        self.groups = [self._group(nodes, moved, order) for nodes in ordered]

    @property
    def edges(self) -> int:
        return len(self.edge_order)

    def start(self) -> Column:
        """The values of the run that was compiled."""
        return np.array([known(self.run.values[node]) for node in self.members], np.float64)

    def places(self, nodes: Sequence[int]) -> Places:
        return np.array([self.place[node] for node in nodes], np.intp)

    def decisions(self, kind: type) -> tuple[Places, NDArray[np.float64]]:
        """Where nodes stand that steer the program, and the outcomes that the compiled graph stands for."""
        found: Mapping[int, int] = {
            node: outcome
            for node, outcome in self.graph.decisions.items()
            if type(outcome) is kind and node in self.place and self.is_moved[self.place[node]]
        }
        return self.places(list(found)), np.array(list(found.values()), np.float64)

    def _all(self, moved: set[int], order: set[int]) -> set[int]:
        computed = moved | order
        return computed | {source for node in computed for source in self.graph.inputs[node]}

    def _wanted(self, node: int) -> tuple[int, ...]:
        """The ports of a node that hand on a gradient."""
        start, contributions = self.graph.edge_starts[node], self.run.contributions
        return tuple([p for p in range(len(self.graph.inputs[node])) if contributions[start + p] is not None])

    def _number_edges(self, groups: list[list[int]], order: set[int]) -> dict[int, int]:
        """Edges of one group and port stand side by side."""
        starts = self.graph.edge_starts
        for nodes in groups:
            if nodes[0] in order:
                for port in self._wanted(nodes[0]):
                    self.edge_order += [starts[node] + port for node in nodes]
        return {edge: place for place, edge in enumerate(self.edge_order)}

    def _group(self, nodes: list[int], moved: set[int], order: set[int]) -> Group:
        graph, first = self.graph, nodes[0]
        own = slice(self.place[first], self.place[first] + len(nodes))
        is_op = graph.ops[first] not in LEAVES
        is_computed, hands_on = is_op and first in moved, is_op and first in order
        group = Group(own, [])
        if is_computed or hands_on:
            ports = zip(*(graph.inputs[node] for node in nodes), strict=True)
            group.sources = [_index([self.place[source] for source in sources]) for sources in ports]
        if is_computed:
            group.value = value_rule(graph.ops[first])
        if hands_on:
            group.vjp = vjp_rule(graph.ops[first])
            group.shares = [(port, self._share(nodes, port)) for port in self._wanted(first)]
        if first == self.run.backward.output and self.run.grads[first] is not None:
            group.seed = float(self.run.backward.upstream)
        else:
            self._receive(group, nodes)
        return group

    def _share(self, nodes: list[int], port: int) -> slice:
        start = self._edge_place[self.graph.edge_starts[nodes[0]] + port]
        return slice(start, start + len(nodes))

    def _receive(self, group: Group, nodes: list[int]) -> None:
        rows = [
            [self._edge_place[edge] for edge in edges]
            for edges in zip(*map(self.arriving.__getitem__, nodes), strict=True)
        ]
        group.arrivals = [_index(row) for row in rows]
        if len(rows) > 2:
            group.stacked = np.array(rows, np.intp)


def _arrivals(run: Run) -> list[list[int]]:
    """Per node the edges that bring it contributions, in the order of the engine."""
    graph = run.graph
    arriving: list[list[int]] = [[] for _ in graph.ops]
    for node in run.backward.order:
        for edge, source in enumerate(graph.inputs[node], graph.edge_starts[node]):
            if run.contributions[edge] is not None:
                arriving[source].append(edge)
    return arriving


def _index(places: Sequence[int]) -> Index:
    """A slice where the places are evenly spaced and rise, which reads without copying."""
    found = np.array(places, np.intp)
    steps = np.diff(found)
    step = int(steps[0]) if len(steps) else 1
    return slice(places[0], places[-1] + 1, step) if step > 0 and (steps == step).all() else found


def _read(column: Column, index: Index) -> Column:
    return column[index] if isinstance(index, slice) else column.take(index)
