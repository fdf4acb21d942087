"""A traced program that runs again with other parameters: in columns, node by node, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from explorer.execute import downstream, forward, holds, is_of_program, known, levels
from explorer.graph import Graph
from explorer.run import Number, Run, as_tensor, differentiate
from explorer.training.columns import Columns
from explorer.training.flat import Layout
from explorer.training.rules import Column


@dataclass(frozen=True, slots=True)
class Gradient:
    """A number for each element of each parameter; ``present`` tells per parameter whether a gradient arrived at all.

    Where none did, the numbers are 0.
    """

    numbers: Column
    present: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the program says about one set of parameters."""

    loss: float
    gradient: Gradient


WIDTH = 4
"""Columns are worth their calls where so many nodes stand side by side on average."""


class Replay(Protocol):
    """``feed`` says whether the program still goes the way it was traced; only then the rest means something."""

    def feed(self, numbers: Column) -> bool: ...
    def loss(self) -> float: ...
    def evaluation(self) -> Evaluation: ...
    def run(self) -> Run: ...


def replay(run: Run, layout: Layout, numbers: Column) -> Replay:
    """The way that is faster for a run that was traced at these parameters, of those that hold it."""
    if not all(is_of_program(run.graph, i) for i, ports in enumerate(run.graph.inputs) if ports):
        return _AsTraced(run, layout, numbers)
    nodes = leaves_by_name(run.graph)
    moving = [nodes[name] for name in layout.names if name in nodes]
    is_wide = len(run.graph) >= WIDTH * (1 + max(levels(run.graph)))
    return _ByColumns(run, layout) if is_wide and Columns.can_hold(run, moving) else _ByNodes(run, layout)


def leaves_by_name(graph: Graph) -> dict[str, int]:
    """The inputs and parameters of a graph."""
    return {graph.names[i]: i for i, op in enumerate(graph.ops) if op in ("input", "parameter")}


class _ByColumns:
    """For programs of single numbers."""

    def __init__(self, run: Run, layout: Layout) -> None:
        nodes = leaves_by_name(run.graph)
        present = [place for place, name in enumerate(layout.names) if name in nodes]
        moving = [nodes[layout.names[place]] for place in present]
        self._columns, self._output = Columns(run, moving), run.backward.output
        self._present, self._layout = np.array(present, np.intp), layout
        grads = [run.grads[nodes[name]] if name in nodes else None for name in layout.names]
        self._reached = tuple(grad is not None for grad in grads)

    def feed(self, numbers: Column) -> bool:
        return self._columns.feed(numbers[self._present])

    def loss(self) -> float:
        return self._columns.value(self._output)

    def evaluation(self) -> Evaluation:
        self._columns.pull()
        gradient = self._layout.zeros()
        gradient[self._present] = self._columns.gradients()
        return Evaluation(self.loss(), Gradient(gradient, self._reached))

    def run(self) -> Run:
        self._columns.pull()
        return self._columns.run()


class _ByNodes:
    """For programs with vectors and matrices, where an operation is work enough by itself."""

    def __init__(self, run: Run, layout: Layout) -> None:
        self._run, self._layout = run, layout
        self._nodes = leaves_by_name(run.graph)
        moved = downstream(run.graph, [self._nodes[name] for name in layout.names if name in self._nodes])
        self._still = {i: known(value) for i, value in enumerate(run.values) if i not in moved}
        self._values = run.values

    def feed(self, numbers: Column) -> bool:
        given = dict(self._still)
        for name, value in self._layout.unpack(numbers).items():
            if name in self._nodes:
                given[self._nodes[name]] = value
        self._values = forward(self._run.graph, given)
        return holds(self._run.graph, self._values)

    def loss(self) -> float:
        return float(known(self._values[self._run.backward.output]))

    def evaluation(self) -> Evaluation:
        return evaluation_of(self.run(), self._layout)

    def run(self) -> Run:
        graph, backward = self._run.graph, self._run.backward
        return Run(graph, self._values, differentiate(graph, self._values, backward.output, backward.upstream))


class _AsTraced:
    """For models, which only their own code can run: good for the parameters that they were traced at."""

    def __init__(self, run: Run, layout: Layout, numbers: Column) -> None:
        self._run, self._numbers = run, numbers.copy()
        self._evaluation = evaluation_of(run, layout)

    def feed(self, numbers: Column) -> bool:
        return bool(np.array_equal(numbers, self._numbers))

    def loss(self) -> float:
        return self._evaluation.loss

    def evaluation(self) -> Evaluation:
        return self._evaluation

    def run(self) -> Run:
        return self._run


def evaluation_of(run: Run, layout: Layout) -> Evaluation:
    """Loss and gradient as they stand in a run."""
    nodes = leaves_by_name(run.graph)
    grads: list[Number | None] = [run.grads[nodes[name]] if name in nodes else None for name in layout.names]
    numbers = layout.zeros()
    for there, grad in zip(layout.slices, grads, strict=True):
        if grad is not None:
            numbers[there] = as_tensor(grad).reshape(-1).numpy()
    gradient = Gradient(numbers, tuple(grad is not None for grad in grads))
    return Evaluation(float(known(run.values[run.backward.output])), gradient)
