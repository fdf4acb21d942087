"""A step told phase by phase, with the numbers worked out by hand."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
import torch

import explorer
from explorer.errors import TrainingError
from explorer.training.history import curve, gradient_norm, to_csv
from explorer.training.objective import Objective
from explorer.training.optimisers import Rule
from explorer.training.phases import phases
from explorer.training.trainer import Clip, Trainer

BOWL = "L = w * w + b"
"""dL/dw = 2w, dL/db = 1."""


def trainer(rule: Rule, **options: object) -> Trainer:
    return Trainer(Objective(explorer.Program(BOWL), {"w": 3.0, "b": 1.0}), rule, **options)  # type: ignore[arg-type]


def test_plain_descent() -> None:
    bowl = trainer(Rule("sgd", {"lr": 0.25}))
    list(bowl.steps(2))
    step = phases(bowl, 2)
    assert (step.number, step.loss, step.forgot) == (2, 1.5**2 + 0.75, False)
    w, b = step.changes
    assert (w.name, w.before, w.gradient, w.summed, w.used) == ("w", 6.0, 3.0, 3.0, 3.0)
    assert (w.old, w.new, w.state) == (1.5, 0.75, {})
    assert (b.before, b.gradient, b.old, b.new) == (1.0, 1.0, 0.75, 0.5)
    assert phases(bowl, 1).changes[0].before is None


def test_a_forgotten_zero_grad_adds_up() -> None:
    bowl = trainer(Rule("sgd", {"lr": 0.25}), forgets=True)
    list(bowl.steps(2))
    step = phases(bowl, 2)
    w, b = step.changes
    assert step.forgot and (w.before, w.gradient, w.summed) == (6.0, 3.0, 9.0)
    assert (w.old, w.new) == (1.5, 1.5 - 0.25 * 9.0)
    assert (b.summed, b.new) == (2.0, 0.75 - 0.5)


def test_clipping_is_told_apart() -> None:
    bowl = trainer(Rule("sgd", {"lr": 0.5}), clip=Clip("value", 2.0))
    bowl.step()
    w, b = phases(bowl, 1).changes
    assert (w.summed, w.used, w.new) == (6.0, 2.0, 2.0)
    assert (b.summed, b.used) == (1.0, 1.0)


def test_the_state_of_momentum() -> None:
    """v ← 0.9 v + g: 6, then 0.9 · 6 + 2 · (3 − 0.1 · 6)."""
    bowl = trainer(Rule("momentum", {"lr": 0.1}))
    list(bowl.steps(2))
    assert phases(bowl, 1).changes[0].state == {"momentum_buffer": 6.0}
    assert phases(bowl, 2).changes[0].state["momentum_buffer"] == pytest.approx(0.9 * 6 + 2 * 2.4)


def test_the_state_of_adam() -> None:
    bowl = trainer(Rule("adam", {"lr": 0.1}))
    bowl.step()
    w = phases(bowl, 1).changes[0]
    assert w.state["step"] == 1.0
    assert (w.state["exp_avg"], w.state["exp_avg_sq"]) == (pytest.approx(0.6), pytest.approx(0.036))
    assert w.new == pytest.approx(3.0 - 0.1, abs=1e-8)


def test_tensors_and_a_parameter_out_of_sight() -> None:
    program = explorer.Program("L = sum(W * W) if s > 0 else s")
    net = Trainer(Objective(program, {"W": torch.ones(2, 2, dtype=torch.float64), "s": 1.0}), Rule("sgd", {"lr": 0.25}))
    net.step()
    weights, s = phases(net, 1).changes
    assert torch.equal(weights.new, torch.full((2, 2), 0.5, dtype=torch.float64))
    assert (s.gradient, s.summed, s.used, s.old, s.new) == (None, None, None, 1.0, 1.0)


@pytest.mark.parametrize("number", [0, 2, -1])
def test_there_is_no_such_step(number: int) -> None:
    bowl = trainer(Rule("sgd"))
    bowl.step()
    with pytest.raises(TrainingError, match="from 1 to 1"):
        phases(bowl, number)


def test_the_history_as_csv_reads_back_bit_for_bit() -> None:
    bowl = trainer(Rule("adam", {"lr": 0.1}))
    list(bowl.steps(30))
    rows = list(csv.DictReader(io.StringIO(to_csv(bowl))))
    assert [int(row["step"]) for row in rows] == list(range(31))
    assert [float(row["loss"]) for row in rows] == [moment.loss for moment in bowl.moments]
    assert [float(row["w"]) for row in rows] == curve(bowl, 0).tolist()
    assert [float(row["gradient of w"]) for row in rows] == [2 * w for w in curve(bowl, 0).tolist()]
    assert [float(row["gradient norm"]) for row in rows] == pytest.approx(np.hypot(2 * curve(bowl, 0), 1))


def test_a_gradient_that_did_not_arrive_is_empty_in_the_csv() -> None:
    program = explorer.Program("L = sum(W) if s > 0 else s")
    net = Trainer(Objective(program, {"W": torch.ones(2, dtype=torch.float64), "s": 1.0}), Rule("sgd"))
    assert to_csv(net).splitlines() == [
        'step,loss,gradient norm,W[0],W[1],s,gradient of W[0],gradient of W[1],gradient of s',
        f"0,2.0,{2**0.5},1.0,1.0,1.0,1.0,1.0,",
    ]  # fmt: skip


def test_the_norm_is_euclids() -> None:
    assert gradient_norm(trainer(Rule("sgd")).now) == np.hypot(6.0, 1.0)
