"""A run of single numbers compiled into columns: the same program again and again, thousands of operations at once.

Nodes of one level, one operation and one way to be differentiated stand side by side, so that one call computes
them all. Every sum of contributions is added up in the order of the engine, one by one, so a gradient has the bits
that it has in a run. The values of nodes that do not depend on what moves are never computed again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.execute import downstream, known
from explorer.graph import LEAVES, Graph
from explorer.ops import OPS
from explorer.run import Backward, Number, Run
from explorer.training.groups import Plan
from explorer.training.rules import Column


class Columns:
    """A compiled run. ``feed`` computes values and ``pull`` gradients; what they leave is valid until the next.

    ``moving`` are the nodes whose numbers are fed; everything else in the run stands.
    """

    def __init__(self, run: Run, moving: Sequence[int]) -> None:
        self._run, self._plan = run, Plan(run, moving)
        self._values, self._grads = self._plan.start(), np.zeros(len(self._plan.members))
        self._contributions = np.zeros(self._plan.edges)
        self._moving = self._plan.places(moving)
        groups = self._plan.groups
        for group in groups:
            group.settle(self._values, self._plan.is_moved)
        self._forward = [group for group in groups if group.value is not None]
        self._backward = [group for group in reversed(groups) if group.has_gradient]
        self._truths, self._wholes = self._plan.decisions(bool), self._plan.decisions(int)

    @staticmethod
    def can_hold(run: Run, moving: Sequence[int]) -> bool:
        """Whether all that depends on ``moving``, and all that gradients pass, is operations on single numbers."""
        graph = run.graph
        computed = [i for i in {*downstream(graph, moving), *run.backward.order} if graph.ops[i] not in LEAVES]
        touched = {*moving, *computed, *(source for i in computed for source in graph.inputs[i])}
        return all(_is_scalar(graph, i) for i in computed) and not any(graph.shapes[i] for i in touched)

    def feed(self, numbers: Column) -> bool:
        """Computes all values; False where the program would now go another way and the values mean nothing."""
        self._values[self._moving] = numbers
        with np.errstate(all="ignore"):
            for group in self._forward:
                group.compute(self._values)
        (truths, true), (wholes, whole) = self._truths, self._wholes
        return bool(((self._values[truths] != 0) == true).all() and (self._values[wholes] == whole).all())

    def pull(self) -> None:
        """Computes all contributions and gradients for the values as fed."""
        with np.errstate(all="ignore"):
            for group in self._backward:
                group.pull(self._values, self._grads, self._contributions)

    def value(self, node: int) -> float:
        """The value of a node, as fed last."""
        place = self._plan.place.get(node)
        return float(known(self._run.values[node]) if place is None else self._values[place])

    def gradients(self) -> Column:
        """The gradients of the moving nodes, as fed; 0 for those that none reaches."""
        found: Column = self._grads[self._moving]
        return found

    def run(self) -> Run:
        """The numbers as a run, once they are fed and pulled."""
        run, plan = self._run, self._plan
        values = list(run.values)
        for node, value in zip(plan.moved, self._values[plan.places(plan.moved)].tolist(), strict=True):
            values[node] = bool(value) if run.graph.dtypes[node] == "bool" else value
        grads = _scatter(run.grads, plan.members, self._grads)
        contributions = _scatter(run.contributions, plan.edge_order, self._contributions)
        backward = run.backward
        return Run(
            run.graph, values, Backward(backward.output, backward.upstream, grads, contributions, backward.order)
        )


def _is_scalar(graph: Graph, node: int) -> bool:
    op = OPS.get(graph.ops[node])
    return op is not None and op.scalar is not None


def _scatter(like: Sequence[Number | None], places: Sequence[int], column: Column) -> list[Number | None]:
    """The numbers of a column at their places, where the run that was compiled has one too."""
    out: list[Number | None] = [None] * len(like)
    for place, number in zip(places, column.tolist(), strict=True):
        if like[place] is not None:
            out[place] = number
    return out
