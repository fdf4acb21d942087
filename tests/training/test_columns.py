"""Compiled runs against runs: values, gradients, contributions and their order, to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import explorer
from benchmarks.perceptron import problem
from benchmarks.trace_scalars import trace as perceptron
from explorer.run import Run
from explorer.training.columns import Columns
from tests.capture.test_random_programs import QUIET, numbers, scalar_programs
from tests.test_execute import assert_same_run

programs = scalar_programs()


def run_of(text: str, inputs: dict[str, float], fixed: frozenset[str] = frozenset()) -> Run:
    wanted = explorer.Program(text).inputs
    given_ = {name: value for name, value in inputs.items() if name in wanted}
    return explorer.trace(text, inputs=given_, requires_grad={name: False for name in fixed if name in wanted})


def fed(columns: Columns, run: Run, names: list[str]) -> Columns:
    """``columns`` with the inputs of another run."""
    assert columns.feed(np.array([float(run.value(name)) for name in names]))
    columns.pull()
    return columns


@settings(QUIET, max_examples=500)
@given(programs, st.dictionaries(st.sampled_from("abc"), numbers, min_size=3), st.sets(st.sampled_from("abc")))
def test_a_random_program_with_other_inputs(
    program: tuple[str, dict[str, float]], others: dict[str, float], still: set[str]
) -> None:
    """Some inputs stand still, with or without a gradient; all that moves is fed."""
    text, inputs = program
    fixed = frozenset(sorted(still)[:1])
    names = [name for name in explorer.Program(text).inputs if name not in still]
    run = run_of(text, inputs, fixed)
    other = run_of(text, {**others, **{name: inputs[name] for name in still}}, fixed)
    moving = [run.graph.find(name) for name in names]
    assert Columns.can_hold(run, moving)
    columns = fed(Columns(run, moving), other, names)
    assert_same_run(columns.run(), other)
    assert columns.run().backward.order == other.backward.order
    grads = [other.grads[i] for i in moving]
    assert np.array_equal(columns.gradients(), [0.0 if g is None else g for g in grads], equal_nan=True)
    assert columns.value(other.backward.output) == other.values[other.backward.output] or other.nonfinite


@settings(QUIET, max_examples=200)
@given(programs, st.integers(0, 10), numbers)
def test_another_output_and_upstream(program: tuple[str, dict[str, float]], node: int, upstream: float) -> None:
    text, inputs = program
    run = run_of(text, inputs)
    assume(run.graph.requires_grad[node % len(run.graph)])
    run = run.differentiate(node % len(run.graph), upstream)
    names = list(explorer.Program(text).inputs)
    moving = [run.graph.find(name) for name in names]
    assert_same_run(fed(Columns(run, moving), run, names).run(), run)


def test_a_perceptron_of_scalars() -> None:
    one = problem(7)
    names = list(one.weights)
    run = perceptron(one)
    columns = Columns(run, [run.graph.find(name) for name in names])
    for seed in range(3):
        other = perceptron(replace(one, weights=problem(7, seed).weights))
        assert_same_run(fed(columns, other, names).run(), other)


@pytest.mark.parametrize("consumers", [1, 2, 3, 7, 8, 9, 20, 200])
def test_many_contributions_are_added_in_the_order_of_the_engine(consumers: int) -> None:
    """One node alone in its group, where numpy would add up in another order."""
    text = "y = 0\nfor i in range(n):\n  y = y + sin(x * 0.1 * i) * x"
    run = explorer.trace(text, x=0.3, n=float(consumers))
    other = explorer.trace(text, x=0.7, n=float(consumers))
    assert_same_run(fed(Columns(run, [run.graph.find("x")]), other, ["x"]).run(), other)


@pytest.mark.parametrize(("text", "here", "same_way", "other_way"), [
    ("y = x * x if x > 0 else -x", 1.0, 2.0, -1.0),
    ("y = x\nwhile y > 1:\n  y = y / 2", 3.0, 3.5, 5.0),
    ("y = 1\nfor i in range(x):\n  y = y * x", 3.0, 3.0, 4.0),
    ("y = x + 1 if x else x", 1.0, -3.0, 0.0),
])  # fmt: skip
def test_control_flow_that_changes_is_told(text: str, here: float, same_way: float, other_way: float) -> None:
    run = explorer.trace(text, x=here)
    columns = Columns(run, [run.graph.find("x")])
    assert not columns.feed(np.array([other_way]))
    assert_same_run(fed(columns, explorer.trace(text, x=same_way), ["x"]).run(), explorer.trace(text, x=same_way))


@pytest.mark.parametrize(("text", "still", "held"), [
    ("v = [1, 2]\ny = sum(v) * x", ["v"], True),
    ("v = [1, 2]\ny = v[1] * x", ["v"], True),
    ("v = [1, 2]\ny = v[1] * x", [], False),
    ("v = [1, 2]\ny = sum(v * x)", ["v"], False),
    ("y = sum([x, x])", [], False),
])  # fmt: skip
def test_only_single_numbers_may_move(text: str, still: list[str], held: bool) -> None:
    """Vectors beside them may stand still, where no gradient has to pass through them."""
    run = explorer.trace(text, x=2.0, requires_grad=dict.fromkeys(still, False))
    assert Columns.can_hold(run, [run.graph.find("x")]) is held


def test_an_output_that_does_not_move() -> None:
    run = explorer.trace("u = x * 2\ny = a * 3", x=1.0, a=2.0)
    columns = fed(Columns(run, [run.graph.find("x")]), explorer.trace("u = x * 2\ny = a * 3", x=5.0, a=2.0), ["x"])
    assert columns.value(run.graph.find("u")) == 10.0
    assert columns.value(run.graph.find("y")) == 6.0
    assert columns.gradients() == [0.0]
