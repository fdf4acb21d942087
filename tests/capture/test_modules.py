"""Modules of torch's library, and how models are put together, each held against plain PyTorch by the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm
from torch.utils.checkpoint import checkpoint

from explorer.capture.model import trace_module
from tests.capture.oracle import hold

WIDTH = 6


class Twice(nn.Module):
    """One module called twice, and once by its ``forward``."""

    def __init__(self) -> None:
        super().__init__()
        self.act = nn.Tanh()
        self.fc = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc.forward(self.act(self.fc(self.act(self.fc(x)))))


class Tied(nn.Module):
    """One matrix embeds and scores; a whole layer is registered twice."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(9, WIDTH)
        self.fc = nn.Linear(WIDTH, WIDTH)
        self.same = self.fc
        self.head = nn.Linear(WIDTH, 9, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.same(self.fc(self.embed(tokens))))


class Unused(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.used, self.unused = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return self.used(x)


@dataclass
class Answer:
    logits: Tensor
    states: list[Tensor]
    label: str = "an answer"


class Answers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor, *, scale: Tensor, gate: bool = False) -> Answer:
        y = self.fc(x) * scale
        return Answer(y, [y.sin(), x])


class Reentrant(nn.Module):
    """A checkpoint of the old kind, which runs a backward pass of its own inside the backward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.head = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(checkpoint(lambda t: self.fc(t).tanh(), self.fc(x), use_reentrant=True))


class Mutating(nn.Module):
    """Writes into its input, its buffer and its parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(WIDTH, WIDTH)
        self.register_buffer("count", torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        x.mul_(2)
        self.count += 1
        self.count[1:] += 2
        with torch.no_grad():
            self.fc.weight.clamp_(-0.1, 0.1)
        return self.fc(x) * self.count.sum()


def convolutional() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Dropout(0.2), nn.Flatten(),
        nn.LazyLinear(3), nn.GroupNorm(3, 3),
    )  # fmt: skip


def recurrent(kind: type[nn.RNNBase]) -> nn.Module:
    return kind(WIDTH, 5, num_layers=2, batch_first=True, bidirectional=True)


def attention() -> nn.Module:
    return nn.MultiheadAttention(WIDTH, 2, dropout=0.1, batch_first=True)


def _first(output: Any) -> Tensor:
    return output[0].sin().sum()


def _sum(output: Tensor) -> Tensor:
    return output.sin().sum()


def vectors(*shape: int) -> Tensor:
    return torch.randn(shape or (3, 4, WIDTH), generator=torch.Generator().manual_seed(3))


def tokens() -> Tensor:
    return torch.tensor([[1, 2, 2, 7], [0, 8, 1, 1]])


CASES: list[tuple[str, Callable[[], nn.Module], Callable[[], Any], Callable[[Any], Tensor]]] = [
    ("conv", convolutional, lambda: (vectors(2, 2, 8, 8),), _sum),
    ("lstm", lambda: recurrent(nn.LSTM), lambda: (vectors(),), _first),
    ("gru", lambda: recurrent(nn.GRU), lambda: (vectors(),), _first),
    ("attention", attention, lambda: (vectors(), vectors(), vectors()), _first),
    ("encoder layer", lambda: nn.TransformerEncoderLayer(WIDTH, 2, 8), lambda: (vectors(),), _sum),
    ("decoder layer", lambda: nn.TransformerDecoderLayer(WIDTH, 2, 8), lambda: (vectors(), vectors()), _sum),
    ("twice", Twice, lambda: (vectors(),), _sum),
    ("tied", Tied, lambda: (tokens(),), _sum),
    ("unused", Unused, lambda: (vectors(),), _sum),
    ("sparse", lambda: nn.Embedding(9, 3, max_norm=0.5), lambda: (tokens(),), _sum),
    ("weight norm", lambda: weight_norm(nn.Linear(WIDTH, 2)), lambda: (vectors(),), _sum),
    ("mutating", Mutating, lambda: (vectors(),), _sum),
    ("bag", lambda: nn.EmbeddingBag(9, 3), lambda: (tokens(),), _sum),
    ("prelu", lambda: nn.Sequential(nn.PReLU(), nn.SiLU(inplace=True)), lambda: (vectors(),), _sum),
]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize(("make", "args", "loss"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_module_is_traced_as_torch_computes_it(
    make: Callable[[], nn.Module], args: Callable[[], Any], loss: Callable[[Any], Tensor], training: bool
) -> None:
    torch.manual_seed(5)
    module = make()
    module(*args())  # lazy layers take their sizes
    hold(module.train(training), args(), loss=loss)


def test_a_tied_weight_is_one_parameter_with_several_consumers() -> None:
    run = hold(Tied(), (tokens(),), loss=_sum)
    node = run.graph.find("embed.weight")
    assert {run.graph.ops[target] for target, _ in run.graph.consumers[node]} == {"embedding", "transpose"}
    assert run.graph.attrs[node]["also"] == ("head.weight",)
    assert run.grad("head.weight") is run.grad("embed.weight") is not None
    assert run.grad("same.bias") is run.grad("fc.bias") is not None


def test_a_module_called_again_is_another_scope() -> None:
    run = hold(Twice(), (vectors(),), loss=_sum)
    scopes = [run.graph.scopes[i] for i, op in enumerate(run.graph.ops) if op in ("tanh", "addmm")]
    assert scopes == [("fc",), ("act",), ("fc#2",), ("act#2",), ("fc#3",)]


def test_an_unused_parameter_is_there_without_a_gradient() -> None:
    run = hold(Unused(), (vectors(),), loss=_sum)
    node = run.graph.nodes["unused.weight"]
    assert node.kind == "parameter" and node.requires_grad
    assert run.grad("unused.weight") is None and run.grad("used.weight") is not None
    assert run.value("unused.weight") is not None


def test_outputs_keep_their_type_and_are_nodes() -> None:
    model, x, scale = Answers(), vectors(), torch.tensor(2.0, requires_grad=True)
    run = hold(model, (x,), {"scale": scale}, loss=lambda answer: answer.logits.sum() + answer.states[0].sum())
    assert isinstance(run.outputs, Answer) and run.outputs.label == "an answer"
    values = [run.values[node] for node in run.graph.outputs]
    assert all(map(torch.equal, values, [run.outputs.logits, *run.outputs.states, run.value(run.output)]))
    assert run.grad("scale") is not None and run.grad("x") is None
    assert run.graph.nodes["scale"].kind == "input"


def test_a_reentrant_checkpoint_leaves_every_grad_alone() -> None:
    model, x = Reentrant(), vectors().requires_grad_()
    model.head.weight.grad = torch.ones(1, WIDTH)
    model(x).sum().backward()
    expected = {name: p.grad.clone() for name, p in model.named_parameters()}
    expected["head.weight"] -= 1
    for p in model.parameters():
        p.grad = None
    model.head.weight.grad = kept = torch.ones(1, WIDTH)
    x.grad = None
    run = trace_module(model, x)
    for name, grad in expected.items():
        torch.testing.assert_close(run.grad(name), grad)
    assert run.grad("x") is not None and x.grad is None
    assert model.head.weight.grad is kept and torch.equal(kept, torch.ones(1, WIDTH)) and model.fc.weight.grad is None


class Around(nn.Module):
    """Something special between two plain layers."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.first, self.inner = nn.Linear(WIDTH, WIDTH), inner

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(self.first(x))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("wrap", [torch.jit.script, lambda m: torch.compile(m, backend="eager")])
def test_scripted_and_compiled_parts_are_looked_into(wrap: Callable[[nn.Module], nn.Module]) -> None:
    """TorchScript differentiates by formulas of its own where nobody looks, so the last bits may differ."""
    model, x = Around(wrap(nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh()))), vectors()
    run = trace_module(model, x, loss=_sum)
    _sum(model(x)).backward()
    for name, p in model.named_parameters():
        torch.testing.assert_close(run.grad(name), p.grad)
    assert [op for op in run.graph.ops if op in ("addmm", "tanh")] == ["addmm", "addmm", "tanh"]


def test_a_subclass_of_tensor_is_traced() -> None:
    class Marked(Tensor):
        """Nothing but a name."""

    model, x = Around(nn.Tanh()), vectors().as_subclass(Marked)
    run = trace_module(model, x, loss=_sum)
    _sum(model(x)).backward()
    assert torch.equal(run.grad("first.weight"), model.first.weight.grad)


def test_a_sparse_gradient_stays_sparse() -> None:
    model = nn.Embedding(9, 3, sparse=True)
    run = trace_module(model, tokens(), loss=_sum)
    _sum(model(tokens())).backward()
    assert run.grad("weight").is_sparse
    assert torch.equal(run.grad("weight").to_dense(), model.weight.grad.to_dense())
