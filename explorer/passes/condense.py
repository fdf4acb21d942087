"""The same run seen with some of its groups closed: each of them one node, with the numbers of the run itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from explorer.graph import LEAVES, Graph
from explorer.ops.explain import GROUP
from explorer.passes.groups import Groups
from explorer.run import Backward, Number, Run, Tangents

Item = int | str
"""Something visible: an original node by its index, or a closed group by its key."""


@dataclass(frozen=True)
class Pushed:
    """Forward mode as far as it is seen: per visible node its tangent, per edge its contribution, the order.

    The edges into a closed group have none: only its result is known to move, not by way of what.
    """

    tangents: Sequence[Number | None]
    contributions: Sequence[Number | None]
    order: Sequence[int]


@dataclass(frozen=True)
class Condensed:
    """A run with some groups closed, as a run of its own.

    ``run.graph`` has one node per visible node and one of op ``group`` per closed group; its scopes hold the keys
    of the open groups around. ``node_of`` maps every node of the original graph to the visible one that shows it;
    ``shows`` maps back: the original node whose value and gradient a visible one shows (of a group: its result).
    ``group_of`` has the keys of the closed groups by node. A closed group may hand on more than its result:
    ``hidden`` are the original nodes of those values, numbered in ``run.carried`` behind all nodes.
    """

    groups: Groups
    run: Run
    node_of: Sequence[int]
    shows: Sequence[int]
    group_of: Mapping[int, str]
    hidden: Sequence[int]

    def push(self, tangents: Tangents) -> Pushed:
        """``tangents`` of the original run as seen here."""
        graph = self.run.graph
        seen = [tangents.tangents[index] for index in self.shows]
        contributions: list[Number | None] = []
        starts = tangents.run.graph.edge_starts
        for place, index in enumerate(self.shows):
            ports = len(graph.inputs[place])
            own = tangents.contributions[starts[index] : starts[index] + ports]
            contributions += [None] * ports if place in self.group_of else own
        return Pushed(seen, contributions, [place for place, moved in enumerate(seen) if moved is not None])


def condense(run: Run, groups: Groups, opened: Collection[str]) -> Condensed:
    """``run`` with exactly the groups in ``opened`` open; one inside a closed group is not seen.

    The contribution of an edge into a closed group is the sum over the edges inside that read the same value. A
    group's own value is its result, the last value that is used outside; its gradient is what comes back to that
    from outside, which is all of it unless the group reads its result itself.
    """
    return _Condensing(run, groups, frozenset(opened)).result()


class _Seen(Run):
    """The run of a condensed graph, where some nodes make several values."""

    def __init__(
        self, graph: Graph, values: Sequence[Number | None], backward: Backward, carried: Sequence[int]
    ) -> None:
        super().__init__(graph, values, backward)
        self.carried = carried


class _Condensing:
    def __init__(self, run: Run, groups: Groups, opened: frozenset[str]) -> None:
        self.run, self.graph, self.groups = run, run.graph, groups
        outermost = groups.outermost_closed(opened)
        closed = [outermost[groups.of(index)] for index in range(len(run.graph))]
        self.items = _ordered(run.graph, closed)
        self.place = {item: place for place, item in enumerate(self.items)}
        self.node_of = [self.place[_item(index, key)] for index, key in enumerate(closed)]
        self.shows = [self._result(item) for item in self.items]
        self.ports = [self._ports(item) for item in self.items]

    def result(self) -> Condensed:
        graph = self._graph()
        values = [self.run.values[index] for index in self.shows]
        group_of = {place: item for place, item in enumerate(self.items) if isinstance(item, str)}
        values_of = {original: place for place, original in enumerate(self.shows)}
        originals = list(chain.from_iterable(self.ports))
        carried = [values_of.setdefault(original, len(values_of)) for original in originals]
        run = _Seen(graph, values, self._backward(graph), carried)
        return Condensed(self.groups, run, self.node_of, self.shows, group_of, list(values_of)[len(graph) :])

    def _result(self, item: Item) -> int:
        if isinstance(item, int):
            return item
        output, exits = self.run.backward.output, self.groups.exits(item)
        inside = [output] if self.node_of[output] == self.place[item] else []
        return max([*exits, *inside], default=self.groups.by_key[item].members[-1])

    def _ports(self, item: Item) -> Sequence[int]:
        """The original values that enter a visible node: per port of an operation, once each for a group."""
        return self.graph.inputs[item] if isinstance(item, int) else self.groups.entries(item)

    def _graph(self) -> Graph:
        graph, shows, around = self.graph, self.shows, self.groups.around
        return Graph(
            ops=[graph.ops[item] if isinstance(item, int) else GROUP for item in self.items],
            inputs=[tuple([self.node_of[source] for source in ports]) for ports in self.ports],
            names=[graph.ids[item] if isinstance(item, int) else item for item in self.items],
            lines=[graph.lines[index] for index in shows],
            scopes=[tuple(around(self._in(item))) for item in self.items],
            shapes=[graph.shapes[index] for index in shows],
            dtypes=[graph.dtypes[index] for index in shows],
            requires_grad=[graph.requires_grad[index] for index in shows],
            outputs=tuple(self.node_of[output] for output in graph.outputs),
            attrs=dict(self._attrs()),
            source=graph.source,
        )

    def _in(self, item: Item) -> str:
        """The open group that it is in."""
        return self.groups.of(item) if isinstance(item, int) else self.groups.by_key[item].parent

    def _attrs(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for place, item in enumerate(self.items):
            if isinstance(item, str):
                group, contents = self.groups.by_key[item], self.groups.contents(item)
                counts = {"operations": contents.operations, "parameters": contents.parameters}
                yield place, {"group": item, "title": group.name, **counts}
            elif item in self.graph.attrs:
                yield place, self.graph.attrs[item]

    def _backward(self, graph: Graph) -> Backward:
        backward, starts = self.run.backward, self.graph.edge_starts
        contributions: list[Number | None] = [None] * graph.edge_starts[-1]
        order: dict[int, None] = {}
        entries = {place: {source: at for at, source in enumerate(ports)} for place, ports in enumerate(self.ports)}
        for index in backward.order:
            place = self.node_of[index]
            order[place] = None
            is_group = isinstance(self.items[place], str)
            for port, source in enumerate(self.graph.inputs[index]):
                part = backward.contributions[starts[index] + port]
                if part is None or (is_group and self.node_of[source] == place):
                    continue
                edge = graph.edge_starts[place] + (entries[place][source] if is_group else port)
                before = contributions[edge]
                contributions[edge] = part if before is None else before + part
        grads = [self._grad(place, contributions, graph) for place in range(len(self.items))]
        return Backward(self.node_of[backward.output], backward.upstream, grads, contributions, list(order))

    def _grad(self, place: int, contributions: Sequence[Number | None], graph: Graph) -> Number | None:
        index = self.shows[place]
        slots = self.graph.consumers[index]
        if isinstance(self.items[place], int) or all(self.node_of[target] != place for target, _ in slots):
            return self.run.backward.grads[index]
        total = self.run.backward.upstream if index == self.run.backward.output else None
        for target, port in graph.consumers[place]:
            part = contributions[graph.edge_starts[target] + port]
            if part is not None and self.ports[target][port] == index:
                total = part if total is None else total + part
        return total


def _item(index: int, closed: str) -> Item:
    return closed or index


def _ordered(graph: Graph, closed: Sequence[str]) -> list[Item]:
    """Visible items in an order of execution: a group stands where its first operation does, and a leaf that was
    made in the middle of a closed group but is seen outside stands before what uses it, as does a group of leaves."""
    when: dict[Item, float] = {}
    for index, key in enumerate(closed):
        if key and graph.ops[index] not in LEAVES:
            when.setdefault(key, index)
    for index, key in enumerate(closed):
        if not key:
            when[index] = index
    made = set(when)
    for index, slots in enumerate(graph.consumers):
        item = _item(index, closed[index])
        if graph.ops[index] in LEAVES and (not closed[index] or item not in made):
            first = min((when[_item(target, closed[target])] for target, _ in slots), default=index)
            when[item] = min(index, first - 0.5, when.get(item, index))
    return sorted(when, key=lambda item: (when[item], isinstance(item, str), item if isinstance(item, int) else 0))
