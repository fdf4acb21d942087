"""Points go into a program's inputs and come back; the node that predicts them is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import explorer
from explorer.errors import DataError
from explorer.training.data import MADE, Points, regression, two_moons
from explorer.training.fitted import (
    Fitted,
    added,
    fitted,
    likely_parameters,
    middle,
    moved,
    prediction,
    removed,
)
from explorer.training.networks import network
from explorer.training.objective import Objective
from explorer.training.optimisers import Rule
from explorer.training.threads import few_threads
from explorer.training.trainer import Trainer


def given_to(points: Points, given: Fitted, like: dict[str, Any] | None = None) -> dict[str, Any]:
    return given.write(points, like or {})


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("deep", [False, True])
def test_the_network_of_a_data_set_learns_it(name: str, deep: bool) -> None:
    points = MADE[name](24)
    made = network(points, hidden=5, deep=deep)
    given = Fitted("X" if points.inputs.shape[1] == 2 else "x", "t")
    data = given_to(points, given)
    trainer = Trainer(Objective(explorer.Program(made.text), made.start, data), Rule("adam", {"lr": 0.05}))
    list(trainer.steps(60))
    assert trainer.now.loss < 0.9 * trainer.moments[0].loss
    run = trainer.run(0)
    assert prediction(run.graph, given) == ("y" if name == "regression" else "z")


def test_two_classes_cost_what_torch_says() -> None:
    points = two_moons(20)
    made = network(points)
    run = explorer.trace(made.text, inputs={**made.start, **given_to(points, Fitted("X", "t"))})
    scores, targets = run.value("z"), torch.from_numpy(points.targets)
    assert scores is not None and run.value("loss") is not None
    expected = torch.nn.functional.binary_cross_entropy_with_logits(scores, targets)
    assert float(run.value("loss")) == pytest.approx(float(expected), rel=1e-12)  # type: ignore[arg-type]


def test_three_classes_have_a_score_each() -> None:
    rows = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 2.0]])
    points = Points(("x1", "x2", "class"), rows)
    made = network(points)
    run = explorer.trace(made.text, inputs={**made.start, **given_to(points, Fitted("X", "t"))})
    assert run.graph.shapes[run.graph.find("z")] == (3, 3)


@pytest.mark.parametrize("values", [
    {"X": [[1, 2], [3, 4]], "t": [0, 1], "w": [1, 2]},
    {"X": [[1, 2], [3, 4]], "t": [[0], [1]]},
    {"x": [1.0, 2.0], "t": [0.5, 0.25], "y": 3.0},
    {"x": [[1.0], [2.0]], "t": [[0.5], [0.25]]},
])  # fmt: skip
def test_points_come_back_as_they_went_in(values: dict[str, Any]) -> None:
    found = fitted(values)
    assert found is not None
    written = found.write(found.read(values), values)
    assert written == {name: values[name] for name in written}


@pytest.mark.parametrize("values", [
    {"a": 1.0},
    {"X": [[1, 2], [3, 4]]},
    {"X": [[1, 2], [3, 4]], "t": [0, 1, 2]},
    {"X": [[1, 2, 3]], "t": [0]},
    {"x": 1.0, "t": [0]},
])  # fmt: skip
def test_what_holds_no_points(values: dict[str, Any]) -> None:
    assert fitted(values) is None


def test_points_of_another_width_have_no_place() -> None:
    values = {"X": [[1, 2], [3, 4]], "t": [0, 1]}
    assert fitted(values, (9, 2)) is not None and fitted(values, (9, 1)) is None


def test_a_probability_predicts_before_what_is_made_of_it() -> None:
    text = "z = X @ w\np = sigmoid(z)\nloss = -mean(t * log(p) + (1 - t) * log(1 - p))"
    run = explorer.trace(text, X=[[1.0, 2.0], [0.5, 1.0]], w=[0.1, 0.2], t=[0.0, 1.0])
    assert prediction(run.graph, Fitted("X", "t")) == "p"
    assert middle(run.graph, "p") == 0.5 and middle(run.graph, "z") == 0.0


def test_points_are_moved_added_and_removed() -> None:
    points = two_moons(4)
    assert moved(points, 2, 5.0, 6.0).rows[2].tolist() == [5.0, 6.0, points.rows[2, 2]]
    assert added(points, 1.0, 2.0, 1.0).rows[-1].tolist() == [1.0, 2.0, 1.0]
    assert added(regression(3), 1.0, 2.0).rows[-1].tolist() == [1.0, 2.0]
    assert np.array_equal(removed(points, 0).rows, points.rows[1:])


@pytest.mark.parametrize("index", [-1, 4])
def test_there_is_no_such_point(index: int) -> None:
    with pytest.raises(DataError, match="no point"):
        moved(two_moons(4), index, 0.0, 0.0)


def test_the_last_point_stays() -> None:
    with pytest.raises(DataError, match="last point"):
        removed(two_moons(1), 0)


def test_weights_are_trained_and_data_is_not() -> None:
    assert likely_parameters(["X", "W1", "b1", "t", "k"], ["X", "t"]) == ("W1", "b1")
    assert likely_parameters(["a", "b"], []) == ("a", "b")


def test_threads_come_back_when_the_last_one_leaves() -> None:
    before = torch.get_num_threads()
    with few_threads(10):
        with few_threads(10):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
    with few_threads(10**9):
        assert torch.get_num_threads() == before
