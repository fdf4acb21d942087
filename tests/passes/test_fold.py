"""Equal siblings fold, and what is not equal does not: compared with networkx where they do."""

from __future__ import annotations

import itertools

import networkx as nx
import pytest
import torch
from torch import nn

import explorer
from explorer.graph import LEAVES
from explorer.passes.condense import condense
from explorer.passes.fold import parts, pick, picks
from explorer.passes.groups import Groups


class Blocks(nn.Module):
    """Blocks of the given widths, one after the other; with ``dropout`` each has another rate."""

    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        pairs = itertools.pairwise(widths)
        self.h = nn.ModuleList(nn.Sequential(nn.Linear(a, b), nn.Tanh()) for a, b in pairs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.h:
            x = block(x)
        return x


def folds(run: explorer.Run) -> dict[str, str]:
    return {group.key: group.name for group in Groups(run.graph).by_key.values() if group.folded}


def model(*widths: int) -> explorer.Run:
    return explorer.trace_module(Blocks(list(widths)), torch.randn(2, widths[0]))


def test_equal_blocks_fold_and_others_do_not() -> None:
    assert folds(model(3, 3, 3, 3, 3)) == {"h/0…3": "Sequential × 4"}
    assert folds(model(3, 3, 3, 3)) == {}  # three are read as they are
    assert folds(model(3, 4, 4, 4, 4, 4, 3)) == {"h/1…4": "Sequential × 4"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("u = tanh(u) * w", {"for i=0…5": "for i × 6"}),
        ("u = tanh(u) * w if i < 3 else u * w", {}),
        ("u = tanh(u) * w if i < 1 else u * w", {"for i=1…5": "for i × 5"}),
    ],
)
def test_turns_of_a_loop(body: str, expected: dict[str, str]) -> None:
    assert folds(explorer.trace(f"u = x\nfor i in range(6):\n    {body}", x=0.3, w=1.1)) == expected


def test_another_loop_or_something_in_between_parts_them() -> None:
    loop = "for i in range(3):\n    u = tanh(u) * w\n"
    assert folds(explorer.trace(f"u = x\n{loop}{loop}y = u", x=0.3, w=1.1)) == {}
    between = "while u < 9:\n    u = u * w"
    assert folds(explorer.trace(f"u = x\n{between}", x=1.0, w=1.5)) == {}


def test_what_is_folded_is_one_graph_again_and_again() -> None:
    run = explorer.trace_module(explorer.models.load("gpt", layers=5), explorer.models.example("gpt", layers=5))
    groups = Groups(run.graph)
    (whole,) = [group for group in groups.by_key.values() if group.folded]
    assert whole.folded is not None and whole.children == list(whole.folded.keys) == [f"h/{i}" for i in range(5)]
    inside = [_inside(run, groups.by_key[key].members) for key in whole.folded.keys]
    assert all(nx.is_isomorphic(inside[0], other, lambda a, b: a == b) for other in inside[1:])


def _inside(run: explorer.Run, members: list[int]) -> nx.DiGraph:
    graph = nx.DiGraph()
    held = {index for index in members if run.graph.ops[index] not in LEAVES}
    for index in held:
        graph.add_node(index, op=run.graph.ops[index], shape=run.graph.shapes[index])
        graph.add_edges_from((source, index) for source in run.graph.inputs[index] if source in held)
    return graph


def test_one_is_looked_into_and_the_numbers_stay() -> None:
    run = explorer.trace_module(explorer.models.load("gpt", layers=6), explorer.models.example("gpt", layers=6))
    for place in range(6):
        opened = pick(frozenset(), "h/0…5", [f"h/{i}" for i in range(6)], place)
        groups = Groups(run.graph, picks(opened))
        seen = condense(run, groups, opened)
        seen.run.graph.check()
        closed = [groups.by_key[key].folded for key in seen.group_of.values()]
        assert sum(each.stop - each.start for each in closed if each) == (5 if place not in (1, 4) else 4)
        assert sorted(
            index for key in groups.by_key["h/0…5"].children for index in groups.by_key[key].members
        ) == sorted(groups.by_key["h/0…5"].members)
        for node, original in enumerate(seen.shows):
            assert seen.run.values[node] is run.values[original]


def test_picking_moves_what_is_open_along() -> None:
    keys = ["f/0", "f/1", "f/10"]
    opened = pick(frozenset({"f/1/a", "other"}), "f", keys, 1)
    assert opened == {"f", "f#1", "f/1", "f/1/a", "other"}
    assert pick(opened, "f", keys, 2) == {"f", "f#2", "f/10", "f/10/a", "other"}
    assert pick(opened, "f", keys, -1) == {"f", "f/1", "f/1/a", "other"}
    assert picks(opened) == {"f": 1}


@pytest.mark.parametrize(("count", "place"), [(4, 0), (4, 1), (4, 3), (12, 5)])
def test_parts_cover_all_and_hold_the_one_alone(count: int, place: int) -> None:
    found = parts(count, place)
    assert [at for start, stop in found for at in range(start, stop)] == list(range(count))
    assert (place, place + 1) in found and len(found) <= 3
