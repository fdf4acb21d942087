"""The finite-difference check beside a program that was really run with a moved input."""

from __future__ import annotations

import pytest
import torch

import explorer
from explorer.errors import RunError
from explorer.passes.nudge import nudge


def test_moving_an_input_equals_running_with_the_moved_input() -> None:
    text = "c = a * b\nd = sin(c) + b\ny = d^3"
    moved = nudge(explorer.trace(text, a=2.0, b=0.5), "b", 0.25)
    assert moved.after == float(explorer.trace(text, a=2.0, b=0.75).value("y"))
    assert (moved.moved, moved.step) == (0.75, 0.25)


def test_an_intermediate_node_is_moved_and_what_made_it_is_not_run_again() -> None:
    run = explorer.trace("c = a + b\ny = c * b", a=1.0, b=2.0)
    moved = nudge(run, "c", 0.5)
    assert (moved.before, moved.after, moved.slope) == (6.0, 7.0, 2.0)


def test_one_entry_of_a_matrix_is_moved_against_a_weighted_output() -> None:
    upstream = [1.0, -2.0]
    run = explorer.trace("y = W @ x", W=[[1.0, 2.0], [3.0, 4.0]], x=[5.0, 6.0], upstream=upstream)
    moved = nudge(run, "W", 1e-3, (1, 0))
    assert moved.slope == pytest.approx(float(run.grad("W")[1, 0]))
    assert torch.equal(run.value("W"), torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64))


@pytest.mark.parametrize("key", ["x", "h", "s"])
def test_rise_over_run_is_near_the_gradient(key: str) -> None:
    run = explorer.trace("h = tanh(2x)\ns = h * x\ny = exp(s) + h", x=0.3)
    assert nudge(run, key, 1e-6).slope == pytest.approx(float(run.grad(key)), rel=1e-4)


def test_a_comparison_cannot_be_moved() -> None:
    with pytest.raises(RunError, match="not a number"):
        nudge(explorer.trace("t = a > 0\ny = where(t, a, 0)", a=1.0), "t")
