"""Groups of a graph (module calls, loop turns), and the same run seen with some of them closed.

A scope that is left and entered again is another group, so that a group is always a stretch of execution: no
path leaves it and comes back, and closing any set of groups leaves a graph without cycles. A leaf that only one
group uses lives in that group, wherever it was made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from explorer.graph import LEAVES, Graph
from explorer.run import Backward, Number, Run

GROUP = "group"
"""The op of a node that stands for a closed group."""


@dataclass(frozen=True)
class Group:
    """A stretch of execution under one scope. ``key`` is unique; ``members`` are node indices, inner ones too."""

    key: str
    scope: tuple[str, ...]
    parent: str
    children: list[str] = field(default_factory=list)
    members: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The last part of the scope."""
        return self.scope[-1]

    @property
    def depth(self) -> int:
        """How many groups are around it, counting from 1."""
        return len(self.scope)


class Groups:
    """All groups of a graph by key, outer ones before inner ones, and the innermost group of every node."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.by_key: dict[str, Group] = {}
        self._of = [""] * len(graph)
        self._enter_operations()
        self._place_leaves()
        for index, key in enumerate(self._of):
            for around in self.around(key):
                self.by_key[around].members.append(index)

    def of(self, index: int) -> str:
        """The key of the innermost group of a node; "" at the top."""
        return self._of[index]

    def around(self, key: str) -> list[str]:
        """The groups from the outermost to ``key`` itself."""
        chain: list[str] = []
        while key:
            chain.append(key)
            key = self.by_key[key].parent
        return chain[::-1]

    def down_to(self, depth: int) -> frozenset[str]:
        """The keys to open so that groups show down to ``depth`` (0: all closed)."""
        return frozenset(key for key, group in self.by_key.items() if group.depth <= depth)

    def _enter_operations(self) -> None:
        inside: tuple[str, ...] = ()
        keys: list[str] = []
        for index, scope in enumerate(self.graph.scopes):
            if self.graph.ops[index] in LEAVES:
                continue
            common = _common(inside, scope)
            del keys[common:]
            for depth in range(common, len(scope)):
                keys.append(self._new(scope[: depth + 1], keys[-1] if keys else ""))
            inside = scope
            self._of[index] = keys[-1] if keys else ""

    def _new(self, scope: tuple[str, ...], parent: str) -> str:
        base = key = "/".join(scope)
        count = 1
        while key in self.by_key:
            count += 1
            key = f"{base}~{count}"
        self.by_key[key] = Group(key, scope, parent)
        if parent:
            self.by_key[parent].children.append(key)
        return key

    def _place_leaves(self) -> None:
        for index, slots in enumerate(self.graph.consumers):
            if self.graph.ops[index] not in LEAVES or self.graph.ops[index] == "input" or not slots:
                continue
            chains = [self.around(self._of[target]) for target, _ in slots]
            shared = chains[0]
            for chain in chains[1:]:
                shared = shared[: _common(shared, chain)]
            self._of[index] = shared[-1] if shared else ""


@dataclass(frozen=True)
class Condensed:
    """A run with some groups closed, as a run of its own.

    ``run.graph`` has one node per visible node and one of op ``group`` per closed group; its scopes hold the keys
    of the open groups around. ``node_of`` maps every node of the original graph to the visible one that shows it;
    ``shows`` maps back: the original node whose value and gradient a visible one shows (of a group: its result).
    """

    run: Run
    node_of: Sequence[int]
    shows: Sequence[int]
    group_of: Mapping[int, str]


def condense(run: Run, groups: Groups, opened: Collection[str]) -> Condensed:
    """``run`` with exactly the groups in ``opened`` open; one inside a closed group is not seen.

    The contribution of an edge into a closed group is the sum over the edges inside that read the same value; a
    group's own value and gradient are those of its result, the last value that is used outside.
    """
    return _Condensing(run, groups, frozenset(opened)).result()


class _Condensing:
    def __init__(self, run: Run, groups: Groups, opened: frozenset[str]) -> None:
        self.run, self.graph, self.groups, self.opened = run, run.graph, groups, opened
        closed = [self._outermost_closed(groups.of(index)) for index in range(len(run.graph))]
        self.items = _ordered(run.graph, closed)
        self.place = {item: place for place, item in enumerate(self.items)}
        self.node_of = [self.place[_item(index, key)] for index, key in enumerate(closed)]
        self.shows = [self._result(item) for item in self.items]
        self.ports = [self._ports(item) for item in self.items]

    def result(self) -> Condensed:
        graph = self._graph()
        values = [self.run.values[index] for index in self.shows]
        group_of = {place: item for place, item in enumerate(self.items) if isinstance(item, str)}
        return Condensed(Run(graph, values, self._backward(graph)), self.node_of, self.shows, group_of)

    def _outermost_closed(self, key: str) -> str:
        return next((around for around in self.groups.around(key) if around not in self.opened), "")

    def _result(self, item: int | str) -> int:
        if isinstance(item, int):
            return item
        place, last = self.place[item], self.groups.by_key[item].members[-1]
        for index in reversed(self.groups.by_key[item].members):
            outside = any(self.node_of[target] != place for target, _ in self.graph.consumers[index])
            if index in (*self.graph.outputs, self.run.backward.output) or outside:
                return index
        return last

    def _ports(self, item: int | str) -> list[int]:
        """The original values that enter a visible node: per port of an operation, once each for a group."""
        if isinstance(item, int):
            return list(self.graph.inputs[item])
        place, entering = self.place[item], dict[int, None]()
        for index in self.groups.by_key[item].members:
            entering.update((source, None) for source in self.graph.inputs[index] if self.node_of[source] != place)
        return list(entering)

    def _graph(self) -> Graph:
        graph, shows = self.graph, self.shows
        return Graph(
            ops=[graph.ops[item] if isinstance(item, int) else GROUP for item in self.items],
            inputs=[tuple(self.node_of[source] for source in ports) for ports in self.ports],
            names=[graph.ids[item] if isinstance(item, int) else item for item in self.items],
            lines=[graph.lines[index] for index in shows],
            scopes=[tuple(self.groups.around(self._around(item))) for item in self.items],
            shapes=[graph.shapes[index] for index in shows],
            dtypes=[graph.dtypes[index] for index in shows],
            requires_grad=[graph.requires_grad[index] for index in shows],
            outputs=tuple(self.node_of[output] for output in graph.outputs),
            attrs=dict(self._attrs()),
            source=graph.source,
        )

    def _around(self, item: int | str) -> str:
        return self.groups.of(item) if isinstance(item, int) else self.groups.by_key[item].parent

    def _attrs(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for place, item in enumerate(self.items):
            if isinstance(item, str):
                yield place, summary(self.graph, self.groups.by_key[item])
            elif item in self.graph.attrs:
                yield place, self.graph.attrs[item]

    def _backward(self, graph: Graph) -> Backward:
        backward = self.run.backward
        contributions: list[Number | None] = [None] * graph.edge_starts[-1]
        order: dict[int, None] = {}
        for index in backward.order:
            place = self.node_of[index]
            order[place] = None
            for port, source in enumerate(self.graph.inputs[index]):
                part = backward.contributions[self.graph.edge_starts[index] + port]
                if part is None or (self.node_of[source] == place and isinstance(self.items[place], str)):
                    continue
                at = port if isinstance(self.items[place], int) else self.ports[place].index(source)
                edge = graph.edge_starts[place] + at
                before = contributions[edge]
                contributions[edge] = part if before is None else before + part
        grads = [backward.grads[index] for index in self.shows]
        return Backward(self.node_of[backward.output], backward.upstream, grads, contributions, list(order))


def summary(graph: Graph, group: Group) -> dict[str, Any]:
    """What a closed group says of itself: its key and name, how many operations and parameter elements it holds."""
    parameters = [index for index in group.members if graph.ops[index] == "parameter"]
    return {
        "group": group.key,
        "title": group.name,
        "operations": sum(graph.ops[index] not in LEAVES for index in group.members),
        "parameters": sum(prod(graph.shapes[index]) for index in parameters),
    }


def _item(index: int, closed: str) -> int | str:
    return closed or index


def _ordered(graph: Graph, closed: Sequence[str]) -> list[int | str]:
    """Visible items in an order of execution: a group stands where its first operation does, and a leaf that was
    made in the middle of a closed group but is seen outside stands before what uses it."""
    when: dict[int | str, float] = {}
    for index, key in enumerate(closed):
        if key and graph.ops[index] not in LEAVES:
            when.setdefault(key, index)
    for index, key in enumerate(closed):
        if not key:
            when[index] = index
    for index, slots in enumerate(graph.consumers):
        if graph.ops[index] in LEAVES and not closed[index]:
            first = min((when[_item(target, closed[target])] for target, _ in slots), default=index)
            when[index] = min(index, first - 0.5)
    return sorted(when, key=lambda item: (when[item], isinstance(item, str), item if isinstance(item, int) else 0))


def _common(one: Sequence[str], two: Sequence[str]) -> int:
    """How many parts two chains share from the start."""
    for place, (a, b) in enumerate(zip(one, two, strict=False)):
        if a != b:
            return place
    return min(len(one), len(two))
