"""Costs against the passes themselves: run them and count what arrives."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings

import explorer
from explorer.passes.modes import Cost, modes
from tests.capture.test_random_programs import QUIET, scalar_programs
from tests.test_execute import trace


@settings(QUIET, max_examples=300)
@given(scalar_programs())
def test_scalar_multiplications_are_the_arrivals_of_both_modes(program: tuple[str, dict[str, float]]) -> None:
    run = trace(*program)
    inputs = list(explorer.Program(program[0]).inputs)
    found = modes(run, inputs)
    tangents = [run.tangents(name) for name in inputs]
    assert found.forward.passes == len(inputs) and found.reverse.passes == 1
    assert found.forward.multiplications == sum(len(s.arrivals) for t in tangents for s in t.steps)
    assert found.reverse.multiplications == sum(len(step.arrivals) for step in run.steps)


def test_many_inputs_and_one_output_are_for_reverse_mode() -> None:
    run = explorer.trace("y = a * b + c * d", inputs=dict.fromkeys("abcd", 1.0))
    assert modes(run).forward == Cost(4, 4 + 4)
    assert modes(run).reverse == Cost(1, 6)


def test_one_input_and_many_outputs_are_for_forward_mode() -> None:
    run = explorer.trace("y = sin(x * [1, 2, 3])", x=2.0)
    assert modes(run).forward == Cost(1, 6)
    assert modes(run).reverse == Cost(3, 18)


def test_a_matrix_product_costs_rows_times_inner_times_columns() -> None:
    run = explorer.trace("y = sum(A @ B)", A=[[1, 2, 3], [4, 5, 6]], B=[[1] * 4] * 3)
    assert modes(run, ["A"]).reverse == Cost(1, 8 + 2 * (2 * 3 * 4))
    assert modes(run, ["A"]).forward == Cost(6, 6 * (2 * 3 * 4 + 8))


def test_moving_numbers_costs_nothing() -> None:
    run = explorer.trace("y = sum(transpose([[a, b], [b, a]]))", a=1.0, b=2.0)
    assert modes(run).reverse == Cost(1, 4)


def test_a_linear_layer_of_a_model_is_two_products_and_a_bias() -> None:
    """[4, 3] times [3, 2] in addmm: 24 for the weights, 8 for the bias, which 8 numbers get, and 8 for the sum."""
    run = explorer.trace_module(torch.nn.Linear(3, 2), torch.ones(4, 3))
    found = modes(run)
    assert "addmm" in run.graph.ops and not found.uncounted
    assert found.reverse == Cost(1, 8 + 24 + 8)
    assert found.forward.passes == 3 * 2 + 2
    assert modes(explorer.trace_module(torch.nn.Conv1d(1, 1, 2), torch.ones(1, 1, 4))).uncounted


@pytest.mark.parametrize("key", ["y", "nothing"])
def test_unknown_inputs_are_named(key: str) -> None:
    run = explorer.trace("y = a * b", a=1.0, b=2.0)
    if key == "y":
        assert modes(run, [key]).forward == Cost(1, 0)
    else:
        with pytest.raises(explorer.ExplorerError, match="nothing"):
            modes(run, [key])
