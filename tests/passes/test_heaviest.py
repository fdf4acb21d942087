"""The heaviest paths against all paths, against torch's gradient, and against gradients that bypass a node."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from torch import Tensor, nn

from explorer import models
from explorer.capture.model import trace_module
from explorer.capture.trace import ModuleRun
from explorer.errors import RunError
from explorer.passes.both import both, steepest
from explorer.passes.differences import check
from explorer.passes.heaviest import heaviest
from explorer.passes.paths import count, paths
from explorer.run import as_tensor, is_finite
from tests.capture.test_random_programs import QUIET, scalar_programs
from tests.test_execute import trace


class Residual(nn.Module):
    """Two blocks around which a residual stream leads: four paths from x to the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = x + torch.tanh(self.one(x))
        a, b = (h + torch.tanh(self.two(h))).chunk(2)
        return (a * b).sum()


def traced(mode: Any = "eager") -> ModuleRun:
    torch.manual_seed(0)
    return trace_module(Residual().double(), torch.randn(2, 3, dtype=torch.float64).requires_grad_(), mode=mode)


@settings(QUIET, max_examples=100)
@given(scalar_programs())
def test_all_paths_where_they_are_few_enough(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    name = next((n for n in ("a", "b") if run.graph.index.get(n) is not None and run.grad(n) is not None), None)
    assume(name is not None and 0 < count(run, name) <= 50)
    assert name is not None
    assume(all(is_finite(number) for number in run.contributions if number is not None))
    found, every = heaviest(run, name, width=10_000), paths(run, name)
    assert found.is_complete and {way.edges for way in found.listed} == {path.edges for path in every.listed}
    sizes = [way.size for way in found.listed]
    assert sizes == sorted(sizes, reverse=True)
    scale = sum(sizes) or 1.0
    assert abs(float(as_tensor(found.rest))) <= 1e-12 * scale


@pytest.mark.parametrize("mode", ["eager", "export"])
def test_the_paths_of_a_model_add_up_to_its_gradient(mode: str) -> None:
    run = traced(mode)
    found = heaviest(run, "x")
    assert found.is_complete and found.count == len(found.listed) == 8  # four, to each of two halves
    total = sum(as_tensor(way.product) for way in found.listed)
    torch.testing.assert_close(total, run.grad("x"), atol=1e-12, rtol=1e-12)
    assert abs(sum(way.share for way in found.listed) - 1) < 1e-12


def test_a_bound_lists_fewer_and_tells_the_rest() -> None:
    run = traced()
    found, every = heaviest(run, "x", width=3), heaviest(run, "x")
    assert not found.is_complete and 0 < len(found.listed) <= 3
    known = {way.edges: way.product for way in every.listed}
    assert all(torch.equal(as_tensor(way.product), as_tensor(known[way.edges])) for way in found.listed)
    total = sum((as_tensor(way.product) for way in found.listed), as_tensor(found.rest))
    torch.testing.assert_close(total, run.grad("x"))


def test_paths_between_two_nodes_bring_what_went_through() -> None:
    """Through the first block alone: the gradient less what it is with the block's result held still."""
    run = traced()
    model = Residual().double()
    tanh = run.graph.ids[run.graph.ops.index("tanh")]
    found = heaviest(run, "x", tanh)
    x = run.value("x").clone().requires_grad_()  # type: ignore[union-attr]
    one = run.value("one.weight")
    through = torch.autograd.grad(torch.tanh(x @ one.T), x, run.grad(tanh))[0]  # type: ignore[union-attr]
    torch.testing.assert_close(as_tensor(found.gradient), through)
    assert found.count == 1 and model is not None
    with pytest.raises(RunError, match="No gradient flows"):
        heaviest(run, "two.weight", tanh)


@pytest.mark.parametrize("mode", ["eager", "export"])
@pytest.mark.parametrize("name", ["gpt", "llama-block", "encoder-pre-norm"])
def test_a_derivative_of_a_model_is_reached_both_ways(name: str, mode: Any) -> None:
    """A parameter, and an activation: forward mode by dual numbers, held to torch.func.jvp of the model itself."""
    model, args = models.load(name).double(), models.example(name)
    args = tuple(x.double() if x.is_floating_point() else x for x in args)
    run = trace_module(model, args, mode=mode)
    parameter, _ = next((n, p) for n, p in model.named_parameters() if run.grad(n) is not None)
    found = both(run, parameter)
    assert found.forward is not None and abs(found.forward - found.reverse) <= 1e-9 * max(1, abs(found.reverse))
    seed = torch.zeros_like(model.get_parameter(parameter))
    seed[found.place] = 1.0

    def loss(weight: Tensor) -> Tensor:
        return torch.func.functional_call(model, {parameter: weight}, args).sum()

    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        _, pushed = torch.func.jvp(loss, (model.get_parameter(parameter).detach(),), (seed.detach(),))
    pushed = pushed.detach()
    assert abs(found.forward - float(pushed)) <= 1e-9 * max(1, abs(float(pushed)))
    inner = next(i for i in run.backward.order[3:] if run.graph.dtypes[i] == "float64" and run.graph.inputs[i])
    again = both(run, inner)
    assert again.forward is not None and abs(again.forward - again.reverse) <= 1e-9 * max(1, abs(again.reverse))


def test_fused_attention_has_a_forward_mode_too() -> None:
    class Attends(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return nn.functional.scaled_dot_product_attention(x, x, x, is_causal=True).square().sum()

    for mode in ("eager", "export"):
        run = trace_module(Attends(), torch.randn(1, 2, 5, 4, requires_grad=True), mode=mode)  # type: ignore[arg-type]
        found = both(run, "x")
        assert found.forward is not None and abs(found.forward - found.reverse) <= 1e-4 * abs(found.reverse)


def test_finite_differences_of_an_activation_of_a_model() -> None:
    run = traced()
    for name in ("x", "one.weight", run.graph.ids[run.graph.ops.index("tanh")], "split"):
        if run.grad(name) is None:
            continue
        place = steepest(run.grad(name))  # type: ignore[arg-type]
        best = check(run, name, place).best
        assert best is not None and best.error <= 1e-7 * max(1.0, abs(best.slope))


def test_dropout_falls_as_it_did_while_a_number_is_moved() -> None:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5), nn.Tanh()).double().train()
    run = trace_module(model, torch.randn(2, 3, dtype=torch.float64))
    at = run.graph.index["0.weight"]
    value = run.value(at)
    assert value is not None and torch.equal(run.again({at: value}, run.backward.output), run.value(run.output))  # type: ignore[arg-type]
    best = check(run, at, steepest(run.grad(at))).best  # type: ignore[arg-type]
    assert best is not None and best.error <= 1e-7 * max(1.0, abs(best.slope))


class Highest(nn.Module):
    """Reads both results of one operation."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(share)

    def forward(self, x: Tensor) -> Tensor:
        values, places = x.max(-1)
        return self.dropout(values) + places


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_first_of_several_results_is_another(share: float) -> None:
    """The others stay, and what is drawn at random afterwards is drawn as it was."""
    torch.manual_seed(2)
    run = trace_module(Highest(share), torch.randn(8, 4, requires_grad=True))
    at, out = run.graph.ops.index("max"), run.graph.outputs[0]
    places = run.value(run.graph.ops.index("getitem"))
    value, result = run.value(at), run.value(out)
    assert value is not None and result is not None and places is not None
    torch.testing.assert_close(run.again({at: 2 * value}, out), 2 * (result - places) + places)
