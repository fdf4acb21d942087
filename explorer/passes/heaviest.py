"""The paths that bring most to a gradient, where there are too many to list: each is pulled back on its own.

Along a path of tensors the product is a chain of vector-Jacobian products, one operation after the other, and of the
shape of the node that it arrives at. The products of all paths add up to the gradient. All are walked side by side,
from the end backwards; where they become more than ``width``, the ones with the largest norms so far go on.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from explorer.errors import RunError
from explorer.graph import Edge
from explorer.passes.paths import Trail, ways
from explorer.progress import tell
from explorer.recorded import hand_on, number_at
from explorer.run import Number, Run, as_tensor

WIDTH = 24


@dataclass(frozen=True, slots=True)
class Way:
    """``product`` is what comes back along ``edges``; ``share`` how much of the gradient lies in it: the product's
    component along the gradient over the gradient's own length. The shares of all paths add up to 1.
    """

    edges: tuple[Edge, ...]
    product: Number
    share: float

    @property
    def size(self) -> float:
        """The norm of the product."""
        return float(as_tensor(self.product).norm())


@dataclass(frozen=True, slots=True)
class Heaviest:
    """Of ``count`` paths those that were followed to the end, the heaviest first. ``gradient`` is what all of them
    bring, and ``rest`` what those that are not listed bring: gradient less the sum of the listed.
    """

    count: int
    listed: tuple[Way, ...]
    gradient: Number
    rest: Number

    @property
    def is_complete(self) -> bool:
        return len(self.listed) == self.count


def heaviest(run: Run, key: str | int, end: str | int | None = None, width: int = WIDTH) -> Heaviest:
    """The paths between a node and ``end`` (default: the output). Those to another node start from its gradient, and
    what they bring is the part of the gradient that went through it.

    Raises RunError where no path leads there, or an operation cannot be pulled back on its own.
    """
    source = run.graph.find(key)
    last = run.backward.output if end is None else run.graph.find(end)
    count = ways(run, source)[last] if source <= last else 0
    if not count or run.grads[last] is None:
        raise RunError(f"No gradient flows from {run.graph.ids[last]!r} back to {run.graph.ids[source]!r}.")
    found = _Walk(run, source, last).follow(width)
    gradient = run.grads[source] if last == run.backward.output else _through(run, source, last)
    assert gradient is not None
    listed = sorted((_way(run, trail, product, gradient) for product, trail in found), key=lambda way: -way.size)
    rest = gradient
    for way in listed:
        rest = rest - way.product
    return Heaviest(count, tuple(listed), gradient, rest)


@dataclass(slots=True)
class _Pending:
    """Something that came back to the result ``number`` of a node, along ``trail``."""

    number: int
    product: Number
    trail: Trail

    @property
    def size(self) -> float:
        return float(as_tensor(self.product).norm())


class _Walk:
    """From the ``last`` node back, the latest node first, so that a node is left once all that leads to it is there."""

    def __init__(self, run: Run, source: int, last: int) -> None:
        self.run, self.source, self.last = run, source, last
        self.ways = ways(run, source)
        seed = run.grads[last]
        assert seed is not None
        self.waiting: dict[int, list[_Pending]] = {last: [_Pending(0, seed, None)]}

    def follow(self, width: int) -> list[tuple[Number, Trail]]:
        for node in range(self.last, self.source, -1):
            tell((self.last - node) / max(self.last - self.source, 1), "Following paths")
            for pending in self.waiting.pop(node, ()):
                self._step(node, pending)
            self._thin(width)
        return [(pending.product, pending.trail) for pending in self.waiting.get(self.source, ())]

    def _step(self, node: int, pending: _Pending) -> None:
        run, graph = self.run, self.run.graph
        parts = hand_on(graph, run.values, node, pending.product, pending.number)
        for port, (source, part) in enumerate(zip(graph.inputs[node], parts, strict=True)):
            edge = graph.edge_starts[node] + port
            if part is not None and self.ways[source] and run.contributions[edge] is not None:
                number = number_at(graph, node) if port == 0 else 0
                self.waiting.setdefault(source, []).append(_Pending(number, part, (edge, pending.trail)))

    def _thin(self, width: int) -> None:
        everyone = [(pending.size, node, pending) for node, many in self.waiting.items() for pending in many]
        if len(everyone) <= width:
            return
        everyone.sort(key=lambda one: -one[0])
        self.waiting = {}
        for _, node, pending in everyone[:width]:
            self.waiting.setdefault(node, []).append(pending)


def _through(run: Run, source: int, last: int) -> Number | None:
    """Reverse mode from the gradient of ``last`` alone: what of the gradient of ``source`` came through it."""
    graph, reach = run.graph, ways(run, source)
    seed = run.grads[last]
    assert seed is not None
    sums: dict[tuple[int, int], Number] = {(last, 0): seed}
    for node in range(last, source, -1):
        for number in sorted(number for index, number in sums if index == node):
            parts = hand_on(graph, run.values, node, sums.pop((node, number)), number)
            for port, (before, part) in enumerate(zip(graph.inputs[node], parts, strict=True)):
                if part is None or not reach[before] or run.contributions[graph.edge_starts[node] + port] is None:
                    continue
                place = (before, number_at(graph, node) if port == 0 else 0)
                sums[place] = sums[place] + part if place in sums else part
    return sums.get((source, 0))


def _way(run: Run, trail: Trail, product: Number, gradient: Number) -> Way:
    edges: list[Edge] = []
    while trail is not None:
        number, trail = trail
        edges.append(run.graph.edges[number])
    return Way(tuple(edges), product, _share(as_tensor(product), as_tensor(gradient)))


def _share(product: Tensor, gradient: Tensor) -> float:
    whole = float((gradient.double() ** 2).sum())
    return float((product.double() * gradient.double()).sum()) / whole if whole else 0.0
