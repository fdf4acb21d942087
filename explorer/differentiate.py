"""Values, gradients and tangents of a graph's nodes, one operation at a time.

Single numbers are plain floats, everything with a shape is a float64 tensor. Reverse mode walks the nodes from
the output back in the order of torch's engine (latest first), so that sums over several consumers agree with
torch to the last bit; a vector-Jacobian product of a shaped operation is torch's own, taken of that one
operation. What was not computed is ``None``, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from explorer.errors import RunError
from explorer.graph import Graph
from explorer.ops import OPS, Op

Number = float | Tensor
"""A plain float (or bool, from a comparison) for a single number; a tensor for anything with a shape."""

JACOBIAN_ENTRIES = 4096
"""A local derivative that is not elementwise is shown as a full Jacobian up to this size."""


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


def as_tensor(number: Number) -> Tensor:
    """A float64 (or bool) tensor of the same value; the number itself where it is one."""
    if isinstance(number, Tensor):
        return number
    return torch.tensor(number, dtype=torch.bool if isinstance(number, bool) else torch.float64)


def call_of(graph: Graph, index: int) -> Callable[..., Tensor] | None:
    """How torch computes a node from tensors, one per port; None where that is not known.

    What was recorded from a model knows its own ``call``; all else is in the op table.
    """
    attrs = graph.attrs.get(index, {})
    if "call" in attrs:
        return partial(_first, attrs["call"])
    op = OPS.get(graph.ops[index])
    return None if op is None or "target" in attrs else partial(op.call, **attrs)


def _first(call: Callable[..., Any], *inputs: Tensor) -> Tensor:
    """A node's value is the first of several results."""
    result = call(*inputs)
    value: Tensor = result[0] if isinstance(result, list | tuple) else result
    return value


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
    seed = starting_from(values[output], upstream, "The upstream gradient", graph, output)
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
        edge, rule = starts[index], rules.get(ops[index])
        if rule is not None and len(ports) == 2:
            # The path of scalar programs, spelled out: nine of ten of their nodes take it.
            one, two = ports
            x, y = values[one], values[two]
            if type(x) is float and type(y) is float:
                to_one, to_two = rule(upstream, values[index], x, y)
                if wanted[one]:
                    contributions[edge] = to_one
                    total = grads[one]
                    grads[one] = to_one if total is None else total + to_one
                if wanted[two]:
                    contributions[edge + 1] = to_two
                    total = grads[two]
                    grads[two] = to_two if total is None else total + to_two
                continue
        for source, part in zip(ports, hand_on(graph, values, index, upstream), strict=False):
            if part is not None and wanted[source]:
                contributions[edge] = part
                total = grads[source]
                grads[source] = part if total is None else total + part
            edge += 1


def hand_on(graph: Graph, values: Sequence[Number | None], index: int, upstream: Number) -> Sequence[Number | None]:
    """The contribution at every port of one operation, for any upstream gradient of the operation's shape.

    ``None`` where a port has no derivative; what a port without a wish for a gradient gets means nothing.
    """
    op = OPS.get(graph.ops[index])
    xs = [values[source] for source in graph.inputs[index]]
    if op is None or op.scalar is None or Tensor in map(type, xs):
        return _vjp(graph, values, index, upstream)
    return op.scalar.vjp(upstream, values[index], *xs)


def _vjp(graph: Graph, values: Sequence[Number | None], index: int, upstream: Number) -> Sequence[Number | None]:
    """The vector-Jacobian products of one operation, by torch, one per port; every port is its own leaf."""
    ports, call = graph.inputs[index], call_of(graph, index)
    if not ports or call is None:
        return [None] * len(ports)
    leaves = [_leaf(values[source], graph.requires_grad[source]) for source in ports]
    wanted = [leaf for leaf in leaves if leaf.requires_grad]
    if not wanted:
        return [None] * len(ports)
    with torch.enable_grad():
        result = call(*leaves)
    seed = as_tensor(upstream).to(result).reshape(result.shape)
    pulled = iter(torch.autograd.grad(result, wanted, seed, allow_unused=True))
    parts = [next(pulled) if leaf.requires_grad else None for leaf in leaves]
    return [None if part is None else _plain(part) for part in parts]


def _leaf(value: Number | None, requires_grad: bool) -> Tensor:
    assert value is not None, "a node was differentiated before it was computed"
    leaf = as_tensor(value).detach()
    return leaf.clone().requires_grad_() if requires_grad and leaf.is_floating_point() else leaf


def local_derivative(graph: Graph, values: Sequence[Number | None], target: int, port: int) -> Number | None:
    """d target / d source at one port; see ``Run.local`` for the shapes."""
    op, call = OPS.get(graph.ops[target]), call_of(graph, target)
    source = graph.inputs[target][port]
    if call is None or not graph.requires_grad[target] or not graph.requires_grad[source]:
        return None
    xs, x, y = [values[s] for s in graph.inputs[target]], values[source], values[target]
    if x is None or y is None:
        return None
    if op is not None and op.scalar is not None and Tensor not in map(type, xs):
        return op.scalar.vjp(1.0, y, *xs)[port]
    is_elementwise = op is not None and op.elementwise
    if not is_elementwise and as_tensor(y).numel() * as_tensor(x).numel() > JACOBIAN_ENTRIES:
        return None
    return _shaped_local(call, [_leaf(x, False) for x in xs], port, as_tensor(y).shape if is_elementwise else None)


def _shaped_local(
    call: Callable[..., Tensor], xs: list[Tensor], port: int, elementwise: torch.Size | None
) -> Tensor | None:
    """The derivative at one port: for an elementwise operation of its result's shape, else the Jacobian."""
    if elementwise is not None:
        xs = [x.expand(elementwise) for x in xs]
    x = xs[port].detach().clone().requires_grad_()
    with torch.enable_grad():
        y = call(*xs[:port], x, *xs[port + 1 :])
        if not y.requires_grad:
            return None
        if elementwise is not None:
            return torch.autograd.grad(y, x, torch.ones_like(y))[0]
    return _jacobian(y, x)


def _jacobian(y: Tensor, x: Tensor) -> Tensor:
    """d y / d x of the shape of y + x, a row for every entry of y: its vector-Jacobian product."""
    rows, seed = x.new_zeros(y.numel(), *x.shape), torch.zeros_like(y, memory_format=torch.contiguous_format)
    for row, one in zip(rows, seed.view(-1), strict=True):
        one.fill_(1)
        row.copy_(torch.autograd.grad(y, x, seed, retain_graph=True)[0])
        one.fill_(0)
    return rows.reshape(y.shape + x.shape)


Pushed = tuple[list[Number | None], list[Number | None], list[int]]
"""Tangents per node, contributions per edge number, and the nodes that move, in order."""


def push_forward(graph: Graph, values: Sequence[Number | None], wrt: int, seed: Number) -> Pushed:
    """Forward mode from one node, along the tangent ``seed``."""
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


def starting_from(value: Number | None, given: object, what: str, graph: Graph, index: int) -> Number:
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


def is_finite(number: Number) -> bool:
    """Whether no entry is NaN or infinite. A finite sum says so at a hundredth of the cost; others are looked into."""
    if not isinstance(number, Tensor):
        return math.isfinite(number)
    return bool(number.sum().isfinite()) or bool(number.isfinite().all())
