"""The benchmark compares like with like: both sides compute the same loss and the same gradients."""

from __future__ import annotations

import pytest

from benchmarks.perceptron import micrograd_model, micrograd_run, problem
from benchmarks.table import percentile
from benchmarks.trace_scalars import disagreement, trace
from benchmarks.train_scalars import disagreement as disagreement_after


def test_both_perceptrons_compute_the_same() -> None:
    points = problem(3)
    run = trace(points)
    loss = micrograd_run(micrograd_model(points), points)
    assert float(run.value("loss")) == pytest.approx(loss.data, rel=1e-12)
    assert disagreement(run, points) < 1e-12


def test_every_edge_towards_a_weight_has_its_contribution() -> None:
    run = trace(problem(2))
    wanted = [number for number, edge in enumerate(run.graph.edges) if edge.source.startswith(("w", "b"))]
    assert wanted
    assert all(run.contributions[number] is not None for number in wanted)


def test_both_loops_take_the_same_steps() -> None:
    assert disagreement_after(problem(3), steps=3) < 1e-12


def test_a_percentile_is_a_measured_time() -> None:
    times = [float(n) for n in range(1, 101)]
    assert percentile(times, 95) == 95.0
    assert percentile([3.0], 95) == 3.0
