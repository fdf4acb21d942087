"""Closing groups: still a graph, still the same numbers."""

from __future__ import annotations

import random

import networkx as nx
import pytest
import torch

import explorer
from explorer.ops.explain import GROUP
from explorer.passes.condense import Condensed, condense
from explorer.passes.groups import Groups
from explorer.run import as_tensor

NESTED = """
s = 0
for i in range(3):
    u = x * w
    for j in range(2):
        u = tanh(u + i * j) * w
    s = s + u * b
y = s * s + w
"""


TWO_VALUES = """
u = x
v = b
for i in range(4):
    u = u * w + v
    v = sin(v) + u * x
    if i < 2:
        v = v * u
y = u * v
"""
"""Two values go from turn to turn, so that a closed turn hands on two."""


def run(text: str = NESTED) -> explorer.Run:
    return explorer.trace(text, x=0.7, w=1.3, b=-0.4)


def test_all_closed_and_all_open() -> None:
    whole = run()
    groups = Groups(whole.graph)
    closed = condense(whole, groups, ()).run
    assert [n.op for n in closed.graph.nodes.values()].count(GROUP) == 3
    assert closed.graph.nodes["for i=0"].attrs["operations"] == 1 + 2 * 4 + 2
    everything = condense(whole, groups, groups.by_key).run
    assert len(everything.graph) == len(whole.graph)
    assert sorted(everything.graph.ops) == sorted(whole.graph.ops)


def from_outside(whole: explorer.Run, members: set[int], original: int) -> float | torch.Tensor | None:
    """The oracle: what a value gets from those that use it outside of ``members``."""
    graph, total = whole.graph, None
    if original == whole.backward.output:
        total = whole.backward.upstream
    for target, port in graph.consumers[original]:
        part = whole.contributions[graph.edge_starts[target] + port]
        if part is not None and target not in members:
            total = part if total is None else total + part
    return total


def assert_gradients_come_from_outside(seen: Condensed, whole: explorer.Run, groups: Groups) -> None:
    originals = [*seen.shows, *seen.hidden]
    brought: dict[int, float | torch.Tensor] = {seen.run.backward.output: whole.backward.upstream}
    for value, part in zip(seen.run.carried, seen.run.contributions, strict=True):
        if part is not None:
            brought[value] = brought.get(value, 0.0) + part
    for value, total in brought.items():
        key = seen.group_of.get(seen.node_of[originals[value]])
        members = set(groups.by_key[key].members) if key else set()
        expected = from_outside(whole, members, originals[value])
        assert total == pytest.approx(expected, rel=1e-12, abs=1e-15)
        if value < len(seen.shows):
            assert seen.run.grads[value] == pytest.approx(expected, rel=1e-12, abs=1e-15)
    sums = {value: part for step in seen.run.steps for value, part in _sums(seen, step).items()}
    assert sums.keys() == brought.keys() - {seen.run.backward.output}
    for value, total in sums.items():
        assert total == pytest.approx(brought[value], rel=1e-12, abs=1e-15)


def _sums(seen: Condensed, step: explorer.Step) -> dict[int, float | torch.Tensor]:
    numbers = [seen.run.graph.edge_number(arrival.edge) for arrival in step.arrivals]
    return {seen.run.carried[n]: arrival.after for n, arrival in zip(numbers, step.arrivals, strict=True)}


@pytest.mark.parametrize("text", [NESTED, TWO_VALUES])
@pytest.mark.parametrize("seed", range(20))
def test_any_set_of_open_groups_gives_a_graph_with_the_same_numbers(seed: int, text: str) -> None:
    whole, chance = run(text), random.Random(seed)
    groups = Groups(whole.graph)
    opened = [key for key in groups.by_key if chance.random() < 0.5]
    seen = condense(whole, groups, opened)
    graph = seen.run.graph.check()
    assert nx.is_directed_acyclic_graph(graph.to_networkx())
    for place, original in enumerate(seen.shows):
        assert seen.run.values[place] == whole.values[original]
    assert_gradients_come_from_outside(seen, whole, groups)


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


def test_a_closed_group_that_hands_on_two_values_keeps_their_gradients_apart() -> None:
    whole = run(TWO_VALUES)
    seen = condense(whole, Groups(whole.graph), ())
    hidden = [whole.graph.ids[original] for original in seen.hidden]
    assert len(hidden) == 4 and all(id_.startswith("u") for id_ in hidden)
    assert {value for value in seen.run.carried if value >= len(seen.run.graph)} == set(
        range(len(seen.run.graph), len(seen.run.graph) + 4)
    )


@pytest.mark.parametrize("opened", [(), ("for i=1",), ("for i=0", "for i=1", "for i=2")])
def test_forward_mode_shows_the_tangents_of_the_whole_run(opened: tuple[str, ...]) -> None:
    whole = run()
    tangents = whole.tangents("w")
    seen = condense(whole, Groups(whole.graph), opened)
    pushed, graph = seen.push(tangents), seen.run.graph
    assert list(pushed.tangents) == [tangents.tangents[original] for original in seen.shows]
    assert [seen.shows[place] for place in pushed.order] == sorted(seen.shows[place] for place in pushed.order)
    for place in pushed.order:
        parts = pushed.contributions[graph.edge_starts[place] : graph.edge_starts[place + 1]]
        if graph.ops[place] == GROUP or graph.ids[place] == "w":
            assert set(parts) <= {None}
        else:
            total = sum(part for part in parts if part is not None)
            assert total == pytest.approx(pushed.tangents[place], rel=1e-12)


def test_a_model_with_blocks_closed_has_the_gradients_of_the_model() -> None:
    model = explorer.models.load("gpt")
    whole = explorer.trace_module(model, explorer.models.example("gpt"))
    groups = Groups(whole.graph)
    seen = condense(whole, groups, ())
    blocks = [node for node in seen.run.graph.nodes.values() if node.id in ("h/0", "h/1")]
    assert [(node.attrs["title"], node.inputs, node.shape) for node in blocks] == [
        ("h.0", ("add",), (1, 8, 32)),
        ("h.1", ("h/0",), (1, 8, 32)),
    ]
    parameters = sum(p.numel() for p in model.h[0].parameters())
    assert blocks[0].attrs["parameters"] == parameters
    for place, original in enumerate(seen.shows):
        assert torch.equal(as_tensor(seen.run.values[place]), as_tensor(whole.values[original]))
        gradient = whole.grads[original]
        assert gradient is None or torch.equal(as_tensor(gradient), as_tensor(seen.run.grads[place]))
    seen.run.graph.check()
