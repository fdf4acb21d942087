"""Exported models: the same numbers as plain PyTorch, run again with other inputs, and clear reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn

from explorer import models
from explorer.capture.model import trace_module
from explorer.capture.module import Exported, export
from explorer.errors import CaptureError
from tests.capture import test_eager as programs
from tests.capture.oracle import assert_same, hold, is_same, same, seed, state
from tests.capture.test_modules import Answers, Tied, Twice, convolutional, recurrent, tokens, vectors


class Keeping(fx.Interpreter):
    """torch.fx's own interpreter, which keeps every result and its gradient."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.kept: list[Tensor] = []

    def run_node(self, n: fx.Node) -> Any:
        out = super().run_node(n)
        if n.op == "call_function" and isinstance(out, Tensor):
            self.kept.append(out)
            if out.requires_grad:
                out.retain_grad()
        return out


def _loss(y: Tensor) -> Tensor:
    return y.sin().sum()


@pytest.mark.parametrize("name", models.names())
def test_every_model_exports_and_runs_as_torch_computes_it(name: str) -> None:
    model, args = models.load(name), models.example(name)
    run = hold(model, args, loss=_loss, mode="export")
    keeping = Keeping(torch.export.export(model, args).module(check_guards=False))
    _loss(keeping.run(*args)).backward()
    graph = run.graph
    ours = [i for i in range(len(graph)) if graph.kind(i) == "op" and graph.dtypes[i] and graph.scopes[i] != ("loss",)]
    for node in ours:
        found = [t for t in keeping.kept if is_same(t, run.values[node])]
        assert found, graph.ids[node]
        if graph.requires_grad[node]:
            assert any(is_same(run.grads[node], t.grad) for t in found if t.requires_grad), graph.ids[node]


@pytest.mark.parametrize(
    ("make", "args", "loss"),
    [
        (Twice, lambda: (vectors(),), _loss),
        (Tied, lambda: (tokens(),), _loss),
        (convolutional, lambda: (vectors(2, 2, 8, 8),), _loss),
        (lambda: recurrent(nn.LSTM), lambda: (vectors(),), lambda y: y[0].sin().sum()),
        (lambda: nn.TransformerEncoderLayer(6, 2, 8), lambda: (vectors(),), _loss),
    ],
    ids=["twice", "tied", "conv", "lstm", "encoder"],
)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_a_module_is_run_as_torch_computes_it(
    make: Callable[[], nn.Module], args: Callable[[], Any], loss: Callable[[Any], Tensor], training: bool
) -> None:
    torch.manual_seed(5)
    module = make()
    module(*args())
    hold(module.train(training), args(), loss=loss, mode="export")


@pytest.mark.parametrize(
    "body",
    [
        programs.in_place, programs.write_through_view, programs.buffer_filled, programs.parts, programs.no_grad_region,
        programs.square, programs.dropped, programs.chain_of_views,
    ],
    ids=lambda body: body.__name__,
)  # fmt: skip
def test_a_hard_program_is_run_as_torch_computes_it(body: Callable[[Tensor, Tensor], Tensor]) -> None:
    x = torch.randn(4, 4, generator=torch.Generator().manual_seed(2))
    hold(programs.Program(body), (x,), mode="export")


def test_autocast_is_run_as_torch_exported_it() -> None:
    """A weight that is used twice is cast twice there, and once in eager code: the sums differ in bfloat16."""
    model, x = programs.Program(programs.autocast), torch.randn(4, 4, generator=torch.Generator().manual_seed(2))
    run = trace_module(model, (x,), mode="export")
    model(x).sum().backward()
    torch.testing.assert_close(run.grad("weight"), model.weight.grad, rtol=0.02, atol=0.05)
    assert torch.equal(run.outputs, model(x))


class TestAgain:
    @pytest.fixture(scope="class")
    def exported(self) -> Exported:
        return export(models.load("gpt"), models.example("gpt"), {})

    @pytest.mark.parametrize("shape", [(1, 8), (1, 3), (4, 16), (3, 1)])
    def test_other_batches_and_lengths_run_through_the_same_graph(
        self, exported: Exported, shape: tuple[int, int]
    ) -> None:
        x = torch.randint(27, shape, generator=torch.Generator().manual_seed(8))
        run = exported.run((x,), loss=_loss)
        expected = exported.module(x)
        grads = torch.autograd.grad(_loss(expected), list(exported.module.parameters()))
        assert_same(run.outputs.detach(), expected.detach())
        for (name, _), grad in zip(exported.module.named_parameters(), grads, strict=True):
            assert_same(run.grad(name), grad)

    def test_the_weights_are_the_models_own(self) -> None:
        model = models.load("mlp")
        exported = export(model, models.example("mlp"), {})
        before = exported.run(models.example("mlp")).outputs
        with torch.no_grad():
            model.layers[-1].bias.add_(1)
        torch.testing.assert_close(exported.run(models.example("mlp")).outputs, before + 1)

    @pytest.mark.parametrize(
        ("args", "kwargs", "words"),
        [
            ((torch.zeros(1, 8, 2, dtype=torch.long),), {}, "shape"),
            ((), {}, "inputs of the form"),
            ((torch.zeros(1, 8, dtype=torch.long),), {"mask": 1}, "keywords"),
        ],
    )
    def test_inputs_that_do_not_fit_are_refused(self, exported: Exported, args: Any, kwargs: Any, words: str) -> None:
        with pytest.raises(CaptureError, match=words):
            exported.run(args, kwargs)

    def test_a_failing_run_keeps_the_graph_up_to_there(self, exported: Exported) -> None:
        with pytest.raises(CaptureError, match="IndexError") as caught:
            exported.run((torch.tensor([[0, 99]]),))
        run = caught.value.run
        assert run.graph.ops[run.graph.outputs[-1]] == "embedding"


def test_keywords_come_in_any_order_and_outputs_keep_their_type() -> None:
    torch.export.register_dataclass(type(Answers()(vectors(), scale=torch.ones(1))))
    scale = torch.tensor(2.0, requires_grad=True)
    run = hold(Answers(), (vectors(),), {"scale": scale}, loss=lambda a: a.logits.sum(), mode="export")
    assert run.outputs.states[0].shape == (3, 4, 6)
    assert run.grad("scale") is not None


class Loose(nn.Module):
    """Takes keywords that it does not name."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.5, -1.0, 2.0]))

    def forward(self, x: Tensor, **options: Any) -> Tensor:
        return x * self.weight + (options["y"].sum() if options["shifted"] else 0)


def test_keywords_that_forward_does_not_name_leave_the_sizes_free() -> None:
    model = Loose()
    before = state(model, (), {})
    exported = export(model, (), {"shifted": True, "y": vectors(2, 5), "x": vectors(4, 3)})
    same(state(model, (), {}), before)
    again = {"y": vectors(6, 2), "x": vectors(7, 3), "shifted": True}
    assert_same(exported.run((), again).outputs.detach(), model(**again).detach())


@dataclass(frozen=True)
class Unregistered:
    """An output that torch cannot take apart."""

    score: Tensor
    parts: list[Any]
    label: str = "three"


class Answering(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.5, -1.0, 2.0]))

    def forward(self, x: Tensor) -> Unregistered:
        return Unregistered((x * self.weight).sin(), [x + 1, Unregistered(x * 3, [])])


def test_a_dataclass_that_nobody_registered_is_exported_and_returned() -> None:
    x = vectors(4, 3)
    run = hold(Answering(), (x,), loss=lambda out: out.score.sum(), mode="export")
    inner = run.outputs.parts[1]
    assert isinstance(run.outputs, Unregistered) and isinstance(inner, Unregistered)
    assert run.outputs.label == "three" and inner.parts == []
    assert_same(inner.score.detach(), (x * 3).detach())


def test_a_backward_pass_that_an_export_loses_is_told_of() -> None:
    model, x = programs.Program(programs.custom_function), vectors(4, 4)
    assert any("Doubled" in note for note in trace_module(model, (x,), mode="export").notes)
    assert not trace_module(model, (x,)).notes
    assert not trace_module(Loose(), (), {"x": vectors(4, 3), "shifted": False}, mode="export").notes


def test_a_node_knows_its_module_and_line() -> None:
    run = trace_module(Twice(), (vectors(),), mode="export")
    layers = [i for i, op in enumerate(run.graph.ops) if op in ("linear", "tanh")]
    scopes = [run.graph.scopes[i] for i in layers]
    assert scopes == [("fc",), ("act",), ("fc#2",), ("act#2",), ()]
    assert run.graph.attrs[layers[0]]["target"] == "aten.linear.default"
    assert run.graph.attrs[layers[0]]["module"] == "Linear"
    assert run.graph.attrs[layers[0]]["file"].endswith("test_modules.py")
    assert len({run.graph.lines[i] for i in layers}) == 1


def test_where_export_fails_the_line_is_named_and_the_eager_run_is_there() -> None:
    model, x = programs.Program(programs.control_flow), torch.randn(4, 4, generator=torch.Generator().manual_seed(2))
    before = state(model, (x,), {})
    with pytest.raises(CaptureError, match=r"torch\.export gave up.*cut into segments") as caught:
        trace_module(model, (x,), mode="export")
    same(state(model, (x,), {}), before)
    assert caught.value.file == programs.__file__
    first = programs.control_flow.__code__.co_firstlineno
    assert first < caught.value.line < first + 5
    expected = trace_module(model, (x,))
    assert torch.equal(caught.value.run.grad("weight"), expected.grad("weight"))


def test_an_operator_that_branches_inside_is_reported() -> None:
    class Branching(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.cond(x.sum() > 0, torch.sin, torch.cos, (x,))

    with pytest.raises(CaptureError, match="cond"):
        export(Branching(), (torch.ones(3),), {})


def test_the_random_state_replays_a_dropout() -> None:
    model = models.load("encoder-pre-norm", dropout=0.5).train()
    exported = export(model, models.example("encoder-pre-norm"), {})
    seed()
    first, second = (exported.run(models.example("encoder-pre-norm")).outputs for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(first, model(*models.example("encoder-pre-norm")))
