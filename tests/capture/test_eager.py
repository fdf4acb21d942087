"""Programs that are hard to trace, each held against plain PyTorch by the oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from tests.capture.oracle import hold


class Doubled(torch.autograd.Function):
    """A custom function whose backward pass is its own."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(x, y)
        return x * y + 1, x.sin()

    @staticmethod
    def backward(ctx: Any, g: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        x, y = ctx.saved_tensors
        return 3 * g * y + h, g * x


class Program(nn.Module):
    """A function of an input and a square weight, as a model."""

    def __init__(self, body: Callable[[Tensor, Tensor], Any]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 4, generator=torch.Generator().manual_seed(1)))
        self.body = body

    def forward(self, x: Tensor) -> Any:
        return self.body(x, self.weight)


def in_place(x: Tensor, w: Tensor) -> Tensor:
    y = x @ w
    z = y * 2
    y.add_(1).mul_(z)
    y += z
    return y.sin()


def write_through_view(x: Tensor, w: Tensor) -> Tensor:
    y = x @ w
    y[:, 1:3] *= w[:, :2]
    y[0] = x[0] * 2
    return y * y


def stale_view(x: Tensor, w: Tensor) -> Tensor:
    y = x @ w
    view = y[:2]
    early = view * 3
    y.mul_(2)
    return early + view.exp()


def chain_of_views(x: Tensor, w: Tensor) -> Tensor:
    y = x @ w
    row = y.view(2, 8)[1]
    row[:3].add_(5)
    row.mul_(2)
    return y.cos()


def buffer_filled(x: Tensor, w: Tensor) -> Tensor:
    out = torch.zeros(4, 4)
    for i in range(4):
        out[i] = x[i] @ w
    return out.tanh()


def control_flow(x: Tensor, w: Tensor) -> Tensor:
    y = x @ w
    while y.norm() > 1:
        y = y / 2 if y.sum() > 0 else y / 3
    return y


def parts(x: Tensor, w: Tensor) -> Tensor:
    a, b = (x @ w).split(2)
    c, d = (x * 2).chunk(2, dim=1)
    rows = w.unbind(0)
    values, places = w.topk(2, dim=1)
    return a * b + (c @ rows[1][:2])[:2, None] + values.sum() + d.sum() + rows[3].sum() + places.sum()


def no_grad_region(x: Tensor, w: Tensor) -> Tensor:
    y = x @ w
    with torch.no_grad():
        scale = y.abs().mean()
        y2 = y * 2
    return y / scale + y2 + y.detach()


def custom_function(x: Tensor, w: Tensor) -> Tensor:
    a, b = Doubled.apply(x, w)
    return a * b + Doubled.apply(w, a)[0]


def square(x: Tensor, w: Tensor) -> Tensor:
    y = x @ w
    return y * y + torch.cat((y, y, w))[:4] + torch.where(y > 0, y, y)


def gradient_inside(x: Tensor, w: Tensor) -> Tensor:
    y = (x @ w).sin().sum()
    (g,) = torch.autograd.grad(y, w, create_graph=True)
    return g * w


def functional(x: Tensor, w: Tensor) -> Tensor:
    rows = torch.func.vmap(lambda row: row.sin() * 2)(x @ w)
    return rows + torch.func.grad(lambda v: (v**3).sum())(x)


def checkpointed(x: Tensor, w: Tensor) -> Tensor:
    y = x @ w
    return checkpoint(lambda t: (t.sin() * w).exp(), y, use_reentrant=False) + y


def autocast(x: Tensor, w: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        y = x @ w
        return (y @ w).float() + y


def dropped(x: Tensor, w: Tensor) -> Tensor:
    return F.dropout(x @ w, 0.5) @ F.dropout(w, 0.3)


def masked_assignment(x: Tensor, w: Tensor) -> Tensor:
    y = x @ w
    y[y > 0] = 0.5
    y[[0, 2]] += x[:2]
    return y.masked_fill_(y < -1, 0.0) * w


def detached_write(x: Tensor, w: Tensor) -> Tensor:
    y = x * 3
    with torch.no_grad():
        y.mul_(2)
    return y @ w


def several_losses(x: Tensor, w: Tensor) -> dict[str, Any]:
    return {"a": x @ w, "nested": [x.sum(), (w * 2,)]}


PROGRAMS = [
    in_place, write_through_view, stale_view, chain_of_views, buffer_filled, control_flow, parts, no_grad_region,
    custom_function, square, gradient_inside, functional, checkpointed, autocast, dropped, masked_assignment,
    detached_write,
]  # fmt: skip


@pytest.mark.parametrize("body", PROGRAMS, ids=lambda body: body.__name__)
def test_a_hard_program_is_traced_as_torch_computes_it(body: Callable[[Tensor, Tensor], Tensor]) -> None:
    x = torch.randn(4, 4, generator=torch.Generator().manual_seed(2))
    hold(Program(body), (x,))


class Filled(nn.Module):
    """Memory from nothing, written as a whole, and in parts where it is ``parted``, before it is read."""

    def __init__(self, parted: bool) -> None:
        super().__init__()
        self.weight, self.parted = nn.Parameter(torch.tensor([1.0, -2.0, 3.0])), parted

    def forward(self, x: Tensor) -> Tensor:
        whole = torch.empty_like(x)
        whole[:] = x * self.weight
        if not self.parted:
            return (whole * whole).sum()
        parts = x.new_empty(4)[1:]
        parts[0] = x[0] * 2
        parts[1:] = x[1:] * self.weight[1:]
        return (whole * parts).sum()


def test_what_is_in_memory_that_nobody_wrote_is_no_value() -> None:
    run = hold(Filled(parted=True), (torch.tensor([0.5, 1.5, -1.0]),))
    unwritten = [i for i in range(len(run.graph)) if run.graph.attrs[i].get("uninitialised")]
    assert {run.graph.ops[i] for i in unwritten} >= {"empty_like", "new_empty", "slice", "select"}
    assert all(run.values[i] is None for i in unwritten)


def test_memory_that_nobody_wrote_does_not_stop_forward_mode() -> None:
    run = hold(Filled(parted=False), (torch.tensor([0.5, 1.5, -1.0], requires_grad=True),))
    moved, grad = run.tangents("x").tangents[run.graph.outputs[-1]], run.grad("x")
    assert moved is not None and grad is not None
    torch.testing.assert_close(moved, grad.sum())
