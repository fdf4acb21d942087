"""Forward mode beside reverse mode on one graph: how many passes each takes, and how many multiplications.

A pass of forward mode gives the derivatives of everything with respect to one number; a pass of reverse mode those
of one number with respect to everything. For the whole Jacobian of the output with respect to the inputs, forward
mode takes a pass for each number that goes in, reverse mode one for each that comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from explorer.graph import Graph
from explorer.run import Run

MOVES = frozenset({
    "stack", "index", "transpose", "view", "unsafe_view", "reshape", "flatten", "permute", "numpy_T", "expand", "slice",
    "select", "split", "chunk", "unbind", "getitem", "squeeze", "unsqueeze", "cat", "clone", "contiguous", "to",
    "detach", "alias", "embedding", "copy_slices",
})  # fmt: skip
"""Operations whose derivative puts numbers elsewhere and multiplies none."""

PRODUCTS = {"matmul": (0, 1), "linear": (0, 1), "addmm": (1, 2), "baddbmm": (1, 2)}
"""The ports of a matrix product."""

UNCOUNTED = ("conv", "scaled_dot_product")
"""How names begin of operations that multiply more than is counted here."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Passes over the graph, and the multiplications of all of them together."""

    passes: int
    multiplications: int


@dataclass(frozen=True, slots=True)
class Modes:
    """Both ways to the same Jacobian. Of the operations ``uncounted`` an edge counts as if it worked entry by entry."""

    forward: Cost
    reverse: Cost
    uncounted: tuple[str, ...] = ()


def modes(run: Run, inputs: Sequence[str | int] | None = None) -> Modes:
    """The cost of all derivatives of the run's output with respect to ``inputs`` (default: all that can have any).

    Multiplications are those of the chain rule, tangent or upstream times local derivative, edge by edge: one for
    each number of the larger side, rows x inner x columns for a matrix product, none where numbers only move.
    """
    graph = run.graph
    wrt = _inputs(graph) if inputs is None else [graph.find(key) for key in inputs]
    outputs = _size(graph, run.backward.output)
    touched = _dependence(graph, wrt)
    sizes = [_size(graph, index) for index in wrt]
    forward = reverse = 0
    for target, ports in enumerate(graph.inputs):
        for port, source in enumerate(ports):
            products = _products(graph, target, port) if _flows(graph, target, source) else 0
            forward += products * _weight(touched[source], sizes)
            reverse += products * (run.contributions[graph.edge_starts[target] + port] is not None)
    uncounted = dict.fromkeys(op for op in graph.ops if op.startswith(UNCOUNTED))
    return Modes(Cost(sum(sizes), forward), Cost(outputs, reverse * outputs), tuple(uncounted))


def _inputs(graph: Graph) -> list[int]:
    return [i for i, ports in enumerate(graph.inputs) if not ports and graph.requires_grad[i]]


def _flows(graph: Graph, target: int, source: int) -> bool:
    return graph.requires_grad[target] and graph.requires_grad[source]


def _dependence(graph: Graph, wrt: Sequence[int]) -> list[int]:
    """Per node the inputs that move it, as the bits of one whole number."""
    bits = [0] * len(graph)
    for place, index in enumerate(wrt):
        bits[index] |= 1 << place
    for target, ports in enumerate(graph.inputs):
        for source in ports:
            if _flows(graph, target, source):
                bits[target] |= bits[source]
    return bits


def _weight(bits: int, sizes: Sequence[int]) -> int:
    """How many numbers the inputs of ``bits`` have together."""
    if len(sizes) == sum(sizes):
        return bits.bit_count()
    return sum(size for place, size in enumerate(sizes) if bits >> place & 1)


def _products(graph: Graph, target: int, port: int) -> int:
    op, source = graph.ops[target], graph.inputs[target][port]
    if op in MOVES:
        return 0
    if port in PRODUCTS.get(op, ()):
        return _size(graph, target) * graph.shapes[graph.inputs[target][PRODUCTS[op][0]]][-1]
    return max(_size(graph, target), _size(graph, source))


def _size(graph: Graph, index: int) -> int:
    return prod(graph.shapes[index])
