"""What nodes are coloured by, against torch's own numbers and against networkx."""

from __future__ import annotations

import math

import networkx as nx
import pytest
import torch

import explorer
from explorer.errors import OverlayError
from explorer.graph import LEAVES
from explorer.overlays import KINDS, TITLES, Asked, overlay, paint
from explorer.overlays.overlay import SEVERAL
from explorer.passes.condense import condense
from explorer.passes.groups import Groups

LAYER = "W = [[0.5, -1, 2], [1, 0, -0.5]]\nx = [1, 2, 3]\nh = tanh(W @ x)\nL = sum(h)"


@pytest.fixture(scope="module")
def gpt() -> explorer.Run:
    return explorer.trace_module(explorer.models.load("gpt-sort"), explorer.models.example("gpt-sort"))


def by_id(run: explorer.Run, kind: str) -> dict[str, object]:
    return dict(zip(run.graph.ids, overlay(kind, run).data, strict=True))


def test_every_kind_has_a_title() -> None:
    assert list(KINDS) == list(TITLES)


def test_values_and_gradients_are_norms_as_torch_computes_them() -> None:
    run = explorer.trace(LAYER)
    w = torch.tensor([[0.5, -1, 2], [1, 0, -0.5]], dtype=torch.float64, requires_grad=True)
    h = torch.tanh(w @ torch.tensor([1.0, 2, 3], dtype=torch.float64))
    h.sum().backward()
    assert by_id(run, "value")["h"] == pytest.approx(float(h.detach().norm()), rel=1e-12)
    assert by_id(run, "gradient")["W"] == pytest.approx(float(w.grad.norm()), rel=1e-12)


def test_in_forward_mode_the_gradient_is_the_tangent() -> None:
    run = explorer.trace("c = a * b\nd = c + 1", a=2.0, b=5.0)
    found = overlay("gradient", Asked(run, run.tangents("a")))
    assert found.title == "Tangent" and found.data[run.graph.index["d"]] == 5.0
    assert found.data[run.graph.index["b"]] is None


def test_memory_and_types_are_those_of_the_tensors(gpt: explorer.Run) -> None:
    memory, dtypes = overlay("memory", gpt).data, overlay("dtype", gpt).data
    for node, value in enumerate(gpt.values):
        if isinstance(value, torch.Tensor):
            assert memory[node] == value.numel() * value.element_size()
            assert dtypes[node] == str(value.dtype).removeprefix("torch.")


def test_levels_are_longest_paths_from_the_leaves(gpt: explorer.Run) -> None:
    levels, depth = overlay("level", gpt).data, dict[int, int]()
    graph = nx.DiGraph((source, target) for target, ports in enumerate(gpt.graph.inputs) for source in ports)
    for node in nx.topological_sort(graph):
        depth[node] = max((depth[source] + 1 for source in graph.predecessors(node)), default=0)
    assert all(levels[node] == depth[node] for node in depth)


def test_flops_are_those_that_torch_counts_for_products() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    run = explorer.trace("y = A @ B", A=torch.ones(3, 4).tolist(), B=torch.ones(4, 5).tolist())
    with FlopCounterMode(display=False) as counter:
        torch.ones(3, 4) @ torch.ones(4, 5)
    assert by_id(run, "flops")["y"] == counter.get_total_flops()
    assert by_id(run, "flops")["A"] is None


def test_times_are_there_for_all_operations_and_for_nothing_else(gpt: explorer.Run) -> None:
    data = overlay("time", gpt).data
    for node in range(len(gpt.graph)):
        assert (data[node] is not None) == (gpt.graph.ops[node] not in LEAVES)
        assert data[node] is None or data[node] >= 0


def test_what_cannot_be_run_again_is_not_timed_as_nothing(tmp_path: object) -> None:
    from explorer.export import load, save

    model = torch.nn.Linear(2, 2)
    save(explorer.trace_module(model, torch.ones(1, 2)), f"{tmp_path}/run.pt")
    with pytest.raises(OverlayError, match="cannot be timed"):
        overlay("time", load(f"{tmp_path}/run.pt"))


def test_what_is_not_finite_is_told_apart() -> None:
    run = explorer.trace("y = log(x)\nz = 1 / u\nw = sqrt(u) + y + z", x=-1.0, u=0.0)
    states = by_id(run, "finite")
    assert (states["y"], states["z"], states["x"]) == ("NaN", "infinite", "finite")
    assert states["u"] == "gradient not finite"


def test_live_memory_is_what_is_read_later_and_what_is_made() -> None:
    run = explorer.trace("c = a + b\nd = c * a\ne = d * d", a=1.0, b=2.0)
    live = by_id(run, "live")
    # Inputs stay; c is alive until d is made; d and e are alive at the end.
    assert (live["c"], live["d"], live["e"]) == (8 * 3, 8 * 4, 8 * 4)


def test_closed_groups_show_what_their_nodes_make_together(gpt: explorer.Run) -> None:
    groups = Groups(gpt.graph)
    seen = condense(gpt, groups, ())
    for kind, gather in (("flops", sum), ("memory", sum), ("level", max), ("gradient", max)):
        found = overlay(kind, gpt)
        painted = paint(found, seen)
        for place, key in seen.group_of.items():
            inside = [found.data[member] for member in groups.by_key[key].members]
            numbers = [datum for datum in inside if isinstance(datum, float)]
            assert painted.data[place] == pytest.approx(gather(numbers))
    dtypes = paint(overlay("dtype", gpt), seen)
    for place, key in seen.group_of.items():
        words = {gpt.graph.dtypes[member] for member in groups.by_key[key].members} - {""}
        assert dtypes.data[place] == (words.pop() if len(words) == 1 else SEVERAL)


def test_every_level_bears_the_length_of_its_gradients() -> None:
    run = explorer.trace("y = 3 * a + 4 * b", a=1.0, b=1.0)
    found = by_id(run, "slope")
    assert found["a"] == 5.0 and found["y"] == 1.0
    assert math.isclose(float(str(found["v1"])), math.sqrt(2))


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(OverlayError, match="'flop'.*'flops'"):
        overlay("flop", explorer.trace("y = 2 * a", a=1.0))
    with pytest.raises(OverlayError, match="Divide the graph"):
        overlay("segment", explorer.trace("y = 2 * a", a=1.0))
