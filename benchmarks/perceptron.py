"""One scalar multilayer perceptron, 2-16-16-1 with ReLU, written for us and for micrograd.

Both get the same weights, the same points and the same loss (the sum of squared errors), and add up in the
same order. Every number is a node of its own: some 65,000 for 100 points.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from micrograd.engine import Value
from micrograd.nn import MLP

SIZES = (2, 16, 16, 1)


@dataclass(frozen=True)
class Problem:
    """``weights`` by name (``w1_0_2``: layer 1, unit 0 to unit 2; ``b1_2``: a bias), points, targets."""

    weights: Mapping[str, float]
    points: list[list[float]]
    targets: list[float]


def problem(points: int, seed: int = 7) -> Problem:
    """Reproducible weights in [-1, 1), and points of a square: 1 inside a disc, else -1."""
    draw = random.Random(seed)
    weights = {name: draw.uniform(-1, 1) for name in _weight_names()}
    places = [[draw.uniform(-1, 1), draw.uniform(-1, 1)] for _ in range(points)]
    return Problem(weights, places, [1.0 if x * x + y * y < 0.5 else -1.0 for x, y in places])


def program(points: int) -> str:
    """The perceptron in our language: a loop over the points, one assignment a unit."""
    lines = [f"for p in range({points}):", *(f"  a0_{unit} = points[p, {unit}]" for unit in range(SIZES[0]))]
    for layer, size in enumerate(SIZES[1:], 1):
        lines += [f"  a{layer}_{unit} = {_unit(layer, unit)}" for unit in range(size)]
    return "\n".join(["loss = 0", *lines, f"  loss = loss + (a{len(SIZES) - 1}_0 - targets[p])^2"])


def _unit(layer: int, unit: int) -> str:
    terms = [f"w{layer}_{source}_{unit} * a{layer - 1}_{source}" for source in range(SIZES[layer - 1])]
    total = " + ".join([f"b{layer}_{unit}", *terms])
    return total if layer == len(SIZES) - 1 else f"relu({total})"


def _weight_names() -> Iterator[str]:
    for layer in range(1, len(SIZES)):
        for unit in range(SIZES[layer]):
            yield from (f"w{layer}_{source}_{unit}" for source in range(SIZES[layer - 1]))
            yield f"b{layer}_{unit}"


def micrograd_model(problem: Problem) -> MLP:
    """micrograd's own MLP with our weights; its parameters come in the order of our names."""
    model = MLP(SIZES[0], list(SIZES[1:]))
    for parameter, value in zip(model.parameters(), problem.weights.values(), strict=True):
        parameter.data = value
    return model


def micrograd_run(model: MLP, problem: Problem) -> Value:
    """Forward over all points and backward from the loss, which is returned; gradients start from zero."""
    model.zero_grad()
    loss = Value(0)
    for point, target in zip(problem.points, problem.targets, strict=True):
        loss = loss + (model(point) - target) ** 2
    loss.backward()
    return loss
