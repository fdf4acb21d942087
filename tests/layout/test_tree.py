"""Groups hold what their scopes say, and depend on each other in no circle."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings

from explorer.graph import Graph
from explorer.layout.tree import Group, grow
from tests.layout.graphs import graph, scoped_graphs


def _held(group: Group) -> set[int]:
    """All nodes within a group."""
    found, stack = set(), [group]
    while stack:
        for child in stack.pop().children:
            if isinstance(child, Group):
                stack.append(child)
            else:
                found.add(child)
    return found


@settings(deadline=None, max_examples=150)
@given(scoped_graphs(most=16))
def test_every_node_is_in_the_groups_of_its_scope(drawn: Graph) -> None:
    groups = grow(drawn.inputs, drawn.scopes)
    assert _held(groups[0]) == set(range(len(drawn)))
    for node, scope in enumerate(drawn.scopes):
        around = [group.scope for group in groups if node in _held(group)]
        assert sorted(around, key=len) == [scope[:depth] for depth in range(len(scope) + 1)]


@settings(deadline=None, max_examples=150)
@given(scoped_graphs(most=16))
def test_children_depend_on_each_other_in_no_circle(drawn: Graph) -> None:
    for group in grow(drawn.inputs, drawn.scopes):
        unit = {
            node: place
            for place, child in enumerate(group.children)
            for node in (_held(child) if isinstance(child, Group) else {child})
        }
        edges = ((unit[s], unit[t]) for t in unit for s in drawn.inputs[t] if s in unit and unit[s] != unit[t])
        assert nx.is_directed_acyclic_graph(nx.DiGraph(edges))


def test_a_scope_in_one_piece_is_one_group() -> None:
    #  0 ─> [a: 1 ─> [a/b: 2] ─> 3] ─> 4
    drawn = graph([[], [0], [1], [2], [3]], [(), ("a",), ("a", "b"), ("a",), ()])
    assert [(group.scope, group.part) for group in grow(drawn.inputs, drawn.scopes)] == [
        ((), 0),
        (("a",), 0),
        (("a", "b"), 0),
    ]
