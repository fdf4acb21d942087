"""One derivative by both modes, held against each other and against torch's own forward mode."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings

import explorer
from explorer.passes.both import both
from tests.capture.test_random_programs import QUIET, tensor_programs
from tests.test_execute import trace


@settings(QUIET, max_examples=100)
@given(tensor_programs())
def test_both_modes_reach_the_same_number(program: tuple[str, dict[str, Any]]) -> None:
    run = trace(*program)
    for name in explorer.Program(program[0]).inputs:
        grad = run.grad(name)
        if grad is None or not grad.isfinite().all():
            continue
        found = both(run, name)
        assert found.reverse == grad[found.place] and abs(found.reverse) == grad.abs().max()
        scale = max([1.0, *(float(torch.as_tensor(c).abs().max()) for c in run.contributions if c is not None)])
        assert found.forward is None or math.isclose(found.forward, found.reverse, rel_tol=1e-9, abs_tol=1e-11 * scale)


def test_forward_mode_is_torchs() -> None:
    run = explorer.trace("h = tanh(W @ x)\nL = sum(h * h)", W=[[0.1, 0.7], [0.3, -0.2]], x=[1.0, 2.0])
    found = both(run, "W", (0, 1))
    seed = torch.zeros(2, 2, dtype=torch.float64)
    seed[0, 1] = 1.0
    x = torch.tensor([1.0, 2.0], dtype=torch.float64)
    _, expected = torch.func.jvp(lambda w: (torch.tanh(w @ x) ** 2).sum(), (run.value("W"),), (seed,))
    assert found.forward == pytest.approx(float(expected), rel=1e-12)


def test_a_vector_is_weighed_by_its_upstream_gradient() -> None:
    run = explorer.trace("y = [a, 3 * a]", a=2.0).differentiate("y", [1.0, 10.0])
    assert both(run, "a").reverse == both(run, "a").forward == 31.0


def test_without_a_gradient_there_is_nothing_to_compare() -> None:
    with pytest.raises(explorer.ExplorerError, match="no gradient"):
        both(explorer.trace("u = a * 2\ny = b", a=1.0, b=2.0), "a")
