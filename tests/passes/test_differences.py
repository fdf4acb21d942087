"""The V: central differences against the slopes that calculus gives."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

import explorer
from explorer.errors import RunError
from explorer.passes.differences import STEPS, check


def test_the_error_falls_with_the_square_of_the_step_and_rises_again() -> None:
    found = check(explorer.trace("y = exp(x)", x=1.0), "x")
    errors = {d.step: d.error for d in found.differences}
    assert found.gradient == math.e
    for one, two in pairwise(STEPS[2:9]):
        assert errors[one] / errors[two] == pytest.approx(10, rel=0.1)
    assert errors[STEPS[1]] == pytest.approx(math.e / 6 * STEPS[1] ** 2, rel=0.01)
    assert found.best is not None and 1e-8 < found.best.step < 1e-4 and found.best.error < 1e-9
    assert errors[1e-13] > 1e-5 > errors[1e-5]


def test_one_element_of_a_matrix_is_checked() -> None:
    run = explorer.trace("y = sum(sin(W) @ W)", W=[[0.1, 0.2], [0.3, 0.4]])
    found = check(run, "W", (1, 0))
    assert found.gradient == float(run.grad("W")[1, 0])
    assert found.best is not None and found.best.error < 1e-9


def test_a_corner_has_no_v() -> None:
    """At 0 the slope of relu is taken to be 0; central differences see the mean of both sides, at every step."""
    found = check(explorer.trace("y = relu(x)", x=0.0), "x")
    assert {d.error for d in found.differences} == {0.5}


def test_steps_out_of_the_domain_are_not_numbers() -> None:
    found = check(explorer.trace("y = log(x)", x=0.5), "x")
    assert math.isnan(found.differences[0].error)
    assert found.best is not None and found.best.error < 1e-8


def test_a_step_too_small_to_move_the_number_is_told() -> None:
    found = check(explorer.trace("y = x * x", x=1e6), "x", steps=[1e-12])
    assert math.isnan(found.differences[0].slope) and found.best is None


def test_a_node_between_can_be_checked() -> None:
    found = check(explorer.trace("u = x * 2\ny = u ^ 3", x=1.0), "u")
    assert found.gradient == 12 and found.best is not None and found.best.error < 1e-8


def test_without_a_gradient_there_is_nothing_to_check() -> None:
    run = explorer.trace("y = a * b", a=1.0, b=2.0, requires_grad={"b": False})
    with pytest.raises(RunError, match="no gradient"):
        check(run, "b")
