"""How long a trace of scalars takes: beside micrograd on a perceptron, and per node on small expressions.

A trace is everything: reading the text, the values, the gradients, and the contribution of every edge, which
micrograd does not keep. The two take turns, and the gradients of both are compared before any time is told.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator
from time import perf_counter

import explorer
from benchmarks.perceptron import Problem, micrograd_model, micrograd_run, problem, program
from benchmarks.table import Row, median, progress

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
    pairs = (
        (float(run.grad(name)), p.grad) for name, p in zip(problem.weights, model.parameters(), strict=True)
    )
    return max(abs(ours - theirs) / max(1.0, abs(theirs)) for ours, theirs in pairs)


def _perceptron_rows(problem: Problem) -> Iterator[Row]:
    progress(f"perceptron 2-16-16-1 on {POINTS} points, {ROUNDS} rounds ...")
    run = trace(problem)
    difference = disagreement(run, problem)
    if not difference < 1e-9:
        raise SystemExit(f"The gradients differ from micrograd's by {difference}: no time is worth telling.")
    model = micrograd_model(problem)
    ours, theirs = _take_turns(lambda: trace(problem), lambda: micrograd_run(model, problem))
    ratio = median([b / a for a, b in zip(ours, theirs, strict=True)])
    nodes = len(run.graph)
    yield Row(
        f"Trace of a scalar 2-16-16-1 perceptron on {POINTS} points ({nodes:,} nodes)",
        f"{median(ours) * 1e3:.0f} ms, {median(ours) / nodes * 1e6:.2f} µs a node",
    )
    yield Row("micrograd, forward and backward of the same", f"{median(theirs) * 1e3:.0f} ms")
    yield Row("micrograd's time over ours, median of the rounds", f"{ratio:.2f}")
    yield Row("Largest relative difference of a gradient", f"{difference:.1e}")


def _small_row(name: str, text: str, values: dict[str, float]) -> Row:
    progress(f"trace of {name} ...")
    run = explorer.trace(text, inputs=values)
    turns = math.ceil(4000 / len(run.graph))
    seconds = median([_seconds(lambda: _repeat(text, values, turns)) / turns for _ in range(ROUNDS)])
    nodes = len(run.graph)
    return Row(
        f"Trace of {name} ({nodes} nodes)", f"{seconds * 1e6:.0f} µs, {seconds / nodes * 1e6:.1f} µs a node"
    )


def _repeat(text: str, values: dict[str, float], turns: int) -> None:
    for _ in range(turns):
        explorer.trace(text, inputs=values)


def _take_turns(a: Callable[[], object], b: Callable[[], object]) -> tuple[list[float], list[float]]:
    """A B A B ...: what slows the machine for a while slows both."""
    pairs = [(_seconds(a), _seconds(b)) for _ in range(ROUNDS)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start
