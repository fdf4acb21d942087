"""Curvature by torch, and the bound by descending just below and just above it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import explorer
from explorer.training.objective import Objective
from explorer.training.optimisers import Rule
from explorer.training.sharpness import hessian, largest_rate
from explorer.training.trainer import Trainer

LINE = "L = mean((w * x + b - t)^2)"
POINTS = {"x": [-1.0, -0.5, 0.0, 0.7, 1.5], "t": [-0.6, 0.3, 0.4, 1.8, 2.6]}


def line() -> Objective:
    return Objective(explorer.Program(LINE), {"w": -0.35, "b": 2.35}, POINTS)


@pytest.mark.parametrize(("factor", "converges"), [(0.98, True), (1.02, False)])
def test_descent_below_and_above_the_bound(factor: float, converges: bool) -> None:
    objective = line()
    bound = largest_rate(objective, objective.start)
    assert bound is not None
    trainer = Trainer(objective, Rule("sgd", {"lr": factor * bound}))
    list(trainer.steps(400))
    assert (trainer.now.loss < trainer.moments[0].loss) is converges


def test_the_hessian_is_torchs() -> None:
    generator = torch.Generator().manual_seed(0)
    X, t = torch.randn(6, 2, generator=generator).double(), torch.randn(6, generator=generator).double()
    start: dict[str, Any] = {"W": torch.randn(2, generator=generator).double(), "b": 0.3}
    objective = Objective(explorer.Program("L = mse(tanh(X @ W + b), t)"), start, {"X": X, "t": t})

    def loss(flat: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.mse_loss(torch.tanh(X @ flat[:2] + flat[2]), t)

    expected = torch.autograd.functional.hessian(loss, torch.from_numpy(objective.start)).numpy()
    assert hessian(objective, objective.start) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("text", ["L = -w * w", "L = 3 * w", "L = log(w)"])
def test_what_does_not_curve_upwards_has_no_bound(text: str) -> None:
    assert largest_rate(Objective(explorer.Program(text), {"w": 1.0}), np.array([1.0])) is None


def test_what_is_not_finite_has_no_bound() -> None:
    objective = Objective(explorer.Program("L = sqrt(w) ^ 4"), {"w": 1.0})
    assert largest_rate(objective, np.array([0.0])) is None
