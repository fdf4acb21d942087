"""A replayed program says what a trace says, and is traced again where its control flow turns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings

import explorer
from explorer.errors import TrainingError
from explorer.training.flat import Layout, Packed
from explorer.training.objective import Objective
from explorer.training.replay import evaluation_of
from tests.capture.test_random_programs import QUIET, scalar_programs, tensor_programs
from tests.test_execute import assert_same_run

COLLATZ = "n = 0\ny = x\nwhile y > 1:\n  y = y / 2 + 0.1 * w\n  n = n + y\nL = n * n + y"


def agree(text: str, parameters: dict[str, Any], data: dict[str, Any], moves: list[float]) -> Objective:
    """An objective beside fresh traces, at several sets of parameters."""
    objective = Objective(explorer.Program(text), parameters, data)
    frozen = {name: False for name in explorer.Program(text).inputs if name not in parameters}
    for move in moves:
        numbers = objective.start + move
        given_ = {**data, **objective.layout.unpack(numbers)}
        expected = explorer.trace(text, inputs=given_, requires_grad=frozen)
        assert_same_run(objective.run(numbers), expected)
        found, wanted = objective.at(numbers), evaluation_of(expected, objective.layout)
        assert np.array_equal(found.loss, wanted.loss, equal_nan=True)
        assert np.array_equal(found.gradient.numbers, wanted.gradient.numbers, equal_nan=True)
        assert found.gradient.present == wanted.gradient.present
        assert np.array_equal(objective.loss(numbers), wanted.loss, equal_nan=True)
    return objective


@settings(QUIET, max_examples=200)
@given(scalar_programs())
def test_scalar_programs(program: tuple[str, dict[str, float]]) -> None:
    text, inputs = program
    used = {name: inputs[name] for name in explorer.Program(text).inputs}
    trained, still = dict(list(used.items())[:2]), dict(list(used.items())[2:])
    run = explorer.trace(text, inputs=used, requires_grad=dict.fromkeys(still, False))
    assume(any(run.grad(name) is not None for name in trained))
    assert agree(text, trained, still, [0.0, 0.25, -1.0]).traces == 1


@settings(QUIET, max_examples=100)
@given(tensor_programs())
def test_tensor_programs(program: tuple[str, dict[str, Any]]) -> None:
    text, inputs = program
    used = {name: torch.tensor(inputs[name], dtype=torch.float64) for name in explorer.Program(text).inputs}
    trained, still = dict(list(used.items())[:1]), dict(list(used.items())[1:])
    run = explorer.trace(text, inputs=used, requires_grad=dict.fromkeys(still, False))
    assume(any(run.grad(name) is not None for name in trained))
    assert agree(text, trained, still, [0.0, 0.25, -1.0]).traces == 1


def test_control_flow_that_turns_is_traced_again() -> None:
    objective = agree(COLLATZ, {"x": 1.5}, {"w": 1.0}, [0.0, 0.1, 5.0, 20.0, 0.2, 0.0])
    assert objective.traces == 4


def test_a_wide_program_of_single_numbers_turns_too() -> None:
    """Many operations side by side, so that it is replayed in columns; c is out of sight until a term turns."""
    body = "  t = tanh(a * i * 0.3) * b + sigmoid(a - 0.1 * i)\n  if t > 1.2:\n    t = t * c * a\n  L = L + t * t"
    objective = agree(
        f"L = 0\nfor i in range(40):\n{body}", {"a": 0.1, "b": 0.2, "c": 2.0}, {}, [0.0, 0.05, 1.0, 1.01, 0.0]
    )
    assert objective.at(objective.start).gradient.present == (True, True, False)
    assert objective.traces == 3


def test_a_branch_without_a_parameter_has_no_gradient_for_it() -> None:
    objective = agree("L = a * a if a > 0 else b * a", {"a": 1.0, "b": 2.0}, {}, [0.0])
    assert objective.at(objective.start).gradient.present == (True, False)
    assert objective.at(objective.start - 3).gradient.present == (True, True)


def test_vectors_turn_too() -> None:
    text = "s = sum(v)\nif s > 0:\n  L = s * s\nelse:\n  L = norm(v)"
    assert agree(text, {"v": torch.tensor([1.0, 2.0])}, {}, [0.0, 1.0, -2.0, 0.0]).traces == 3


def test_a_name_that_is_used_again_is_still_a_parameter() -> None:
    agree("w = 2\nw = w * x\nL = w * w", {"w": 3.0}, {"x": 5.0}, [0.0, 1.0])


def test_another_output_is_minimised() -> None:
    objective = Objective(explorer.Program("u = a * a\ny = u * 3"), {"a": 2.0}, output="u")
    assert objective.at(objective.start).loss == 4.0
    assert objective.at(objective.start).gradient.numbers == [4.0]
    assert objective.run(objective.start).output == "u"


def test_a_vector_cannot_be_minimised() -> None:
    with pytest.raises(TrainingError, match=r"'L' has shape \[2\].*mean"):
        Objective(explorer.Program("L = w * [1, 2]"), {"w": 1.0})


@pytest.mark.parametrize(("text", "start"), [("u = w * 2\nL = x * 3", {"w": 1.0}), ("L = x * 3", {})])
def test_a_parameter_must_move_the_loss(text: str, start: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match="No parameter moves"):
        Objective(explorer.Program(text), start, {"x": 2.0})


def test_what_is_no_input_is_refused_by_name() -> None:
    with pytest.raises(explorer.ExplorerError, match="no input 'q'"):
        Objective(explorer.Program("L = w * w"), {"q": 1.0})


def test_a_column_and_back() -> None:
    matrix, vector = torch.arange(4.0, dtype=torch.float64).view(2, 2), torch.ones(1, dtype=torch.float64)
    values: dict[str, Any] = {"b": 0.5, "W": matrix, "v": vector}
    layout = Layout.of(values)
    assert layout.labels == ("b", "W[0, 0]", "W[0, 1]", "W[1, 0]", "W[1, 1]", "v[0]")
    column = layout.pack(values)
    assert column.tolist() == [0.5, 0.0, 1.0, 2.0, 3.0, 1.0]
    back = layout.unpack(column)
    assert back["b"] == 0.5 and torch.equal(back["W"], values["W"]) and torch.equal(back["v"], values["v"])
    column[1] = 9.0
    assert back["W"][0, 0] == 0.0 and layout.views(column)[1][0, 0] == 9.0


def test_packed_tensors_come_back_as_they_were() -> None:
    parts = [torch.ones(2, 3), None, torch.tensor(4.0), torch.zeros(1)]
    for before, after in zip(parts, Packed.of(parts).parts(), strict=True):
        assert before is after is None or torch.equal(before, after)
    assert Packed.of([None, None]).parts() == [None, None]
