"""What ``trace_module`` promises beside the numbers: losses, notes, errors, partial graphs, and no traces left."""

from __future__ import annotations

import contextlib
import functools
import gc
import random
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer import models
from explorer.capture.model import trace_module
from explorer.errors import CaptureError, ExplorerError, RunError
from tests.capture.oracle import hold, same, state


class Failing(nn.Module):
    """Its forward runs two layers and then meets what the test asks for."""

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.first, self.second, self.problem = nn.Linear(3, 4), nn.Linear(4, 5), problem
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.first(x)).relu()
        if self.problem == "shapes":
            return y @ x
        if self.problem == "index":
            return nn.functional.embedding(torch.tensor([9]), y)
        if self.problem == "python":
            return {}["missing"]  # type: ignore[no-any-return]
        try:
            y @ x
        except RuntimeError:
            return self.second(y)
        raise AssertionError


@pytest.fixture
def x() -> Tensor:
    return torch.randn(2, 3, generator=torch.Generator().manual_seed(6))


class TestLoss:
    def test_without_one_the_first_output_is_summed_and_the_run_says_so(self, x: Tensor) -> None:
        run = trace_module(nn.Linear(3, 2), x)
        assert run.loss == "the sum of the output"
        assert torch.equal(run.value(run.output), run.outputs.sum())

    def test_a_scalar_output_is_the_loss(self, x: Tensor) -> None:
        model = nn.Sequential(nn.Linear(3, 1), nn.Flatten(0))
        model.forward = lambda x: nn.Linear(3, 1)(x).mean()  # type: ignore[method-assign]
        assert trace_module(model, x).loss == "the output"

    def test_the_outputs_own_loss_is_taken(self, x: Tensor) -> None:
        class Labelled(nn.Linear):
            def forward(self, x: Tensor) -> dict[str, Tensor]:  # type: ignore[override]
                y = super().forward(x)
                return {"logits": y, "loss": y.pow(2).mean()}

        run = trace_module(Labelled(3, 2), x)
        assert run.loss == "the output's own loss"
        assert torch.equal(run.value(run.output), run.outputs["loss"])

    def test_the_operations_of_a_loss_have_a_scope_of_their_own(self, x: Tensor) -> None:
        run = trace_module(nn.Linear(3, 2), x, loss=lambda y: y.exp().mean())
        assert [run.graph.scopes[run.graph.find(op)] for op in ("addmm", "exp", "mean")] == [(), ("loss",), ("loss",)]

    @pytest.mark.parametrize(
        ("loss", "words"),
        [(lambda y: y, "shape"), (lambda y: y.sum().item(), "float"), (lambda y: 1 / 0, "ZeroDivisionError")],
    )
    def test_a_loss_that_is_none_is_refused_with_the_forward_kept(self, x: Tensor, loss: Any, words: str) -> None:
        with pytest.raises(CaptureError, match=words) as caught:
            trace_module(nn.Linear(3, 2), x, loss=loss)
        assert caught.value.run.value("addmm") is not None

    def test_an_output_of_whole_numbers_needs_a_loss(self, x: Tensor) -> None:
        with pytest.raises(CaptureError, match="Give a loss"):
            trace_module(nn.Identity(), torch.tensor([1, 2]))


class TestGrounds:
    def test_a_frozen_model_is_differentiated_by_its_inputs(self, x: Tensor) -> None:
        model = nn.Linear(3, 2).requires_grad_(False)
        before = state(model, (x,), {})
        run = trace_module(model, x, loss=lambda y: y.pow(2).sum())
        same(state(model, (x,), {}), before)
        leaf = x.clone().requires_grad_()
        model(leaf).pow(2).sum().backward()
        assert torch.equal(run.grad("input"), leaf.grad)
        assert run.grad("weight") is None
        assert "inputs" in run.notes[0]

    def test_a_frozen_model_of_tokens_is_differentiated_by_its_parameters(self) -> None:
        model, tokens = nn.Embedding(5, 3).requires_grad_(False), torch.tensor([1, 1, 2])
        before = state(model, (tokens,), {})
        run = trace_module(model, tokens)
        same(state(model, (tokens,), {}), before)
        assert run.grad("weight").sum(1).tolist() == [0, 6, 3, 0, 0]
        assert "parameters" in run.notes[0]

    def test_an_input_from_a_computation_is_where_the_backward_pass_ends(self, x: Tensor) -> None:
        outside = x.requires_grad_()
        inside = outside * 2
        run = trace_module(nn.Linear(3, 2), inside)
        assert run.grad("input") is not None and run.graph.nodes["input"].kind == "input"
        inside.sum().backward()
        assert torch.equal(outside.grad, torch.full((2, 3), 2.0))

    def test_a_computation_outside_the_model_is_left_alone(self, x: Tensor) -> None:
        secret = torch.ones(3, requires_grad=True)
        scale = secret.exp()

        class Scaled(nn.Linear):
            def forward(self, x: Tensor) -> Tensor:
                return super().forward(x * scale)

        run = trace_module(Scaled(3, 2), x)
        (constant,) = [node for node in run.graph.nodes.values() if node.kind == "constant"]
        assert run.grad(constant.id) is not None and secret.grad is None
        scale.sum().backward()

    def test_without_anything_to_differentiate_there_is_no_backward_pass(self, x: Tensor) -> None:
        run = trace_module(nn.Linear(3, 2), x, loss=lambda y: y.detach().sum())
        assert "no backward pass" in run.notes[0]
        assert not run.backward.order and run.grad("weight") is None

    @pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
    def test_a_caller_without_gradients_gets_them_all_the_same(self, x: Tensor, context: Any) -> None:
        model = nn.Linear(3, 2)
        with context():
            assert trace_module(model, x).grad("weight") is not None


class TestFailure:
    @pytest.mark.parametrize(("problem", "op"), [("shapes", "matmul"), ("index", "embedding")])
    def test_the_graph_up_to_the_failing_operation_is_kept(self, x: Tensor, problem: str, op: str) -> None:
        model = Failing(problem)
        before = state(model, (x,), {})
        with pytest.raises(CaptureError) as caught:
            trace_module(model, x)
        same(state(model, (x,), {}), before)
        run = caught.value.run.graph.check() and caught.value.run
        (failed,) = [i for i in range(len(run.graph)) if "failed" in run.graph.attrs[i]]
        assert run.graph.ops[failed] == op and run.value(failed) is None
        assert run.graph.outputs == (failed,)
        assert torch.equal(run.value("relu"), run.value("batch_norm").relu())
        assert caught.value.file == __file__ and caught.value.line == run.graph.lines[failed]

    def test_an_error_between_operations_names_its_line(self, x: Tensor) -> None:
        with pytest.raises(CaptureError, match="KeyError.*missing") as caught:
            trace_module(Failing("python"), x)
        assert caught.value.file == __file__ and isinstance(caught.value.__cause__, KeyError)
        assert caught.value.run.value("relu") is not None

    def test_an_error_that_the_model_survives_is_no_failure(self, x: Tensor) -> None:
        run = hold(Failing("caught"), (x,))
        assert not any("failed" in run.graph.attrs[i] for i in range(len(run.graph)))

    def test_a_backward_pass_that_raises_keeps_the_forward(self, x: Tensor) -> None:
        class Broken(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Tensor) -> Tensor:
                return x * 2

            @staticmethod
            def backward(ctx: Any, g: Tensor) -> Tensor:
                raise ValueError("no way back")

        with pytest.raises(CaptureError, match="backward pass raised ValueError.*no way back") as caught:
            trace_module(nn.Linear(3, 2), x, loss=lambda y: Broken.apply(y).sum())
        assert caught.value.run.value("Broken") is not None and caught.value.run.grad("weight") is None

    @pytest.mark.parametrize("what", [torch.sin, nn.Linear, 3])
    def test_what_is_no_model_is_refused(self, what: Any, x: Tensor) -> None:
        with pytest.raises(CaptureError, match="Module"):
            trace_module(what, x)

    def test_every_error_is_of_the_one_tree(self, x: Tensor) -> None:
        with pytest.raises(ExplorerError):
            trace_module(nn.Linear(5, 2), x)

    def test_a_loss_that_traces_the_model_again_is_refused(self, x: Tensor) -> None:
        model = nn.Linear(3, 2)
        with pytest.raises(CaptureError, match="traced already"):
            trace_module(model, x, loss=lambda y: trace_module(model, x).outputs.sum())
        assert trace_module(model, x).grad("weight") is not None


class TestUntouched:
    @pytest.fixture(params=[True, False])
    def collector(self, request: pytest.FixtureRequest) -> Iterator[bool]:
        was = gc.isenabled()
        (gc.enable if request.param else gc.disable)()
        yield request.param
        (gc.enable if was else gc.disable)()

    def test_the_garbage_collector_is_as_before(self, x: Tensor, collector: bool) -> None:
        trace_module(nn.Linear(3, 2), x)
        with pytest.raises(CaptureError):
            trace_module(nn.Linear(5, 2), x)
        assert gc.isenabled() == collector

    def test_the_users_hooks_run_and_stay(self, x: Tensor) -> None:
        model, seen = nn.Linear(3, 2), []
        model.register_forward_hook(lambda module, args, output: seen.append(output.shape))
        model.weight.register_hook(lambda grad: seen.append(grad.shape))
        trace_module(model, x)
        assert seen == [(2, 2), (2, 3)] and len(model._forward_hooks) == 1

    def test_a_backward_pass_inside_the_forward_leaves_every_grad_alone(self, x: Tensor) -> None:
        class Impatient(nn.Linear):
            def forward(self, x: Tensor) -> Tensor:
                super().forward(x).sum().backward()
                return super().forward(x)

        model = Impatient(3, 2)
        model.weight.grad = kept = torch.ones(2, 3)
        before = state(model, (x,), {})
        trace_module(model, x)
        same(state(model, (x,), {}), before)
        assert torch.equal(kept, torch.ones(2, 3))

    def test_numbers_drawn_from_other_generators_are_drawn_again(self, x: Tensor) -> None:
        class Drawing(nn.Linear):
            def forward(self, x: Tensor) -> Tensor:
                return super().forward(x) * random.random() + np.random.randn() + torch.rand(())

        hold(Drawing(3, 2), (x,))

    def test_a_value_that_was_changed_after_the_trace_is_not_passed_off(self, x: Tensor) -> None:
        model = nn.Linear(3, 2)
        run = trace_module(model, x)
        run.value("weight")
        with torch.no_grad():
            model.weight.add_(1)
        with pytest.raises(RunError, match="changed in place"):
            run.value("weight")
        assert run.value("addmm") is not None

    def test_two_threads_trace_one_model_one_after_the_other(self) -> None:
        model = nn.Sequential(*[nn.Linear(8, 8) for _ in range(6)], nn.BatchNorm1d(8))
        inputs = [torch.randn(3, 8, generator=torch.Generator().manual_seed(i)) for i in range(8)]
        found: dict[int, Any] = {}

        def trace(i: int) -> None:
            run = trace_module(model, inputs[i])
            found[i] = (run.graph.ids, run.graph.inputs, run.graph.scopes, run.value(run.output).item())

        for i in range(8):
            trace(i)
        expected = found.copy()
        found.clear()
        threads = [threading.Thread(target=trace, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == expected
        assert not any("forward" in vars(module) for module in model.modules())
        assert model[6].num_batches_tracked == 0

    def test_two_models_that_share_a_layer_wait_for_each_other(self) -> None:
        shared = nn.Linear(4, 4)
        models = [nn.Sequential(shared, nn.Tanh()), nn.Sequential(nn.Tanh(), shared)]
        found: list[Any] = []
        x = torch.randn(2, 4)

        def trace(model: nn.Module) -> None:
            for _ in range(20):
                run = trace_module(model, x)
                found.append([run.graph.scopes[i] for i, op in enumerate(run.graph.ops) if op in ("tanh", "addmm")])

        threads = [threading.Thread(target=trace, args=(model,)) for model in models]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 40 and all(scopes == [("0",), ("1",)] for scopes in found)
        assert "forward" not in vars(shared)


def test_a_node_knows_where_it_comes_from(x: Tensor) -> None:
    run = trace_module(Failing("caught"), x)
    index = run.graph.find("relu")
    attrs = run.graph.attrs[index]
    assert attrs["target"] == "aten.relu.default" and attrs["module"] == "Failing" and attrs["file"] == __file__
    layer = run.graph.find("addmm")
    assert run.graph.attrs[layer]["module"] == "Linear" and run.graph.scopes[layer] == ("first",)
    assert run.graph.lines[layer] == run.graph.lines[index]
    assert run.graph.attrs[run.graph.find("sum")]["target"] == "aten.sum.default"
    assert run.graph.attrs[run.graph.find("sum")]["grad_fn"] == Failing("caught")(x).sum().grad_fn.name()


@pytest.mark.parametrize("mode", ["eager", "export"])
def test_a_run_that_is_dropped_gives_its_memory_back_at_once(mode: Any) -> None:
    """A circle through torch's autograd nodes could not be collected by anyone."""
    gc.collect()
    gc.disable()
    try:
        run = trace_module(models.load("gpt"), models.example("gpt"), mode=mode)
        kept = [weakref.ref(run.grad("wte.weight")), weakref.ref(run.outputs), weakref.ref(run)]
        assert all(reference() is not None for reference in kept)
        del run
        assert all(reference() is None for reference in kept)
    finally:
        gc.enable()


def test_every_step_of_a_model_can_be_looked_at(x: Tensor) -> None:
    """Forward every node with a value, backward in the engine's order, sums as they come."""
    run = trace_module(models.load("gpt", layers=1), models.example("gpt"))
    steps = list(run.steps)
    assert [s.node for s in steps if s.phase == "backward"] == [run.graph.ids[i] for i in run.backward.order]
    last: dict[str, Any] = {}
    for arrival in (arrival for step in steps for arrival in step.arrivals):
        if run.graph.nodes[arrival.edge.source].dtype:
            last[arrival.edge.source] = arrival.after
    assert len(last) > 40
    assert all(torch.equal(total, run.grad(node)) for node, total in last.items())


def test_a_local_derivative_is_torchs(x: Tensor) -> None:
    run = trace_module(nn.Sequential(nn.Linear(3, 2), nn.Softmax(-1)), x, loss=lambda y: y.square().sum())
    (edge,) = [e for e in run.graph.edges if e.target == "softmax"]
    jacobian = torch.func.jacrev(lambda v: v.softmax(-1))(run.value(edge.source))
    torch.testing.assert_close(run.local(edge), jacobian)
    edges = [e for e in run.graph.edges if e.target == "addmm"]
    locals_ = [run.local(e) for e in edges]
    assert [tuple(d.shape) for d in locals_ if d is not None] == [(2, 2, 2), (2, 2, 3, 2)]  # no gradient into x
    with pytest.raises(RunError, match="loss"):
        run.differentiate("addmm")


@pytest.mark.parametrize("mode", ["eager", "export"])
def test_the_graph_knows_the_class_of_every_scope(mode: Any) -> None:
    run = trace_module(models.load("gpt", layers=1), models.example("gpt"), mode=mode)
    modules = run.graph.modules
    assert modules[("h", "0")] == "Block" and modules[("h", "0", "attn", "qkv")] == "Linear"
    assert ("h",) not in modules
    called = [scope for node, scope in enumerate(run.graph.scopes) if run.graph.kind(node) == "op"]
    assert all(scope in modules for scope in called)


def test_an_operation_has_a_line_where_code_of_the_users_stands_between_it_and_the_trace() -> None:
    """Not that of the call that asked for the trace, nor one of Python's library."""
    alone = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    run = trace_module(alone, torch.ones(1, 3))
    assert set(run.graph.lines) == {0} and not any("file" in attrs for attrs in run.graph.attrs.values())

    class Around(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = alone

        def forward(self, x: Tensor) -> Tensor:
            with contextlib.ExitStack() as stack:
                stack.callback(x.sin)
                return functools.partialmethod(type(self).within).__get__(self)(x)

        def within(self, x: Tensor) -> Tensor:
            return self.inner(x)

    def loss(y: Tensor) -> Tensor:
        return y.sum()

    graph = trace_module(Around(), torch.ones(1, 3), loss=loss).graph
    first = {op: graph.lines[graph.ops.index(op)] for op in ("addmm", "relu", "sin", "sum")}
    within, forward = (part.__code__.co_firstlineno for part in (Around.within, Around.forward))
    assert first["addmm"] == first["relu"] == within + 1
    assert forward < first["sin"] < within and first["sum"] == loss.__code__.co_firstlineno + 1
    assert {attrs["file"] for attrs in graph.attrs.values() if "file" in attrs} == {__file__}
