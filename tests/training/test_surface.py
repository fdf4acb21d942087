"""The loss over two parameters, the boundary in the plane, and where parameters start."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import torch

import explorer
from explorer.errors import TrainingError
from explorer.training.boundary import predictions
from explorer.training.objective import Objective
from explorer.training.start import seeded
from explorer.training.surface import rows, window

XS, YS = np.linspace(-2, 2, 7), np.linspace(-1, 3, 5)


def test_the_surface_of_a_valley() -> None:
    objective = Objective(explorer.Program("L = (1 - a)^2 + 10 * (b - a^2)^2 + c"), {"c": 5.0, "a": 0.0, "b": 0.0})
    found = np.stack(list(rows(objective, objective.start, 1, 2, XS, YS)))
    a, b = np.meshgrid(XS, YS)
    assert found == pytest.approx((1 - a) ** 2 + 10 * (b - a**2) ** 2 + 5)
    assert objective.start.tolist() == [5.0, 0.0, 0.0]


def test_the_surface_over_two_entries_of_a_matrix() -> None:
    objective = Objective(explorer.Program("L = sum(tanh(W @ W))"), {"W": torch.eye(2, dtype=torch.float64)})
    place = objective.layout.labels.index
    found = np.stack(list(rows(objective, objective.start, place("W[0, 1]"), place("W[1, 0]"), XS, YS)))
    for i, below in enumerate(YS):
        for j, above in enumerate(XS):
            W = torch.tensor([[1.0, above], [below, 1.0]], dtype=torch.float64)
            assert found[i, j] == torch.tanh(W @ W).sum().item()


def test_a_surface_can_be_left_half_way() -> None:
    objective = Objective(explorer.Program("L = a * b"), {"a": 1.0, "b": 1.0})
    assert len(list(islice(rows(objective, objective.start, 0, 1, XS, YS), 2))) == 2
    assert objective.traces == 1


def test_control_flow_on_the_surface() -> None:
    objective = Objective(explorer.Program("L = a if a > b else b * b"), {"a": 1.0, "b": 0.5})
    a, b = np.meshgrid(XS, YS)
    assert np.stack(list(rows(objective, objective.start, 0, 1, XS, YS))) == pytest.approx(np.where(a > b, a, b * b))


def test_a_window_has_room_around_the_path() -> None:
    assert window([1.0, 5.0], margin=0.5) == (0.0, 6.0)
    assert window([2.0]) == (1.0, 3.0)
    assert window([2.0, float("nan"), float("inf")]) == (1.0, 3.0)
    assert window([]) == (-1.0, 1.0)


W1, W2 = torch.randn(2, 4, dtype=torch.float64), torch.randn(4, 1, dtype=torch.float64)
GRID = torch.tensor([[x, y] for y in YS for x in XS], dtype=torch.float64)


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_the_boundary_of_a_network_on_rows_of_points(classes: int) -> None:
    out = torch.randn(4, classes, dtype=torch.float64)
    text = "h = tanh(X @ W1)\np = h @ W2\nL = mean(p * p)"
    run = explorer.trace(text, X=torch.zeros(3, 2), W1=W1, W2=out)
    scores = torch.tanh(GRID @ W1) @ out
    expected = scores[:, 0] if classes == 1 else scores.argmax(1).double()
    assert np.array_equal(predictions(run, "X", "p", XS, YS), expected.reshape(5, 7).numpy())


def test_the_boundary_of_a_network_of_scalars() -> None:
    inputs = {"x1": 0.0, "x2": 0.0, "t": 0.0, "a": 2.0, "b": -1.0, "c": 3.0}
    run = explorer.trace("h = relu(a * x1 + b * x2)\np = c * h - 1\nL = (p - t)^2", inputs=inputs)
    expected = 3 * torch.relu(2 * GRID[:, 0] - GRID[:, 1]) - 1
    assert np.array_equal(predictions(run, ("x1", "x2"), "p", XS, YS), expected.reshape(5, 7).numpy())


@pytest.mark.parametrize("prediction", ["L", "W1"])
def test_a_prediction_has_one_number_a_point(prediction: str) -> None:
    run = explorer.trace("p = X @ W1\nL = sum(p)", X=torch.zeros(3, 2), W1=W1)
    with pytest.raises(TrainingError, match=f"35 points '{prediction}' has shape"):
        predictions(run, "X", prediction, XS, YS)


def test_a_seed_gives_the_same_start() -> None:
    shapes = {"w": (), "W": (16, 100), "v": (4,)}
    one, two, other = seeded(shapes, 7), seeded(shapes, 7), seeded(shapes, 8)
    assert one["w"] == two["w"] != other["w"]
    assert torch.equal(one["W"], two["W"]) and not torch.equal(one["W"], other["W"])
    assert one["W"].abs().max() <= 1 / 4 < one["W"].abs().max() * 1.1
    assert one["v"].abs().max() <= 1 / 2 and abs(one["w"]) <= 1
