"""The autograd graph is torch's own: compared with a walk over ``grad_fn.next_functions`` of the same computation."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from torch import nn

import explorer
from explorer.canvas.drawn import drawn
from explorer.canvas.moments import BACKWARD, moments
from explorer.capture.autograd import autograd
from explorer.errors import RunError


def walked(loss: torch.Tensor) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """The names of all nodes behind a loss, and of both ends of all edges."""
    nodes, edges, seen, ahead = Counter[str](), Counter[tuple[str, str]](), set(), [loss.grad_fn]
    while ahead:
        fn = ahead.pop()
        if fn is None or fn in seen:
            continue
        seen.add(fn)
        nodes[type(fn).__name__] += 1
        for before, _ in fn.next_functions:
            if before is not None:
                edges[type(before).__name__, type(fn).__name__] += 1
                ahead.append(before)
    return nodes, edges


def of(run: explorer.Run) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    graph = autograd(run).run.graph
    edges = Counter((graph.nodes[e.source].op, graph.nodes[e.target].op) for e in graph.edges)
    return Counter(graph.ops), edges


RESHAPES = {"ViewBackward0", "ReshapeAliasBackward0"}


class Twice(nn.Module):
    """A weight that is used twice, a chunk with two results, and a mean."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        left, right = self.inner(torch.tanh(self.inner(x))).chunk(2, -1)
        return (left * right + left).mean()


class Apart(nn.Module):
    """Three results of different lengths, one of them read twice and one not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(4, 6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, second, _ = self.inner(x).split([3, 2, 1], -1)
        return (first * first).sum() + second.exp().sum()


def subject(name: str) -> tuple[nn.Module, Any]:
    """A model and what it is called on."""
    if name == "gpt-sort":
        return explorer.models.load(name), explorer.models.example(name)
    small = {"twice": Twice, "apart": Apart}
    model = small[name]() if name in small else nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.LayerNorm(3))
    return model, (torch.randn(2, 4),)


@pytest.mark.parametrize("name", ["twice", "apart", "sequential", "gpt-sort"])
def test_a_model_s_nodes_and_edges_are_torch_s(name: str) -> None:
    torch.manual_seed(0)
    model, args = subject(name)
    run = explorer.trace_module(model, args)
    nodes, edges = walked(run.traced_backward[0])
    assert of(run) == (nodes, edges)
    output = model(*args)
    untraced, _ = walked(output if output.ndim == 0 else output.sum())
    # torch reshapes by other means while it is watched: the nodes are as many, and two names stand for one.
    assert sum(untraced.values()) == sum(nodes.values())
    assert {k: n for k, n in untraced.items() if k not in RESHAPES} == {
        k: n for k, n in nodes.items() if k not in RESHAPES
    }


@pytest.mark.parametrize("name", ["twice", "apart", "gpt-sort"])
def test_gradients_and_contributions_are_those_of_the_forward_graph(name: str) -> None:
    torch.manual_seed(0)
    model, args = subject(name)
    run = explorer.trace_module(model, args)
    found = autograd(run)
    graph, checked = found.run.graph, 0
    for place, node in enumerate(found.belongs):
        grad = found.run.grads[place]
        if node >= 0 and graph.ops[place] == "AccumulateGrad":
            assert torch.equal(grad, run.grads[node])  # type: ignore[arg-type]
            assert graph.ids[place] == run.graph.ids[node]
            checked += 1
    assert checked == sum(1 for _ in model.parameters())
    for place in range(len(graph)):
        parts = [found.run.contributions[graph.edge_starts[t] + port] for t, port in graph.consumers[place]]
        if parts and graph.ops[place] == "AccumulateGrad":
            assert torch.allclose(sum(parts), found.run.grads[place])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["twice", "apart", "gpt-sort"])
def test_arrivals_add_up_to_the_gradient_of_one_result_and_stand_apart_for_several(name: str) -> None:
    torch.manual_seed(0)
    traced = explorer.trace_module(*subject(name))
    run = autograd(traced).run
    after, several = {}, set()
    for arrival in (arrival for step in run.steps for arrival in step.arrivals):
        after[arrival.edge.source] = arrival.after
        if "Split" in arrival.edge.source:
            several.add(arrival.edge.source)
            assert arrival.before is None and arrival.after is arrival.contribution
    assert several and all(run.grad(id_) is None for id_ in several)
    for id_, total in after.items():
        assert id_ in several or torch.equal(total, run.grad(id_))  # type: ignore[arg-type]
    assert explorer.to_html(traced, autograd="beside")


def test_the_size_of_what_comes_back_to_several_results_is_that_of_all_of_them() -> None:
    torch.manual_seed(0)
    model, (x,) = subject("apart")
    assert isinstance(model, Apart)
    traced = explorer.trace_module(model, (x,))
    parts = [part.detach().requires_grad_() for part in model.inner(x).split([3, 2, 1], -1)]
    ((parts[0] * parts[0]).sum() + parts[1].exp().sum()).backward()
    expected = torch.cat([part.grad.flatten() for part in parts if part.grad is not None]).norm()
    for run in (traced, autograd(traced).run):
        graph, (rows, _) = run.graph, moments(drawn(run, None, None))
        arrivals = zip(rows["phase"], rows["edge"], rows["after"], strict=True)
        sizes = [after for phase, edge, after in arrivals if phase == BACKWARD and edge >= 0 and _is_split(graph, edge)]
        torch.testing.assert_close(sizes[-1], float(expected), rtol=1e-6, atol=0)


def _is_split(graph: explorer.Graph, edge: int) -> bool:
    return "split" in graph.edges[int(edge)].source.lower()


def test_a_program_is_differentiated_by_torch_and_agrees() -> None:
    run = explorer.trace("h = tanh(W @ x)\nL = sum(h * h) + h[0]", W=[[1.0, 2], [3, 4]], x=[0.1, 0.2])
    w = torch.tensor([[1.0, 2], [3, 4]], dtype=torch.float64, requires_grad=True)
    x = torch.tensor([0.1, 0.2], dtype=torch.float64, requires_grad=True)
    h = torch.tanh(w @ x)
    found = autograd(run)
    nodes, _ = walked((h * h).sum() + h[0])
    assert Counter(found.run.graph.ops) == nodes
    for place, node in enumerate(found.belongs):
        if found.run.graph.ops[place] == "AccumulateGrad":
            torch.testing.assert_close(found.run.grads[place], run.grads[node])
    assert run.graph.ids[found.belongs[found.run.backward.output]] == "L"


def test_a_given_upstream_gradient_is_where_it_starts() -> None:
    run = explorer.trace("y = a * x", a=2.0, x=[1.0, 2.0]).differentiate("y", [3.0, 5.0])
    found = autograd(run)
    assert found.run.upstream.tolist() == [3.0, 5.0]
    grads = {i: found.run.grad(i) for i in found.run.graph.ids}
    assert torch.equal(grads["x"], torch.tensor([6.0, 10.0], dtype=torch.float64))


def test_without_a_gradient_there_is_no_graph_and_it_is_said() -> None:
    with pytest.raises(RunError, match="No gradient flows back from y"):
        autograd(explorer.trace("y = 1 + 2"))
