"""Groups of a graph: how they nest, what they are called, what is in them."""

import torch
from torch import nn

import explorer
from explorer.graph import LEAVES
from explorer.passes.groups import Groups

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
    assert list(groups.around("for i=1/for j=0")) == ["for i=1", "for i=1/for j=0"]


def test_a_scope_entered_again_is_another_group() -> None:
    text = "for i in range(1):\n    a = x * 2\nb = a + 1\nfor i in range(1):\n    c = b * a"
    groups = Groups(explorer.trace(text, x=1.0).graph)
    assert list(groups.by_key) == ["for i=0", "for i=0~2"]


def test_down_to_a_depth() -> None:
    groups = Groups(run().graph)
    assert groups.depth == 2 and groups.down_to(0) == frozenset()
    assert groups.down_to(1) == {"for i=0", "for i=1", "for i=2"}
    assert groups.down_to(2) == set(groups.by_key)


class Stack(nn.Module):
    """Two blocks in a list, then a sequence; one weight is used by both blocks, one by nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(3, 3) for _ in range(2))
        self.blocks[1].weight = self.blocks[0].weight
        self.tail = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
        self.tail[0].spare = nn.Parameter(torch.ones(5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.tail(x)


def modules() -> Groups:
    return Groups(explorer.trace_module(Stack(), torch.randn(4, 3)).graph)


def test_a_list_of_modules_is_part_of_names_and_a_sequence_is_a_group() -> None:
    groups = modules()
    assert [(g.name, g.kind, g.depth) for g in groups.by_key.values()] == [
        ("blocks.0", "Linear", 1),
        ("blocks.1", "Linear", 1),
        ("tail", "Sequential", 1),
        ("0", "Linear", 2),
        ("1", "Tanh", 2),
        ("loss", "loss", 1),
    ]


def test_leaves_live_with_those_that_use_them() -> None:
    groups = modules()
    places = {name: groups.of(index) for index, name in enumerate(groups.graph.ids)}
    assert places["x"] == places["blocks.0.weight"] == ""
    assert places["blocks.0.bias"] == "blocks/0" and places["tail.0.weight"] == places["tail.0.spare"] == "tail/0"


def test_what_is_in_a_group_counts_parameters_by_elements_also_shared_ones() -> None:
    groups = modules()
    assert groups.contents("blocks/1").parameters == groups.contents("blocks/0").parameters == 9 + 3
    assert groups.contents("tail").parameters == 6 + 2
    operations = {key: groups.contents(key).operations for key in groups.by_key}
    inside = [i for i, op in enumerate(groups.graph.ops) if op not in LEAVES and groups.of(i).startswith("tail")]
    assert operations["tail"] == operations["tail/0"] + operations["tail/1"] == len(inside)


def test_a_group_is_never_called_what_a_node_is_called() -> None:
    class Tanh(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tanh = nn.Tanh()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.tanh(x)

    graph = explorer.trace_module(Tanh(), torch.randn(3)).graph
    assert "tanh" in graph.ids
    assert not set(Groups(graph).by_key) & set(graph.ids)


def test_one_result_of_several_lives_where_all_were_made() -> None:
    class Halves(nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return x.exp().split(2)

    class Sum(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.halves, self.left = Halves(), nn.Tanh()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            left, right = self.halves(x)
            return self.left(left) * right

    groups = Groups(explorer.trace_module(Sum(), torch.randn(4)).graph)
    parts = [index for index, op in enumerate(groups.graph.ops) if op == "getitem"]
    assert [groups.of(index) for index in parts] == ["halves", "halves"]
