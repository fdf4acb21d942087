"""The V of a model's parameter: the model's own loss, moved; and what is said of the best step."""

from __future__ import annotations

import math

import pytest
import torch

import explorer
from explorer.errors import ModelError
from explorer.passes.both import steepest
from explorer.passes.differences import SINGLE, check, check_by
from explorer.ui.curve import picture, verdict
from explorer.ui.model import ModelSource, Traced, fresh, trace
from explorer.ui.moved import moved


@pytest.fixture(scope="module")
def traced() -> Traced:
    return trace(fresh("mlp"))


def test_a_parameter_is_moved_and_put_back(traced: Traced) -> None:
    name, parameter = next(iter(traced.model.named_parameters()))
    index, before = traced.run.graph.index[name], parameter.detach().clone()
    gradient = traced.run.grad(name)
    assert gradient is not None
    place = steepest(gradient)
    found = check_by(moved(traced, index, place), float(gradient[place]), SINGLE)
    assert torch.equal(parameter.detach(), before)
    assert found.best is not None and found.best.error < 1e-3 * abs(found.gradient)
    assert found.differences[-1].error > 100 * found.best.error


def test_the_loss_at_no_step_is_the_runs(traced: Traced) -> None:
    name = next(iter(dict(traced.model.named_parameters())))
    _, loss = moved(traced, traced.run.graph.index[name], (0, 0))(0.0)
    assert loss == traced.run.value(traced.run.output).item()


def test_dropout_falls_as_it_did_in_the_run() -> None:
    traced = trace(ModelSource("encoder", train=True) if "encoder" in explorer.models.names() else fresh("mlp"))
    name = next(iter(dict(traced.model.named_parameters())))
    at = moved(traced, traced.run.graph.index[name], (0, 0))
    assert at(0.0) == at(0.0)


def test_only_parameters_move(traced: Traced) -> None:
    with pytest.raises(ModelError, match="no parameter"):
        moved(traced, len(traced.run.graph) - 1, ())


def test_the_best_step_is_told_and_drawn() -> None:
    found = check(explorer.trace("y = exp(x)", x=1.0), "x")
    assert found.best is not None
    words = verdict(found, "numbers of 64 bits")
    assert "2.7182818" in words and "of the gradient" in words
    line, ring = picture(found, "dark").data
    assert list(line.y) == [d.error for d in found.differences] and list(ring.x) == [found.best.step]


def test_an_exact_difference_stands_on_the_floor() -> None:
    found = check(explorer.trace("y = 2 * x", x=1.0), "x")
    line = picture(found, "light").data[0]
    assert all(value > 0 and math.isfinite(value) for value in line.y)
    exact = [d.error == 0 for d in found.differences]
    assert True in exact and [symbol == "circle-open" for symbol in line.marker.symbol] == exact
    assert "nothing off" in verdict(found, "")


def test_nothing_around_a_place_is_told() -> None:
    found = check(explorer.trace("y = log(x)", x=1e-300), "x", steps=[1.0])
    assert "not defined" in verdict(found, "") and not picture(found, "light").data[0].x
