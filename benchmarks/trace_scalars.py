"""How long a trace of scalars takes: beside micrograd on a perceptron, and per node on small expressions.

A trace is everything: reading the text, the values, the gradients, and the contribution of every edge, which
micrograd does not keep. A trace holds Python's garbage collector off, so micrograd is timed both as it comes and
with the collector off. All take turns, and the gradients are compared before any time is told.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator

import explorer
from benchmarks.perceptron import Problem, micrograd_model, micrograd_run, problem, program
from benchmarks.table import Row, median, progress, seconds

ROUNDS = 7
POINTS = 100
SMALL = {
    "`(a - b) * (a + b)`": ("(a - b) * (a + b)", {"a": 3.0, "b": 2.0}),
    "`u = 3x + 2`, `y = u^4`": ("u = 3x + 2\ny = u^4", {"x": 3.0}),
    "a loop of 200 sines": ("y = x\nfor i in range(200):\n  y = sin(y)", {"x": 0.5}),
}


def rows() -> Iterator[Row]:
    yield from _perceptron_rows(problem(POINTS))
    for name, (text, values) in SMALL.items():
        yield _small_row(name, text, values)


def trace(problem: Problem) -> explorer.Run:
    """Our run of the perceptron."""
    inputs = {"points": problem.points, "targets": problem.targets, **problem.weights}
    fixed = {"points": False, "targets": False}
    return explorer.trace(program(len(problem.points)), inputs=inputs, requires_grad=fixed)


def disagreement(run: explorer.Run, problem: Problem) -> float:
    """The largest difference between our gradients and micrograd's, relative to theirs or to 1."""
    model = micrograd_model(problem)
    micrograd_run(model, problem)
    pairs = ((float(run.grad(name)), p.grad) for name, p in zip(problem.weights, model.parameters(), strict=True))
    return max(abs(ours - theirs) / max(1.0, abs(theirs)) for ours, theirs in pairs)


def _perceptron_rows(problem: Problem) -> Iterator[Row]:
    progress(f"perceptron 2-16-16-1 on {POINTS} points, {ROUNDS} rounds ...")
    run = trace(problem)
    difference = disagreement(run, problem)
    if not difference < 1e-9:
        raise SystemExit(f"The gradients differ from micrograd's by {difference}: no time is worth telling.")
    model = micrograd_model(problem)
    nodes = len(run.graph)
    ours, theirs, uncollected = _take_turns(
        lambda: trace(problem),
        lambda: micrograd_run(model, problem),
        lambda: _without_collector(lambda: micrograd_run(model, problem)),
    )
    yield Row(
        f"Trace of a scalar 2-16-16-1 perceptron on {POINTS} points ({nodes:,} nodes)",
        f"{median(ours) * 1e3:.0f} ms, {median(ours) / nodes * 1e6:.2f} µs a node",
    )
    yield Row("micrograd, forward and backward of the same", _beside(theirs, ours))
    yield Row("micrograd, the same with the garbage collector off", _beside(uncollected, ours))
    yield Row("Largest relative difference of a gradient", f"{difference:.1e}")


def _beside(theirs: list[float], ours: list[float]) -> str:
    ratio = median([b / a for a, b in zip(ours, theirs, strict=True)])
    return f"{median(theirs) * 1e3:.0f} ms, {ratio:.1f} times ours (median of {ROUNDS} rounds)"


def _small_row(name: str, text: str, values: dict[str, float]) -> Row:
    progress(f"trace of {name} ...")
    run = explorer.trace(text, inputs=values)
    turns = math.ceil(4000 / len(run.graph))
    middle = median([seconds(lambda: _repeat(text, values, turns)) / turns for _ in range(ROUNDS)])
    nodes = len(run.graph)
    return Row(f"Trace of {name} ({nodes} nodes)", f"{middle * 1e6:.0f} µs, {middle / nodes * 1e6:.1f} µs a node")


def _repeat(text: str, values: dict[str, float], turns: int) -> None:
    for _ in range(turns):
        explorer.trace(text, inputs=values)


def _take_turns(*works: Callable[[], object]) -> list[list[float]]:
    """A B C A B C ...: what slows the machine for a while slows all. The seconds of each."""
    rounds = [[seconds(work) for work in works] for _ in range(ROUNDS)]
    return [list(times) for times in zip(*rounds, strict=True)]


def _without_collector(work: Callable[[], object]) -> None:
    gc.disable()
    try:
        work()
    finally:
        gc.enable()
