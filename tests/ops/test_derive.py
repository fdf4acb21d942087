"""The local derivatives that are shown, worked out from what is shown, against torch and finite differences."""

from __future__ import annotations

import random

import pytest
import torch

from explorer.ops import OPS
from explorer.ops.derive import NO_DERIVATIVE, NO_GRADIENT, Derivation
from tests.ops.oracle import POINTWISE, by_torch
from tests.ops.reading import evaluate

ORACLE = {**POINTWISE, "pow": torch.pow}
DIFFERENTIABLE = [name for name in ORACLE if any(OPS[name].differentiable) and name != "mse"]


def around(name: str, draw: random.Random) -> list[float]:
    """A point where the operation is smooth: positive for logarithms, roots and powers, bounds in order."""
    positive = name in ("log", "sqrt", "pow", "power")
    point = [draw.uniform(0.1, 3) if positive else draw.gauss(0, 2) for _ in OPS[name].ports]
    if name == "where":
        point[0] = float(draw.random() < 0.5)
    return [point[0], *sorted(point[1:])] if name == "clip" else point


def slots(point: list[float], y: float, g: float) -> dict[str, float]:
    return {**{f"x{port}": x for port, x in enumerate(point)}, "y": y, "g": g}


def differences(name: str, point: list[float], port: int, step: float = 1e-6) -> float:
    """The central difference quotient."""
    ends = []
    for sign in (1, -1):
        moved = [x + sign * step * (place == port) for place, x in enumerate(point)]
        ends.append(by_torch(ORACLE[name], tuple(moved), 1.0)[0])
    return (ends[0] - ends[1]) / (2 * step)


def check_slope(name: str, shown: object, point: list[float], port: int, y: float, slope: float) -> None:
    assert evaluate(shown, **slots(point, y, 1.0)) == pytest.approx(slope, rel=1e-8, abs=1e-12)
    assert slope == pytest.approx(differences(name, point, port), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_what_is_shown_is_the_derivative(name: str) -> None:
    op, draw = OPS[name], random.Random(11)
    for _ in range(40):
        point, g = around(name, draw), draw.gauss(0, 1)
        y, slopes = by_torch(ORACLE[name], tuple(point), 1.0)
        assert evaluate(op.formula, **slots(point, y, g)) == pytest.approx(y, rel=1e-8, abs=1e-12)
        for port in (port for port, smooth in enumerate(op.differentiable) if smooth):
            check_slope(name, op.locals[port], point, port, y, slopes[port])
            contribution = evaluate(op.vjp[port], **slots(point, y, g))
            assert contribution == pytest.approx(g * slopes[port], rel=1e-8, abs=1e-12)


KINKS = [
    ("maximum", [1.5, 1.5]), ("minimum", [-2.0, -2.0]), ("relu", [0.0]), ("abs", [0.0]),
    ("clip", [1.0, 1.0, 2.0]), ("clip", [2.0, 1.0, 2.0]),
]  # fmt: skip


@pytest.mark.parametrize("name, point", KINKS)
def test_kinks_are_shown_as_torch_takes_them(name: str, point: list[float]) -> None:
    y, slopes = by_torch(ORACLE[name], tuple(point), 1.0)
    shown = [evaluate(local, **slots(point, y, 1.0)) for local in OPS[name].locals]
    assert shown == slopes


@pytest.mark.parametrize("name", [name for name in DIFFERENTIABLE if name not in ("where", "gelu")])
def test_sympy_agrees_with_torch(name: str) -> None:
    """The expression that the tree was written from; sympy has no number for a true condition or for Φ."""
    op, draw = OPS[name], random.Random(12)
    derivation = op.write
    assert isinstance(derivation, Derivation)
    for port in (port for port, smooth in enumerate(op.differentiable) if smooth):
        point = around(name, draw)
        y, slopes = by_torch(ORACLE[name], tuple(point), 1.0)
        local = derivation.local(port)
        there = local.subs({symbol: slots(point, y, 1.0)[symbol.name] for symbol in local.free_symbols})
        assert float(there) == pytest.approx(slopes[port], rel=1e-8, abs=1e-12)


def test_ports_without_a_derivative_say_so() -> None:
    for op in OPS.values():
        for port, smooth in enumerate(op.differentiable):
            assert (op.locals[port] == NO_DERIVATIVE) is not smooth
            assert (op.vjp[port] == NO_GRADIENT) is not smooth


def test_derivatives_read_as_in_a_textbook() -> None:
    import sympy

    x0, x1, y = (sympy.Symbol(name, real=True) for name in ("x0", "x1", "y"))
    expected = {
        "tanh": 1 - y**2, "sigmoid": y * (1 - y), "exp": y, "tan": 1 + y**2, "sqrt": 1 / (2 * y), "log": 1 / x0,
        "sin": sympy.cos(x0), "pow": x1 * x0 ** (x1 - 1), "div": 1 / x1, "mul": x1,
    }  # fmt: skip
    for name, derivative in expected.items():
        derivation = OPS[name].write
        assert isinstance(derivation, Derivation)
        assert sympy.simplify(derivation.local(0) - derivative) == 0
        assert derivation.local(0).free_symbols == derivative.free_symbols


def test_a_planted_wrong_derivative_is_found() -> None:
    y, (slope,) = by_torch(torch.sin, (0.4,), 1.0)
    check_slope("sin", OPS["sin"].locals[0], [0.4], 0, y, slope)
    wrong = Derivation(lambda sp, x: sp.sin(x) ** 2, (True,))()
    with pytest.raises(AssertionError):
        check_slope("sin", wrong.locals[0], [0.4], 0, y, slope)
    with pytest.raises(AssertionError):
        check_slope("sin", OPS["sin"].locals[0], [0.4], 0, y, slope + 1e-4)
