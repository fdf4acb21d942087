"""One execution of a graph: the value of every node, its gradient, and the contribution of every edge.

Single numbers are plain floats, everything with a shape is a float64 tensor. Reverse mode walks the nodes from
the output back in the order of torch's engine (latest first), so that sums over several consumers agree with
torch to the last bit; a vector-Jacobian product of a shaped operation is torch's own, taken of that one
operation. What was not computed is ``None``, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import torch
from torch import Tensor

from explorer.errors import RunError
from explorer.graph import Edge, Graph
from explorer.ops import OPS, Op

Number = float | Tensor
"""A plain float (or bool, from a comparison) for a single number; a tensor for anything with a shape."""

JACOBIAN_ENTRIES = 4096
"""A local derivative that is not elementwise is shown as a full Jacobian up to this size."""

displays: dict[str, Callable[[Run], str]] = {}
"""How a run shows itself, by format; the export room registers "html" for notebooks."""


@dataclass(frozen=True, slots=True)
class Backward:
    """What one backward pass computed.

    ``grads`` per node and ``contributions`` per edge number are ``None`` where no gradient arrived; ``order``
    lists the nodes that a gradient reached and that handed it on, the output first.
    """

    output: int
    upstream: Number
    grads: Sequence[Number | None]
    contributions: Sequence[Number | None]
    order: Sequence[int]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one edge brings to a sum in one step: ``contribution`` = ``upstream`` x ``local``.

    ``before`` is the sum so far (``None``: nothing had arrived), ``after`` the sum with this contribution.
    ``local`` is ``None`` where the derivative is too large to be written out.
    """

    edge: Edge
    upstream: Number
    local: Number | None
    contribution: Number
    before: Number | None
    after: Number


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

    @property
    def output(self) -> str:
        """The id of the node that was differentiated."""
        return self.graph.ids[self.backward.output]

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
        """The id of the first node in execution order whose value is NaN or infinite."""
        for index, value in enumerate(self.values):
            if value is not None and not _finite(value):
                return self.graph.ids[index]
        return None

    def __repr__(self) -> str:
        return f"<Run of {len(self.graph)} nodes, d/d{self.output}>"

    def _repr_html_(self) -> str:
        return displays["html"](self) if "html" in displays else f"<pre>{len(self.graph)} nodes</pre>"


class Tangents:
    """Forward mode from one node: tangent of every node, contribution of every edge, and the steps.

    A tangent is the Jacobian of a node with respect to ``wrt``, applied to the seed.
    """

    def __init__(self, run: Run, wrt: int, tangent: object = None) -> None:
        self.run, self.wrt = run, run.graph.ids[wrt]
        self.seed = _seed(run.values[wrt], tangent, "The tangent", run.graph, wrt)
        self.tangents, self.contributions, self.order = _push_forward(run, wrt, self.seed)

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
            local = local_derivative(graph, self.run.values, index, port)
            after = contribution if total is None else total + contribution
            arrivals.append(Arrival(edge, upstream, local, contribution, total, after))
            total = after
        return Step("tangent", graph.ids[index], place, tuple(arrivals))


def as_tensor(number: Number) -> Tensor:
    """A float64 (or bool) tensor of the same value; the number itself where it is one."""
    if isinstance(number, Tensor):
        return number
    return torch.tensor(number, dtype=torch.bool if isinstance(number, bool) else torch.float64)


def evaluate(op: Op, inputs: Sequence[Number], attrs: dict[str, object]) -> Number:
    """The value of one operation: a float for a single number, else a tensor. Raises what torch raises."""
    if op.scalar is not None and Tensor not in map(type, inputs):
        return op.scalar.value(*map(float, inputs))  # true and false count as 1 and 0
    with torch.no_grad():
        return _plain(op.call(*map(as_tensor, inputs), **attrs))


def differentiate(graph: Graph, values: Sequence[Number | None], output: int, upstream: object = None) -> Backward:
    """Reverse mode from ``output``: gradients, contributions and their order.

    The engine's order is the reverse of execution, and a node adds up its contributions in the order in which
    they arrive: consumer by consumer, port by port.
    """
    seed = _seed(values[output], upstream, "The upstream gradient", graph, output)
    grads: list[Number | None] = [None] * len(graph)
    contributions: list[Number | None] = [None] * graph.edge_starts[-1]
    order: list[int] = []
    if graph.requires_grad[output]:
        grads[output] = seed
        _pull_back(graph, values, output, grads, contributions, order)
    return Backward(output, seed, grads, contributions, order)


def _pull_back(
    graph: Graph,
    values: Sequence[Number | None],
    output: int,
    grads: list[Number | None],
    contributions: list[Number | None],
    order: list[int],
) -> None:
    inputs, ops, starts, wanted = graph.inputs, graph.ops, graph.edge_starts, graph.requires_grad
    rules = {name: op.scalar.vjp for name, op in OPS.items() if op.scalar is not None}
    for index in range(output, -1, -1):
        upstream, ports = grads[index], inputs[index]
        if upstream is None or (not ports and index != output):
            continue
        order.append(index)
        xs = [values[source] for source in ports]
        rule = rules.get(ops[index])
        if rule is None or Tensor in map(type, xs):
            parts: Sequence[Number | None] = _vjp(graph, values, index, upstream)
        else:
            parts = rule(upstream, values[index], *xs)
        edge = starts[index]
        for source, part in zip(ports, parts, strict=False):
            if part is not None and wanted[source]:
                contributions[edge] = part
                total = grads[source]
                grads[source] = part if total is None else total + part
            edge += 1


def _vjp(graph: Graph, values: Sequence[Number | None], index: int, upstream: Number) -> Sequence[Number | None]:
    """The vector-Jacobian products of one operation, by torch, one per port; every port is its own leaf."""
    ports = graph.inputs[index]
    if not ports:
        return ()
    leaves = [_leaf(values[source], graph.requires_grad[source]) for source in ports]
    wanted = [leaf for leaf in leaves if leaf.requires_grad]
    if not wanted:
        return [None] * len(ports)
    with torch.enable_grad():
        result = OPS[graph.ops[index]].call(*leaves, **graph.attrs.get(index, {}))
    pulled = iter(torch.autograd.grad(result, wanted, as_tensor(upstream).reshape(result.shape), allow_unused=True))
    parts = [next(pulled) if leaf.requires_grad else None for leaf in leaves]
    return [None if part is None else _plain(part) for part in parts]


def _leaf(value: Number | None, requires_grad: bool) -> Tensor:
    assert value is not None, "a node was differentiated before it was computed"
    leaf = as_tensor(value).detach()
    return leaf.clone().requires_grad_() if requires_grad and leaf.is_floating_point() else leaf


def local_derivative(graph: Graph, values: Sequence[Number | None], target: int, port: int) -> Number | None:
    """d target / d source at one port; see ``Run.local`` for the shapes."""
    op = OPS.get(graph.ops[target])
    source = graph.inputs[target][port]
    if op is None or not graph.requires_grad[target] or not graph.requires_grad[source]:
        return None
    xs = [values[s] for s in graph.inputs[target]]
    if op.scalar is not None and Tensor not in map(type, xs):
        return op.scalar.vjp(1.0, values[target], *xs)[port]
    return _shaped_local(op, [_leaf(x, False) for x in xs], port, dict(graph.attrs.get(target, {})))


def _shaped_local(op: Op, xs: list[Tensor], port: int, attrs: dict[str, object]) -> Tensor | None:
    if op.elementwise:
        shape = torch.broadcast_shapes(*[x.shape for x in xs])  # type: ignore[no-untyped-call]
        xs = [x.expand(shape) for x in xs]
    x = xs[port].detach().clone().requires_grad_()

    def through_port(moved: Tensor) -> Tensor:
        return op.call(*xs[:port], moved, *xs[port + 1 :], **attrs)

    with torch.enable_grad():
        y = through_port(x)
        if op.elementwise:
            return torch.autograd.grad(y, x, torch.ones_like(y))[0]
        if x.numel() * y.numel() > JACOBIAN_ENTRIES:
            return None
        rows = [torch.autograd.grad(entry, x, retain_graph=True)[0] for entry in y.reshape(-1)]
    return torch.stack(rows).reshape(y.shape + x.shape)


def _push_forward(run: Run, wrt: int, seed: Number) -> tuple[list[Number | None], list[Number | None], list[int]]:
    graph, values = run.graph, run.values
    tangents: list[Number | None] = [None] * len(graph)
    contributions: list[Number | None] = [None] * graph.edge_starts[-1]
    tangents[wrt], order = seed, [wrt]
    for index in range(wrt + 1, len(graph)):
        if not graph.requires_grad[index]:
            continue
        total: Number | None = None
        for port, source in enumerate(graph.inputs[index]):
            moved = tangents[source]
            part = None if moved is None else _jvp(graph, values, index, port, moved)
            if part is not None:
                contributions[graph.edge_starts[index] + port] = part
                total = part if total is None else total + part
        if total is not None:
            tangents[index] = total
            order.append(index)
    return tangents, contributions, order


def _jvp(graph: Graph, values: Sequence[Number | None], index: int, port: int, moved: Number) -> Number | None:
    """The Jacobian of one operation with respect to one port, times a tangent.

    For shaped operations by differentiating the vector-Jacobian product, which is linear in its vector, once
    more: J t = d(uᵀJ)/du · t.
    """
    if not graph.requires_grad[graph.inputs[index][port]]:
        return None
    xs = [values[source] for source in graph.inputs[index]]
    op = OPS[graph.ops[index]]
    if op.scalar is not None and Tensor not in map(type, xs):
        return float(op.scalar.vjp(1.0, values[index], *xs)[port]) * moved
    leaves = [_leaf(x, place == port) for place, x in enumerate(xs)]
    with torch.enable_grad():
        y = op.call(*leaves, **graph.attrs.get(index, {}))
        u = torch.zeros_like(y, requires_grad=True)
        (pulled,) = torch.autograd.grad(y, leaves[port], u, create_graph=True, allow_unused=True)
        if pulled is None or not pulled.requires_grad:
            return None
        (pushed,) = torch.autograd.grad(pulled, u, as_tensor(moved).reshape(pulled.shape), allow_unused=True)
    return None if pushed is None else _plain(pushed)


def _seed(value: Number | None, given: object, what: str, graph: Graph, index: int) -> Number:
    """The number a pass starts from: what was given, checked against the value's shape, or ones."""
    if value is None:
        raise RunError(f"{what} of {graph.ids[index]!r} cannot be set: the node was not computed.")
    like = as_tensor(value)
    if given is None:
        return _plain(torch.ones(like.shape, dtype=torch.float64))
    try:
        seed = torch.as_tensor(given, dtype=torch.float64).detach().clone()
    except (TypeError, ValueError, RuntimeError) as error:
        raise RunError(f"{what} of {graph.ids[index]!r} is not made of numbers: {error}.") from None
    if seed.shape != like.shape:
        raise RunError(
            f"{what} of {graph.ids[index]!r} has shape {list(seed.shape)}; the node has shape {list(like.shape)}. "
            "Give one number for each of its elements."
        )
    return _plain(seed)


def _plain(tensor: Tensor) -> Number:
    """A float (or bool) for a single number, else the tensor."""
    return tensor.item() if tensor.ndim == 0 else tensor.detach()


def _tensor_or_none(number: Number | None) -> Tensor | None:
    return None if number is None else as_tensor(number)


def _finite(number: Number) -> bool:
    return bool(number.isfinite().all()) if isinstance(number, Tensor) else math.isfinite(number)


class _Steps(Sequence[Step]):
    """All steps of a run, each made when it is looked at."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._forward = [i for i, value in enumerate(run.values) if value is not None]

    def __len__(self) -> int:
        return len(self._forward) + len(self._run.backward.order)

    def __iter__(self) -> Iterator[Step]:
        return (self._make(place) for place in range(len(self)))

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
        run, graph = self._run, self._run.graph
        upstream = run.grads[index]
        assert upstream is not None
        for port, source in enumerate(graph.inputs[index]):
            contribution = run.contributions[graph.edge_starts[index] + port]
            if contribution is None:
                continue
            before, after = self._sums[graph.edge_starts[index] + port]
            local = local_derivative(graph, run.values, index, port)
            yield Arrival(Edge(graph.ids[source], graph.ids[index], port), upstream, local, contribution, before, after)

    @cached_property
    def _sums(self) -> dict[int, tuple[Number | None, Number]]:
        """Per edge number the gradient of its source before and after this contribution, in engine order."""
        graph, sums = self._run.graph, {}
        totals: dict[int, Number] = {}
        for index in self._run.backward.order:
            for port, source in enumerate(graph.inputs[index]):
                edge = graph.edge_starts[index] + port
                part = self._run.contributions[edge]
                if part is None:
                    continue
                before = totals.get(source)
                totals[source] = part if before is None else before + part
                sums[edge] = (before, totals[source])
        return sums
