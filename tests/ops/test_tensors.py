"""The operations on vectors and matrices: against torch, finite differences, and the calculus that is shown."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.ops import OPS
from tests.ops.reading import evaluate

Shapes = tuple[tuple[int, ...], ...]

CASES: list[tuple[str, Shapes, dict[str, Any]]] = [
    ("sum", ((2, 3),), {}), ("sum", ((2, 3),), {"axis": 0}), ("sum", ((),), {}),
    ("mean", ((2, 3),), {}), ("mean", ((2, 3),), {"axis": -1}), ("mean", ((),), {}),
    ("amax", ((2, 3),), {}), ("amax", ((2, 3),), {"axis": 1}), ("amin", ((4,),), {}), ("amin", ((),), {}),
    ("norm", ((2, 3),), {}), ("norm", ((),), {}),
    ("softmax", ((4,),), {}), ("softmax", ((2, 3),), {}), ("softmax", ((2, 3),), {"axis": 0}), ("softmax", ((),), {}),
    ("matmul", ((2, 3), (3, 4)), {}), ("matmul", ((2, 3), (3,)), {}), ("matmul", ((3,), (3, 2)), {}),
    ("matmul", ((3,), (3,)), {}), ("matmul", ((5, 2, 3), (3, 4)), {}),
    ("dot", ((3,), (3,)), {}), ("dot", ((), ()), {}),
    ("transpose", ((2, 3),), {}), ("transpose", ((3,),), {}), ("transpose", ((2, 3, 4),), {}),
    ("stack", ((), (), ()), {}), ("stack", ((3,), (3,)), {}),
    ("index", ((2, 3),), {"index": (1,)}), ("index", ((2, 3),), {"index": (0, -1)}),
    ("mse", ((2, 3), (2, 3)), {}), ("mse", ((3,), ()), {}), ("mse", ((), (3,)), {}), ("mse", ((), ()), {}),
    ("cross_entropy", ((4,), (4,)), {}), ("cross_entropy", ((2, 3), (2, 3)), {}),
    ("cross_entropy", ((2, 2, 3), (2, 2, 3)), {}),
]  # fmt: skip


def tensors(shapes: Shapes, seed: int = 0) -> list[Tensor]:
    draw = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, dtype=torch.float64, generator=draw).requires_grad_() for shape in shapes]


@pytest.mark.parametrize("name, shapes, attrs", CASES)
def test_finite_differences(name: str, shapes: Shapes, attrs: dict[str, Any]) -> None:
    assert torch.autograd.gradcheck(lambda *xs: OPS[name].call(*xs, **attrs), tensors(shapes))


POINTWISE = [name for name, op in OPS.items() if op.elementwise and any(op.differentiable)]


@pytest.mark.parametrize("name", POINTWISE)
def test_pointwise_operations_broadcast(name: str) -> None:
    op = OPS[name]
    xs = [x.detach().abs() + 0.2 for x in tensors(((2, 3), (3,), ())[: len(op.ports)])]
    if name == "clip":
        xs = [xs[0], xs[1] * 0.1, xs[2] + 1]
    for x, smooth in zip(xs, op.differentiable, strict=True):
        x.requires_grad_(smooth)
    assert op.call(*xs).shape == (2, 3)
    assert torch.autograd.gradcheck(op.call, xs)


NUMPY = {
    "sum": lambda x: x.sum(), "mean": lambda x: x.mean(), "amax": lambda x: x.max(), "amin": lambda x: x.min(),
    "norm": lambda x: np.sqrt((x**2).sum()), "softmax": lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True),
    "matmul": lambda a, b: a @ b, "dot": lambda a, b: a @ b, "transpose": lambda x: x.swapaxes(-1, -2),
    "stack": lambda *xs: np.stack(xs), "index": lambda x, index: x[index],
    "mse": lambda a, b: ((a - b) ** 2).mean(),
}  # fmt: skip


def numpy_has(name: str, shapes: Shapes, attrs: dict[str, Any]) -> bool:
    """Without an axis, which the functions above do not take, and with axes where numpy needs some."""
    axes = {"softmax": 1, "transpose": 2, "dot": 1}.get(name, 0)
    return name in NUMPY and "axis" not in attrs and len(shapes[0]) >= axes


@pytest.mark.parametrize("name, shapes, attrs", [case for case in CASES if numpy_has(*case)])
def test_values_are_numpys(name: str, shapes: Shapes, attrs: dict[str, Any]) -> None:
    xs = tensors(shapes)
    expected = NUMPY[name](*(x.detach().numpy() for x in xs), **attrs)
    np.testing.assert_allclose(OPS[name].call(*xs, **attrs).detach().numpy(), expected, rtol=1e-12)


SHOWN: list[tuple[str, Shapes]] = [
    ("sum", ((2, 3),)), ("mean", ((2, 3),)), ("amax", ((2, 3),)), ("amin", ((4,),)), ("norm", ((2, 3),)),
    ("softmax", ((5,),)), ("matmul", ((2, 3), (3, 4))), ("dot", ((3,), (3,))), ("transpose", ((2, 3),)),
    ("mse", ((2, 3), (2, 3))), ("cross_entropy", ((4,), (4,))),
]  # fmt: skip


@pytest.mark.parametrize("name, shapes", SHOWN)
def test_the_calculus_that_is_shown(name: str, shapes: Shapes) -> None:
    op, xs = OPS[name], tensors(shapes)
    if name == "amax":
        xs[0] = torch.tensor([[1.0, 4.0, 2.0], [4.0, 0.0, -1.0]], dtype=torch.float64, requires_grad=True)
    if name == "cross_entropy":
        xs[1] = torch.softmax(xs[1], -1).detach().requires_grad_()
    y = op.call(*xs)
    g = torch.randn(y.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    known = {"n": 1 if name == "cross_entropy" else xs[0].numel(), "k": 2 if name == "amax" else 1}
    values = {f"x{port}": x.detach().numpy() for port, x in enumerate(xs)}
    values |= {"y": y.detach().numpy(), "g": g.numpy(), **known}
    np.testing.assert_allclose(evaluate(op.formula, **values), values["y"], rtol=1e-12)
    for shown, part in zip(op.vjp, torch.autograd.grad(y, xs, g), strict=True):
        contribution = np.broadcast_to(evaluate(shown, **values), part.shape)
        np.testing.assert_allclose(contribution, part.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("name", ["mean", "amax", "norm", "dot", "mse", "cross_entropy"])
def test_local_derivatives_of_a_number_by_a_vector(name: str) -> None:
    op = OPS[name]
    xs = tensors(((4,),) * len(op.ports))
    if name == "cross_entropy":
        xs[1] = torch.softmax(xs[1], -1).detach().requires_grad_()
    y = op.call(*xs)
    values = {f"x{port}": x.detach().numpy() for port, x in enumerate(xs)}
    values |= {"y": y.detach().numpy(), "n": 1 if name == "cross_entropy" else 4, "k": 1}
    for shown, part in zip(op.locals, torch.autograd.grad(y, xs), strict=True):
        np.testing.assert_allclose(evaluate(shown, **values), part.numpy(), rtol=1e-10)


def test_the_entries_of_softmax_and_matmul_jacobians() -> None:
    (x,) = tensors(((4,),))
    jacobian = torch.autograd.functional.jacobian(OPS["softmax"].call, x)
    y = torch.softmax(x, -1).detach().numpy()
    for i, j in product(range(4), repeat=2):
        assert evaluate(OPS["softmax"].locals[0], y=y, i=i, j=j) == pytest.approx(float(jacobian[i, j]), rel=1e-10)
    a, b = tensors(((2, 3), (3, 4)))
    by_a, by_b = torch.autograd.functional.jacobian(OPS["matmul"].call, (a, b))
    for i, k, j in product(range(2), range(3), range(4)):
        known: dict[str, Any] = {"x0": a.detach().numpy(), "x1": b.detach().numpy(), "i": i, "j": j, "k": k}
        assert evaluate(OPS["matmul"].locals[0], **known) == float(by_a[i, j, i, k])
        assert evaluate(OPS["matmul"].locals[1], **known) == float(by_b[i, j, k, j])


def number(x: float | list[Any]) -> Tensor:
    return torch.tensor(x, dtype=torch.float64)


def test_cross_entropy_takes_classes_as_torch_does() -> None:
    call = OPS["cross_entropy"].call
    one, rows = number([0.5, -1.0, 2.0]), number([[0.5, -1.0, 2.0], [0.0, 0.1, 0.2]])
    assert call(one, number(2.0)) == F.cross_entropy(one, torch.tensor(2))
    assert call(rows, number([2.0, 0.0])) == F.cross_entropy(rows, torch.tensor([2, 0]))
    deep = torch.stack([rows, rows + 1, rows * 2])
    classes = torch.tensor([[0, 1], [2, 0], [1, 1]])
    assert call(deep, classes.double()) == F.cross_entropy(deep.permute(0, 2, 1), classes)
    one_hot = number([[0, 0, 1], [1, 0, 0]])
    assert torch.allclose(call(rows, one_hot), call(rows, number([2, 0])))


@pytest.mark.parametrize("wrong", [3.0, -1.0, 0.5, float("nan"), float("inf")])
def test_cross_entropy_refuses_what_is_no_class(wrong: float) -> None:
    with pytest.raises(ValueError, match="whole number from 0 to 2"):
        OPS["cross_entropy"].call(number([1, 2, 3]), number(wrong))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="same shape"):
        OPS["mse"].call(number([[1], [2]]), number([1, 2]))
    with pytest.raises(ValueError, match="not a single number"):
        OPS["cross_entropy"].call(number(1), number(0))
    with pytest.raises(ValueError, match="takes a target of shape"):
        OPS["cross_entropy"].call(number([[1, 2], [3, 4]]), number([0, 1, 0]))
    with pytest.raises(ValueError, match="for matrices use @"):
        OPS["dot"].call(number([[1, 2]]), number([[1, 2]]))
    for name in ("add", "matmul", "dot"):
        with pytest.raises(RuntimeError):
            OPS[name].call(number([1, 2, 3]), number([1, 2]))


def test_results_of_comparisons_count_as_0_and_1() -> None:
    true, false = torch.tensor(True), torch.tensor(False)
    assert OPS["add"].call(true, true) == 2
    assert OPS["neg"].call(true) == -1
    assert OPS["where"].call(false, number(1), number(2)) == 2
    assert OPS["where"].call(number(float("nan")), true, false) == 1
    assert OPS["stack"].call(true, number(3)).tolist() == [1, 3]
    assert OPS["sum"].call(torch.tensor([True, True, False])) == 2


def test_fixed_exponents_are_numbers_and_varying_ones_tensors() -> None:
    """x^3 by products, as torch raises to a number; by the C library where the exponent is a variable."""
    x, three = tensors(((500,),))[0].abs(), number(3.0)
    assert torch.equal(OPS["pow"].call(x, three), torch.pow(x, 3.0))
    assert torch.equal(OPS["power"].call(x, three), torch.pow(x, three))
    assert torch.equal(OPS["pow"].call(x, x), torch.pow(x, x))


def test_the_norm_at_zero_has_gradient_zero() -> None:
    zero = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    OPS["norm"].call(zero).backward()
    assert zero.grad is not None and zero.grad.tolist() == [0, 0, 0]
