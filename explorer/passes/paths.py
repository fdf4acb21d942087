"""The chain rule summed over paths: every way from the output back to a node, and what it brings.

Reverse mode never lists the paths, of which there may be more than atoms: it adds up at every node. Here they are
counted first, by the same adding up, and listed only as far as asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from explorer.differentiate import hand_on
from explorer.execute import known
from explorer.graph import Edge
from explorer.run import Number, Run, local_derivative

Trail = tuple[int, Any] | None
"""The edges walked so far, the last one first: a number and the trail before it."""

MOST = 1000
"""So many paths are listed unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Path:
    """From a node to the output. ``locals`` are the local derivatives along ``edges`` (``None``: too large to be
    written out); ``product`` is the upstream gradient of the output pulled back through all of them.
    """

    edges: tuple[Edge, ...]
    locals: tuple[Number | None, ...]
    product: Number


@dataclass(frozen=True, slots=True)
class Paths:
    """``count`` of all paths, and the first of them; ``total`` is the sum of their products, ``None`` without one."""

    count: int
    listed: tuple[Path, ...]
    total: Number | None

    @property
    def is_complete(self) -> bool:
        """Whether all were listed, so that ``total`` is the gradient."""
        return len(self.listed) == self.count


def count(run: Run, key: str | int) -> int:
    """How many paths a gradient takes from the output of the run to a node."""
    return ways(run, run.graph.find(key))[run.backward.output]


def paths(run: Run, key: str | int, most: int = MOST) -> Paths:
    """The paths between a node and the output of the run, at most so many of them."""
    source = run.graph.find(key)
    behind = ways(run, source)
    listed = tuple(islice(_walk(run, source, behind), most))
    total: Number | None = None
    for path in listed:
        total = path.product if total is None else total + path.product
    return Paths(behind[run.backward.output], listed, total)


def ways(run: Run, source: int) -> list[int]:
    """Per node the number of paths from ``source`` to it, along edges that a gradient goes back on."""
    graph, found = run.graph, [0] * len(run.graph)
    found[source] = int(run.grads[source] is not None)
    for index in range(source + 1, run.backward.output + 1):
        edges = enumerate(graph.inputs[index], graph.edge_starts[index])
        found[index] = sum(found[node] for edge, node in edges if run.contributions[edge] is not None)
    return found


def _walk(run: Run, source: int, behind: list[int]) -> Iterator[Path]:
    """Depth first from the output, with the product so far; only where ``source`` lies ahead."""
    graph, output = run.graph, run.backward.output
    waiting: list[tuple[int, Number, Trail]] = [(output, run.backward.upstream, None)] if behind[output] else []
    while waiting:
        index, product, trail = waiting.pop()
        if index == source:
            yield _path(run, trail, product)
            continue
        parts = hand_on(graph, run.values, index, product)
        for port in range(len(graph.inputs[index]) - 1, -1, -1):
            node, edge = graph.inputs[index][port], graph.edge_starts[index] + port
            if behind[node] and run.contributions[edge] is not None:
                waiting.append((node, known(parts[port]), (edge, trail)))


def _path(run: Run, trail: Trail, product: Number) -> Path:
    edges, locals_ = [], []
    while trail is not None:
        number, trail = trail
        edge = run.graph.edges[number]
        edges.append(edge)
        locals_.append(local_derivative(run.graph, run.values, run.graph.index[edge.target], edge.port))
    return Path(tuple(edges), tuple(locals_), product)
