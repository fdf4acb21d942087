"""Many leaves of one node: one group, with the numbers of the whole run."""

from __future__ import annotations

import networkx as nx
import pytest
import torch
from torch import nn

import explorer
from explorer.ops.explain import GROUP
from explorer.passes.condense import Condensed, condense
from explorer.passes.groups import Groups
from explorer.passes.leaves import MANY
from explorer.run import as_tensor


class Mixture(nn.Module):
    """All its weights enter one node; one is used by another node, too."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.weights = nn.ParameterList(torch.randn(3) for _ in range(count))
        self.shared = nn.Parameter(torch.randn(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x * torch.stack([*self.weights, self.shared])).sum() + self.shared.sum()


class Two(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mix = Mixture(MANY + 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mix(x).tanh()


def run() -> explorer.Run:
    torch.manual_seed(0)
    return explorer.trace_module(Two(), (torch.randn(3),))


def the_group(groups: Groups) -> str:
    (key,) = groups.of_leaves
    return key


def test_many_leaves_of_one_node_are_one_group() -> None:
    whole = run()
    groups = Groups(whole.graph)
    group = groups.by_key[the_group(groups)]
    assert (group.name, group.parent) == (f"parameters × {MANY + 1}", "mix")
    assert {whole.graph.kind(index) for index in group.members} == {"parameter"} and len(group.members) == MANY + 1
    assert groups.contents(group.key).operations == 0 and groups.contents(group.key).parameters == 3 * (MANY + 1)
    assert all("shared" not in whole.graph.ids[index] for index in group.members)


def test_fewer_are_cards_of_their_own() -> None:
    whole = explorer.trace_module(Mixture(MANY - 1), (torch.randn(3),))
    assert not Groups(whole.graph).of_leaves


def test_they_open_with_the_last_level() -> None:
    groups = Groups(run().graph)
    assert groups.depth == 2 and groups.down_to(1) == {"mix"} and groups.down_to(2) == groups.by_key.keys()


@pytest.mark.parametrize("opened", [set(), {"mix"}, {"mix", "leaves"}, {"leaves"}])
def test_closed_or_open_the_numbers_are_those_of_the_run(opened: set[str]) -> None:
    whole = run()
    groups = Groups(whole.graph)
    leaves = groups.by_key[the_group(groups)]
    seen = condense(whole, groups, {leaves.key if key == "leaves" else key for key in opened})
    assert nx.is_directed_acyclic_graph(seen.run.graph.check().to_networkx())
    for place, original in enumerate(seen.shows):
        assert torch.equal(as_tensor(seen.run.values[place]), as_tensor(whole.values[original]))
    is_closed = opened == {"mix"}
    assert (leaves.key in seen.group_of.values()) == is_closed
    if is_closed:
        assert_every_leaf_receives_its_gradient(seen, whole, leaves.members)


def assert_every_leaf_receives_its_gradient(seen: Condensed, whole: explorer.Run, members: list[int]) -> None:
    originals, graph = [*seen.shows, *seen.hidden], seen.run.graph
    parts = zip(seen.run.carried, seen.run.contributions, strict=True)
    brought = {originals[value]: part for value, part in parts if originals[value] in members}
    assert brought.keys() == set(members)
    for original, part in brought.items():
        assert torch.equal(as_tensor(part), as_tensor(whole.grads[original]))
    place = seen.node_of[members[0]]
    assert graph.ops[place] == GROUP and not graph.inputs[place]
    assert next(step.phase for step in seen.run.steps if step.node == graph.ids[place]) == "forward"
