"""The structure of a computation: nodes, ordered edges, names. Never a number.

A ``Graph`` holds its nodes as columns in execution order, so that a hundred thousand of them cost a few lists;
``Node`` and ``Edge`` are small records made when somebody looks. Execution order is a topological order, which
is why no walk in this package recurses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any, overload

import networkx as nx

from explorer.errors import GraphError, RunError

LEAVES = frozenset({"input", "parameter", "buffer", "constant"})
"""Ops without inputs; a node of such an op has the op's name as its kind, all others are of kind ``op``."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation or leaf. ``inputs`` are the ids of its sources, in the order of its ports."""

    index: int
    id: str
    op: str
    kind: str
    name: str
    scope: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    inputs: tuple[str, ...]
    line: int | None
    requires_grad: bool
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """One argument slot: the value of ``source`` enters ``target`` at ``port``. ``x*x`` has two."""

    source: str
    target: str
    port: int


@dataclass(frozen=True)
class Graph:
    """A computation in execution order. All columns are as long as the graph has nodes.

    ``ops`` names an entry of the op table; ``inputs`` holds indices of earlier nodes, one per port; ``names``
    the variable a node was assigned to (or ""); ``lines`` the source line from 1 (or 0); ``scopes`` the loop
    turns or modules around it, outermost first; ``requires_grad`` whether a gradient can reach it;
    ``attrs`` the non-tensor arguments of those nodes that have any; ``variables`` what each variable stood for in
    the end; ``outputs`` indices of the results; ``source`` the text it was captured from; ``nameless`` the letter
    that numbers operations without a name (``v1``, ``v2``, ...), where they are not called after their op;
    ``modules`` the class of every module that was called, by scope; a scope without one only holds others;
    ``decisions`` which way the nodes went that a branch, a loop or an index was read off (True, False, or the whole
    number): with other outcomes the program would have made another graph.
    """

    ops: Sequence[str]
    inputs: Sequence[tuple[int, ...]]
    names: Sequence[str]
    lines: Sequence[int]
    scopes: Sequence[tuple[str, ...]]
    shapes: Sequence[tuple[int, ...]]
    dtypes: Sequence[str]
    requires_grad: Sequence[bool]
    outputs: tuple[int, ...]
    attrs: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    variables: Mapping[str, int] = field(default_factory=dict)
    source: str = ""
    nameless: str = ""
    modules: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    decisions: Mapping[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ops)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """A unique id per node: its variable's name, or its op's, or a numbered letter.

        A variable that is assigned several times means its last node; the ones before are ``x_0``, ``x_1``, ...
        """
        return tuple(_fresh_ids(self))

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Node id -> place in execution order."""
        return {id_: i for i, id_ in enumerate(self.ids)}

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Node id -> Node, in execution order."""
        return _Nodes(self)

    @cached_property
    def edges(self) -> Sequence[Edge]:
        """Every argument slot, ordered by target and port."""
        return _Edges(self)

    @cached_property
    def edge_starts(self) -> Sequence[int]:
        """Where the edges into a node begin: an edge's number is ``edge_starts[target] + port``; last their count."""
        return list(accumulate(map(len, self.inputs), initial=0))

    @cached_property
    def consumers(self) -> Sequence[Sequence[tuple[int, int]]]:
        """Per node the ``(target, port)`` slots that its value enters, in execution order."""
        slots: list[list[tuple[int, int]]] = [[] for _ in self.ops]
        for target, ports in enumerate(self.inputs):
            for port, source in enumerate(ports):
                slots[source].append((target, port))
        return slots

    def kind(self, index: int) -> str:
        """``input``, ``parameter``, ``buffer``, ``constant`` or ``op``."""
        return self.ops[index] if self.ops[index] in LEAVES else "op"

    def symbol(self, index: int) -> str:
        """What formulae call a node: its id where that is a variable or a numbered letter, else ""."""
        numbered = bool(self.nameless) and self.ops[index] not in LEAVES
        return self.ids[index] if self.names[index] or numbered else ""

    def node(self, index: int) -> Node:
        """The record of the node at ``index``."""
        ids = self.ids
        return Node(
            index, ids[index], self.ops[index], self.kind(index), self.names[index], self.scopes[index],
            self.shapes[index], self.dtypes[index], tuple(ids[i] for i in self.inputs[index]),
            self.lines[index] or None, self.requires_grad[index], self.attrs.get(index, {}),
        )  # fmt: skip

    def find(self, key: str | int) -> int:
        """The index of a node by index, by id, or by a variable that stands for it in the end.

        Raises RunError, naming the nearest ids, where there is none.
        """
        if isinstance(key, int) and not isinstance(key, bool):
            if 0 <= key < len(self):
                return key
            raise RunError(f"There is no node {key}: the graph has {len(self)} nodes, counted from 0.")
        if not isinstance(key, str):
            raise RunError(f"A node is asked for by its id, a variable or its index, not by {key!r}.")
        found = self.index.get(key, self.ends.get(key))
        if found is None:
            raise RunError(f"There is no node called {key!r}.{_nearest(key, self.ids)}")
        return found

    @cached_property
    def ends(self) -> Mapping[str, int]:
        """The node that each variable stands for in the end."""
        return {name: i for i, name in enumerate(self.names) if name} | dict(self.variables)

    def edge_number(self, edge: Edge) -> int:
        """The place of ``edge`` in ``edges``. Raises RunError where the graph has no such edge."""
        if not isinstance(edge, Edge):
            raise RunError(f"An edge is asked for by an Edge(source, target, port), not by {edge!r}.")
        target = self.index.get(edge.target)
        if target is None or not 0 <= edge.port < len(self.inputs[target]):
            raise RunError(f"There is no edge into port {edge.port} of {edge.target!r}.")
        if self.ids[self.inputs[target][edge.port]] != edge.source:
            raise RunError(f"Port {edge.port} of {edge.target!r} is not fed by {edge.source!r}.")
        return self.edge_starts[target] + edge.port

    def check(self) -> Graph:
        """The graph itself, or a GraphError that names the first broken invariant and the node."""
        _check_columns(self)
        for index, ports in enumerate(self.inputs):
            _check_node(self, index, ports)
        for output in self.outputs:
            if not 0 <= output < len(self):
                raise GraphError(f"Output {output} is not a node: the graph has {len(self)} nodes.")
        if len(set(self.ids)) != len(self):
            raise GraphError("Two nodes share one id.")
        return self

    def to_networkx(self) -> nx.MultiDiGraph:
        """A MultiDiGraph with one edge per argument slot, keyed by port, and the fields of Node as attributes."""
        out = nx.MultiDiGraph()
        for node in self.nodes.values():
            fields = {name: getattr(node, name) for name in Node.__slots__ if name != "id"}
            out.add_node(node.id, **fields)
        for edge in self.edges:
            out.add_edge(edge.source, edge.target, key=edge.port, port=edge.port)
        return out

    def __str__(self) -> str:
        """One line a node: ``y: float64[] = mul(sub, add)  # line 1``; outputs last."""
        lines = [_line(node) for node in self.nodes.values()]
        return "\n".join([*lines, "return " + ", ".join(self.ids[i] for i in self.outputs)])


def _fresh_ids(graph: Graph) -> Iterator[str]:
    ends = graph.ends
    # v_1 and v1 are typeset alike, so a number that a variable uses in either way is left to it.
    taken = {spelling for name in ends for spelling in (name, name.replace("_", ""))}
    counts: dict[str, int] = {}
    for index, (name, op) in enumerate(zip(graph.names, graph.ops, strict=True)):
        if name and ends[name] == index:
            yield name
            continue
        numbered = bool(graph.nameless) and not name and op not in LEAVES
        stem = graph.nameless if numbered else f"{name or op}_"
        id_, count = "" if name or numbered else op, counts.get(stem, -1 if name else 0)
        while not id_ or id_ in taken:
            count += 1
            id_ = f"{stem}{count}"
        counts[stem] = count
        taken.add(id_)
        yield id_


def _nearest(key: str, ids: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, ids[:1000], n=3)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else f" The nodes are {', '.join(ids[:12])}."


def _check_columns(graph: Graph) -> None:
    for name in ("inputs", "names", "lines", "scopes", "shapes", "dtypes", "requires_grad"):
        if len(getattr(graph, name)) != len(graph.ops):
            raise GraphError(f"Column {name!r} has {len(getattr(graph, name))} rows for {len(graph.ops)} nodes.")


def _check_node(graph: Graph, index: int, ports: tuple[int, ...]) -> None:
    if ports and graph.ops[index] in LEAVES:
        raise GraphError(f"Node {graph.ids[index]!r} is a {graph.ops[index]} and yet has inputs.")
    for port, source in enumerate(ports):
        if not 0 <= source < index:
            raise GraphError(
                f"Port {port} of node {index} ({graph.ops[index]}) is fed by node {source}: "
                "a node is fed by earlier nodes only, so the graph would have a cycle."
            )


def _line(node: Node) -> str:
    shape = ", ".join(map(str, node.shape))
    place = f"  # line {node.line}" if node.line else ""
    return f"{node.id}: {node.dtype}[{shape}] = {node.op}({', '.join(node.inputs)}){place}"


class _Nodes(Mapping[str, Node]):
    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def __getitem__(self, id_: str) -> Node:
        return self._graph.node(self._graph.index[id_])

    def __iter__(self) -> Iterator[str]:
        return iter(self._graph.ids)

    def __len__(self) -> int:
        return len(self._graph)


class _Edges(Sequence[Edge]):
    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def __len__(self) -> int:
        return self._graph.edge_starts[-1]

    def __iter__(self) -> Iterator[Edge]:
        ids = self._graph.ids
        for target, ports in enumerate(self._graph.inputs):
            for port, source in enumerate(ports):
                yield Edge(ids[source], ids[target], port)

    @overload
    def __getitem__(self, number: int) -> Edge: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Edge]: ...
    def __getitem__(self, number: int | slice) -> Edge | Sequence[Edge]:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        from bisect import bisect_right

        place = range(len(self))[number]
        target = bisect_right(self._graph.edge_starts, place) - 1
        port = place - self._graph.edge_starts[target]
        ids = self._graph.ids
        return Edge(ids[self._graph.inputs[target][port]], ids[target], port)
