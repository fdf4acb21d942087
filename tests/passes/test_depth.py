"""Gradient norms level by level, against what the chain rule gives for a chain."""

from __future__ import annotations

import math

import pytest

import explorer
from explorer.passes.depth import gradient_norms


def test_sigmoids_make_gradients_vanish() -> None:
    """At 0 a sigmoid of a doubled, centred value hands on a half: 2 * 1/4."""
    run = explorer.trace("y = x\nfor i in range(20):\n  y = sigmoid(2 * y) - 0.5", x=0.0)
    norms = gradient_norms(run)
    assert norms[0] == pytest.approx(0.5**20) and norms[-1] == 1.0
    assert norms[::3] == sorted(norms[::3])


def test_a_level_is_the_length_of_all_its_gradients() -> None:
    run = explorer.trace("y = 3 * a + 4 * b", a=1.0, b=1.0)
    assert gradient_norms(run) == [5.0, math.sqrt(2), 1.0]


def test_a_weight_counts_where_it_is_used() -> None:
    run = explorer.trace("h = a * x\ny = b * h", a=2.0, b=3.0, x=5.0, requires_grad={"x": False})
    assert gradient_norms(run) == [15.0, math.hypot(3.0, 10.0), 1.0]


def test_tensors_count_with_all_entries_and_what_has_no_gradient_does_not() -> None:
    run = explorer.trace("u = v * 2\ny = sum(u)", v=[1.0, 2.0, 3.0, 4.0])
    assert gradient_norms(run) == [4.0, 2.0, 1.0]
    assert gradient_norms(run.differentiate("u")) == [4.0, 2.0, None]
