"""One execution of a graph: the value of every node, its gradient, the contribution of every edge, the steps.

Nothing is shown anywhere that is not in a run, and nothing in a run is made up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import overload

from torch import Tensor

from explorer.differentiate import (
    Backward,
    Number,
    Pushed,
    as_tensor,
    differentiate,
    evaluate,
    is_finite,
    local_derivative,
    push_forward,
    starting_from,
)
from explorer.graph import Edge, Graph

__all__ = [
    "Arrival",
    "Backward",
    "Number",
    "Run",
    "Step",
    "Tangents",
    "as_tensor",
    "differentiate",
    "displays",
    "evaluate",
    "is_finite",
    "local_derivative",
]

displays: dict[str, Callable[[Run], str]] = {}
"""How a run shows itself, by format; the export room registers "html" for notebooks."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one edge brings to a sum in one step: ``contribution`` = ``upstream`` x ``local``.

    ``before`` is the sum so far (``None``: nothing had arrived), ``after`` the sum with this contribution.
    ``upstream`` is ``None`` where the operation has several results, each with a gradient of its own, and none of
    them is its value.
    """

    edge: Edge
    upstream: Number | None
    contribution: Number
    before: Number | None
    after: Number
    _run: Run = field(repr=False, compare=False)

    @property
    def local(self) -> Number | None:
        """d target / d source; see ``Run.local``. Worked out whenever it is asked for: a Jacobian takes its time."""
        graph = self._run.graph
        return local_derivative(graph, self._run.values, graph.index[self.edge.target], self.edge.port)


@dataclass(frozen=True, slots=True)
class Step:
    """One operation computed (``forward``), differentiated (``backward``), or its tangent taken (``tangent``).

    ``index`` is the step's place in its list of steps.
    """

    phase: str
    node: str
    index: int
    arrivals: tuple[Arrival, ...] = ()


class Run:
    """The numbers of one execution of ``graph``; nothing in it changes after it is made.

    ``values``, ``grads`` and ``contributions`` are the columns as held; ``value``, ``grad`` and ``contribution``
    answer by name and give tensors.
    """

    def __init__(self, graph: Graph, values: Sequence[Number | None], backward: Backward | None = None) -> None:
        self.graph = graph
        self.values = values
        self.backward = backward or differentiate(graph, values, graph.outputs[-1])

    @property
    def grads(self) -> Sequence[Number | None]:
        """The gradient of the output with respect to every node, by index."""
        return self.backward.grads

    @property
    def contributions(self) -> Sequence[Number | None]:
        """The contribution along every edge, by edge number."""
        return self.backward.contributions

    @cached_property
    def carried(self) -> Sequence[int]:
        """Per edge number the value that it carries: contributions along edges of one value add up to its gradient.

        A value is the index of the node that makes it. A node that makes several has the first; the others are
        numbered behind all nodes.
        """
        return list(chain.from_iterable(self.graph.inputs))

    @property
    def output(self) -> str:
        """The id of the node that was differentiated."""
        return self.graph.ids[self.backward.output]

    @cached_property
    def objective(self) -> str:
        """The letter for the number that was differentiated: made from the output, and no node's id; "" where it is
        the output itself, because the backward pass started from a single 1.
        """
        seed = self.backward.upstream
        if isinstance(seed, float) and seed == 1.0:
            return ""
        return next((letter for letter in "LJKQS" if letter not in self.graph.index), "objective")

    @property
    def upstream(self) -> Tensor:
        """The gradient that the backward pass started from, of the output's shape; ones unless it was given."""
        return as_tensor(self.backward.upstream)

    def value(self, key: str | int) -> Tensor | None:
        """The value of a node, by id, variable or index; ``None`` where it was not computed."""
        return _tensor_or_none(self.values[self.graph.find(key)])

    def grad(self, key: str | int) -> Tensor | None:
        """d output / d node, of the node's shape; ``None`` where no gradient reaches the node."""
        return _tensor_or_none(self.grads[self.graph.find(key)])

    def contribution(self, edge: Edge) -> Tensor | None:
        """What ``edge`` adds to its source's gradient, of the source's shape; ``None`` where nothing flows."""
        return _tensor_or_none(self.contributions[self.graph.edge_number(edge)])

    def local(self, edge: Edge) -> Tensor | None:
        """d target / d source through this port alone.

        A single number for scalar operations; of the target's shape for elementwise ones; otherwise the Jacobian
        of shape target + source where it has at most ``JACOBIAN_ENTRIES`` entries, else ``None``.
        """
        self.graph.edge_number(edge)
        target = self.graph.index[edge.target]
        return _tensor_or_none(local_derivative(self.graph, self.values, target, edge.port))

    def differentiate(self, output: str | int, upstream: object = None) -> Run:
        """The same values with the backward pass taken from another output.

        ``upstream`` is of the output's shape and is ones when not given. Raises RunError where it does not fit.
        """
        index = self.graph.find(output)
        return Run(self.graph, self.values, differentiate(self.graph, self.values, index, upstream))

    def tangents(self, wrt: str | int, tangent: object = None) -> Tangents:
        """Forward mode: how every node moves as ``wrt`` moves along ``tangent`` (ones when not given)."""
        return Tangents(self, self.graph.find(wrt), tangent)

    @cached_property
    def steps(self) -> Sequence[Step]:
        """Forward in execution order, then backward from the output in reverse."""
        return _Steps(self)

    @cached_property
    def nonfinite(self) -> str | None:
        """The id of the first node in execution order whose value is NaN or infinite, and no mask."""
        return next((id_ for index, id_ in enumerate(self.graph.ids) if self.is_broken(index)), None)

    def is_broken(self, index: int) -> bool:
        """Whether a value is not finite. Minus infinities that a softmax makes 0 of are a mask, and no mishap."""
        value = self.values[index]
        if value is None or is_finite(value):
            return False
        entries = as_tensor(value)
        return index not in self._masks or bool((entries.isnan() | (entries == math.inf)).any())

    @cached_property
    def _masks(self) -> frozenset[int]:
        """The nodes whose values go nowhere but into a softmax."""
        graph, found = self.graph, set[int]()
        for index in reversed(range(len(graph))):
            targets = [target for target, _ in graph.consumers[index]]
            if targets and all(graph.ops[target] in _SOFTMAX or target in found for target in targets):
                found.add(index)
        return frozenset(found)

    def __repr__(self) -> str:
        return f"<Run of {len(self.graph)} nodes, d/d{self.output}>"

    def _repr_html_(self) -> str:
        return displays["html"](self) if "html" in displays else f"<pre>{len(self.graph)} nodes</pre>"


class Tangents:
    """Forward mode from one node: tangent of every node, contribution of every edge, and the steps.

    A tangent is the Jacobian of a node with respect to ``wrt``, applied to the seed.
    """

    def __init__(self, run: Run, wrt: int, tangent: object = None, pushed: Pushed | None = None) -> None:
        self.run, self.wrt = run, run.graph.ids[wrt]
        self.seed = starting_from(run.values[wrt], tangent, "The tangent", run.graph, wrt)
        self.tangents, self.contributions, self.order = pushed or push_forward(run.graph, run.values, wrt, self.seed)

    def value(self, key: str | int) -> Tensor | None:
        """The tangent of a node, of its shape; ``None`` where it does not depend on ``wrt``."""
        return _tensor_or_none(self.tangents[self.run.graph.find(key)])

    def contribution(self, edge: Edge) -> Tensor | None:
        """What ``edge`` adds to its target's tangent, of the target's shape."""
        return _tensor_or_none(self.contributions[self.run.graph.edge_number(edge)])

    @cached_property
    def steps(self) -> Sequence[Step]:
        """One step a node that moves, in execution order; the first is ``wrt`` with its seed."""
        return [self._step(place, index) for place, index in enumerate(self.order)]

    def _step(self, place: int, index: int) -> Step:
        graph, total = self.run.graph, None
        arrivals: list[Arrival] = []
        for port, source in enumerate(graph.inputs[index]):
            contribution = self.contributions[graph.edge_starts[index] + port]
            if contribution is None:
                continue
            edge = Edge(graph.ids[source], graph.ids[index], port)
            upstream = self.tangents[source]
            assert upstream is not None
            after = contribution if total is None else total + contribution
            arrivals.append(Arrival(edge, upstream, contribution, total, after, self.run))
            total = after
        return Step("tangent", graph.ids[index], place, tuple(arrivals))


_SOFTMAX = frozenset({"softmax", "log_softmax"})


def _tensor_or_none(number: Number | None) -> Tensor | None:
    return None if number is None else as_tensor(number)


class _Steps(Sequence[Step]):
    """All steps of a run, each made when it is looked at."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._forward = [i for i, value in enumerate(run.values) if value is not None]

    def __len__(self) -> int:
        return len(self._forward) + len(self._run.backward.order)

    @overload
    def __getitem__(self, place: int) -> Step: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Step]: ...
    def __getitem__(self, place: int | slice) -> Step | Sequence[Step]:
        chosen = range(len(self))[place]
        return self._make(chosen) if isinstance(chosen, int) else [self._make(p) for p in chosen]

    def _make(self, place: int) -> Step:
        ids, order = self._run.graph.ids, self._run.backward.order
        if place < len(self._forward):
            return Step("forward", ids[self._forward[place]], place)
        index = order[place - len(self._forward)]
        return Step("backward", ids[index], place, tuple(self._arrivals(index)))

    def _arrivals(self, index: int) -> Iterator[Arrival]:
        run, graph, first = self._run, self._run.graph, self._run.graph.edge_starts[index]
        for number, source in enumerate(graph.inputs[index], first):
            contribution = run.contributions[number]
            if contribution is not None:
                edge = Edge(graph.ids[source], graph.ids[index], number - first)
                yield Arrival(edge, run.grads[index], contribution, *self._sums[number], run)

    @cached_property
    def _sums(self) -> dict[int, tuple[Number | None, Number]]:
        """Per edge number the gradient of its value before and after this contribution, in engine order."""
        graph, sums = self._run.graph, {}
        totals: dict[int, Number] = {}
        for index in self._run.backward.order:
            for edge, source in enumerate(graph.inputs[index], graph.edge_starts[index]):
                part, value = self._run.contributions[edge], self._run.carried[edge]
                if part is None:
                    continue
                before = totals.get(value) if graph.dtypes[source] else None
                totals[value] = part if before is None else before + part
                sums[edge] = (before, totals[value])
        return sums
