"""Every worked example beside the same computation written in torch: values and gradients of all its inputs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

import explorer
from explorer.ui.examples import Example, examples


def two_paths(a: Tensor, b: Tensor) -> Tensor:
    return (a + b) * (b + 1)


def newton(x: Tensor) -> Tensor:
    r = x
    while abs(r * r - x) > 0.000001:
        r = (r + x / r) / 2
    return r


def vanishing(x: Tensor, w: Tensor) -> Tensor:
    for _ in range(5):
        x = torch.tanh(w * x)
    return x


def polynomial(x: Tensor) -> Tensor:
    return x**4 + x**3 + x**2 + x + 1


def logistic(X: Tensor, w: Tensor, b: Tensor, t: Tensor) -> Tensor:
    p = torch.sigmoid(X @ w + b)
    return -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()


def attention(Q: Tensor, K: Tensor, V: Tensor, G: Tensor) -> Tensor:
    return (F.softmax(Q @ K.T / 2**0.5, dim=-1) @ V * G).sum()


def two_layers(X: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, t: Tensor) -> Tensor:
    return F.mse_loss(F.linear(torch.tanh(F.linear(X, W1.T, b1)), W2.T, b2), t)


def less_work(x: Tensor, y: Tensor) -> Tensor:
    square = x**2 + y**2
    return square.sqrt() * square / 6 + torch.exp(-square)


ORACLES: dict[str, Callable[..., Tensor]] = {
    "two-paths": two_paths,
    "chain-rule": lambda x: (3 * x + 2) ** 4,
    "difference-of-squares": lambda a, b: a**2 - b**2,
    "product": lambda x, y, w: (x + y) * w,
    "shared-squares": lambda a, b, c, d: (a + b) * b**2 + (c - d) * d**2,
    "neuron": lambda x1, x2, w1, w2, b: torch.tanh(w1 * x1 + w2 * x2 + b),
    "sigmoid": torch.sigmoid,
    "vanishing": vanishing,
    "polynomial": polynomial,
    "newton": newton,
    "branch": lambda x: torch.where(x > 0, x**2, 0.1 * x),
    "dead-relu": lambda w, x, b, t: (torch.relu(w * x + b) - t) ** 2,
    "linear-regression": lambda X, w, b, t: F.mse_loss(X @ w + b, t),
    "logistic-regression": logistic,
    "softmax-cross-entropy": lambda W, x, t: -(t * F.log_softmax(W @ x, dim=0)).sum(),
    "two-layers": two_layers,
    "attention": attention,
    "smooth-ramp": lambda x: torch.relu(x) + F.softplus(x) + F.gelu(x),
    "not-a-number": lambda a, b: torch.log(a - b) ** 2 + a,
    "less-work": less_work,
}


def name(example: Example) -> str:
    return example.slug.split("-", 1)[1]


def test_every_example_has_its_oracle() -> None:
    assert [name(example) for example in examples()] == list(ORACLES)


@pytest.mark.parametrize("example", examples(), ids=name)
def test_it_equals_torch(example: Example) -> None:
    run = explorer.trace(example.program, inputs=example.inputs)
    names = [node.id for node in run.graph.nodes.values() if node.op == "input"]
    leaves = {name: run.value(name).clone().requires_grad_() for name in names}
    expected = ORACLES[name(example)](**leaves) if len(leaves) > 1 else ORACLES[name(example)](*leaves.values())
    expected.backward()
    assert torch.allclose(run.value(run.output), expected.detach(), rtol=1e-12, atol=0, equal_nan=True)
    for leaf, tensor in leaves.items():
        assert torch.allclose(run.grad(leaf), tensor.grad, rtol=1e-9, atol=1e-12, equal_nan=True), leaf


@pytest.mark.parametrize("example", examples(), ids=name)
def test_it_is_written_for_a_reader(example: Example) -> None:
    assert 3 < len(example.title) < 50
    assert 20 < len(example.notice) < 160 and example.notice.endswith(".")
