"""How long gradient steps take on a network of scalars, beside micrograd's own loop in the same run.

One step is everything: forward, backward and the update by gradient descent, from the same start at the same
learning rate. The parameters of both are compared before any time is told. Ours also keeps the history, and has
the gradient of every node and the contribution of every edge at hand. Micrograd is timed as it comes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import explorer
from benchmarks.perceptron import Problem, micrograd_model, micrograd_run, problem, program
from benchmarks.table import Row, median, progress, seconds
from explorer.training.objective import Objective
from explorer.training.optimisers import Rule
from explorer.training.trainer import Trainer

RATE = 1e-5
POINTS = 100
STEPS = 100
ROUNDS = 5
"""A round is one step of micrograd, then ``STEPS`` of ours: what slows the machine for a while slows both."""


def rows() -> Iterator[Row]:
    network = problem(POINTS)
    progress(f"gradient steps of a 2-16-16-1 network of scalars on {POINTS} points, {ROUNDS} rounds ...")
    difference = disagreement(network, steps=3)
    if not difference < 1e-9:
        raise SystemExit(f"The parameters differ from micrograd's by {difference}: no time is worth telling.")
    yield from _compare(network)
    yield Row("Largest relative difference of a parameter after 3 steps", f"{difference:.1e}")


def trainer(problem: Problem) -> Trainer:
    """Our gradient descent on the network."""
    text = explorer.Program(program(len(problem.points)))
    data = {"points": problem.points, "targets": problem.targets}
    return Trainer(Objective(text, dict(problem.weights), data), Rule("sgd", {"lr": RATE}))


class Micrograd:
    """micrograd's loop, as its demo has it."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.model = problem, micrograd_model(problem)

    def step(self) -> None:
        micrograd_run(self.model, self.problem)
        for parameter in self.model.parameters():
            parameter.data -= RATE * parameter.grad


def disagreement(problem: Problem, steps: int) -> float:
    """The largest difference between our parameters and micrograd's, relative to theirs or to 1."""
    ours, theirs = trainer(problem), Micrograd(problem)
    for _ in range(steps):
        ours.step()
        theirs.step()
    wanted = np.array([parameter.data for parameter in theirs.model.parameters()])
    return float((np.abs(ours.now.values - wanted) / np.maximum(1.0, np.abs(wanted))).max())


def _compare(network: Problem) -> Iterator[Row]:
    start = seconds(lambda: trainer(network))
    ours, theirs = trainer(network), Micrograd(network)
    nodes = len(ours.run(0).graph)
    rounds = [(seconds(theirs.step), seconds(lambda: list(ours.steps(STEPS))) / STEPS) for _ in range(ROUNDS)]
    mine, other = median([b for _, b in rounds]), median([a for a, _ in rounds])
    ratio = median([a / b for a, b in rounds])
    yield Row(
        f"Gradient step of a scalar 2-16-16-1 network on {POINTS} points ({nodes:,} nodes)",
        f"{mine * 1e3:.2f} ms, {1 / mine:.0f} steps a second, after {start * 1e3:.0f} ms to trace and compile",
    )
    figure = f"{other * 1e3:.0f} ms, {ratio:.0f} times ours (median of {ROUNDS} rounds)"
    yield Row("micrograd's own loop, a step of the same", figure)
