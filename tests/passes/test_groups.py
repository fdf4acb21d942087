"""Closing groups: still a graph, still the same numbers."""

import random

import networkx as nx
import pytest
import torch

import explorer
from explorer.graph import LEAVES
from explorer.passes.groups import GROUP, Groups, condense

NESTED = """
s = 0
for i in range(3):
    u = x * w
    for j in range(2):
        u = tanh(u + i * j) * w
    s = s + u * b
y = s * s + w
"""


def run() -> explorer.Run:
    return explorer.trace(NESTED, x=0.7, w=1.3, b=-0.4)


def test_groups_nest_and_hold_what_runs_inside() -> None:
    groups = Groups(run().graph)
    assert [g.key for g in groups.by_key.values() if g.depth == 1] == ["for i=0", "for i=1", "for i=2"]
    outer = groups.by_key["for i=1"]
    assert outer.children == ["for i=1/for j=0", "for i=1/for j=1"]
    assert set(groups.by_key["for i=1/for j=0"].members) < set(outer.members)
    assert groups.around("for i=1/for j=0") == ["for i=1", "for i=1/for j=0"]


def test_a_scope_entered_again_is_another_group() -> None:
    text = "for i in range(1):\n    a = x * 2\nb = a + 1\nfor i in range(1):\n    c = b * a"
    groups = Groups(explorer.trace(text, x=1.0).graph)
    assert list(groups.by_key) == ["for i=0", "for i=0~2"]


def test_all_closed_and_all_open() -> None:
    whole = run()
    groups = Groups(whole.graph)
    closed = condense(whole, groups, ()).run
    assert [n.op for n in closed.graph.nodes.values()].count(GROUP) == 3
    assert closed.graph.nodes["for i=0"].attrs["operations"] == 1 + 2 * 4 + 2
    everything = condense(whole, groups, groups.by_key).run
    assert len(everything.graph) == len(whole.graph)
    assert sorted(everything.graph.ops) == sorted(whole.graph.ops)
    assert groups.down_to(1) == {"for i=0", "for i=1", "for i=2"} and groups.down_to(0) == frozenset()


@pytest.mark.parametrize("seed", range(40))
def test_any_set_of_open_groups_gives_a_graph_with_the_same_numbers(seed: int) -> None:
    whole, chance = run(), random.Random(seed)
    groups = Groups(whole.graph)
    opened = [key for key in groups.by_key if chance.random() < 0.5]
    seen = condense(whole, groups, opened)
    graph = seen.run.graph.check()
    assert nx.is_directed_acyclic_graph(graph.to_networkx())
    for place, original in enumerate(seen.shows):
        assert seen.run.values[place] == whole.values[original]
        assert seen.run.grads[place] == whole.grads[original]
    for place, original in enumerate(seen.shows):
        if graph.ops[place] in LEAVES and whole.grads[original] is not None:
            slots = graph.consumers[place]
            brought = [seen.run.contributions[graph.edge_starts[target] + port] for target, port in slots]
            total = sum(part for part in brought if part is not None)
            assert total == pytest.approx(whole.grads[original], rel=1e-12)


def test_every_edge_between_visible_nodes_is_there_once_per_value() -> None:
    whole = run()
    groups = Groups(whole.graph)
    seen = condense(whole, groups, ["for i=1"])
    crossing = set()
    for edge_target, ports in enumerate(whole.graph.inputs):
        for source in ports:
            a, b = seen.node_of[source], seen.node_of[edge_target]
            if a != b:
                crossing.add((source, b))
    drawn = [(a, b) for b, ports in enumerate(seen.run.graph.inputs) for a in ports]
    assert len(crossing) <= len(drawn)
    assert {(seen.node_of[source], target) for source, target in crossing} == set(drawn)


def test_backward_steps_of_a_closed_group_are_one() -> None:
    seen = condense(run(), Groups(run().graph), ())
    steps = [step for step in seen.run.steps if step.phase == "backward"]
    assert [step.node for step in steps if step.node.startswith("for")] == ["for i=2", "for i=1", "for i=0"]
    (first,) = [step for step in steps if step.node == "for i=2"]
    assert {arrival.edge.source for arrival in first.arrivals} >= {"x", "w", "b", "for i=1"}
    assert all(torch.isfinite(torch.as_tensor(arrival.contribution)) for arrival in first.arrivals)
