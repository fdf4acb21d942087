"""What a backward pass computed, put in the places of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import Node as GradNode

from explorer.capture.pull import Grads, Pulled, Slots, leaf_of
from explorer.capture.ties import Ties
from explorer.graph import LEAVES, Graph
from explorer.run import Backward


def matched(graph: Graph, ties: Ties, output: int, loss: Tensor, pulled: Pulled, composite: bool) -> Backward:
    """The backward pass from ``loss``, the value of the node ``output``, by node and by edge number.

    Where operations are ``composite``, autograd nodes that belong to none are inside the one that they come behind.
    """
    return _Match(graph, ties, composite).fill(output, loss, pulled)


class _Match:
    """The columns of a ``Backward`` while they are filled."""

    def __init__(self, graph: Graph, ties: Ties, composite: bool) -> None:
        self.grads: list[Any] = [None] * len(graph)
        self.contributions: list[Any] = [None] * graph.edge_starts[-1]
        self.order: list[int] = []
        self._graph, self._ties, self._starts = graph, ties, graph.edge_starts
        self._composite = composite
        self._inside: set[GradNode] = set()
        self._taken: set[int] = set()

    def fill(self, output: int, loss: Tensor, pulled: Pulled) -> Backward:
        owner = self._ties.owner
        if pulled.fns:
            owner.setdefault(pulled.fns[0], output)
        edges = [self._edges(owner[fn], slots) for fn, slots in zip(pulled.fns, pulled.slots, strict=True)]
        self.grads[output] = upstream = torch.ones_like(loss)
        for slot, grad in pulled.arrived.items():
            if slot[0] not in self._inside:
                self._arrive(self._ties.source(*slot), grad)
        for leaf, grad in pulled.hidden:
            self._arrive(self._ties.leaves.get(id(leaf)), grad)
        for place in pulled.order():
            self._hand_on(owner[pulled.fns[place]], edges[place], pulled.contributions(place))
        for node in sorted(self._ties.stands_for, reverse=True):
            self._pass_on(node, self._ties.stands_for[node])
        order = list(dict.fromkeys(reversed(self.order)))[::-1]  # a composite operation is done when its last part is
        return Backward(output, upstream, self.grads, self.contributions, order)

    def _arrive(self, node: int | None, grad: Tensor | None) -> None:
        if node is not None:
            self.grads[node] = grad

    def _hand_on(self, node: int, edges: Sequence[int | None], parts: Grads) -> None:
        """Writes down what one autograd node handed on, behind the nodes for its single results.

        What those bring is no part of a gradient that the operation itself has, as its first result.
        """
        for piece in self._ties.pieces.get(node, ()):
            if self.grads[piece] is not None:
                self.order.append(piece)
                if not self._graph.dtypes[node]:
                    self.contributions[self._starts[piece]] = self.grads[piece]
        for edge, part in zip(edges, parts, strict=False):
            if edge is not None and part is not None:
                before = self.contributions[edge]
                self.contributions[edge] = part if before is None else before + part
        self.order.append(node)
        if node in self._ties.through:
            self.order.append(self._ties.through[node])

    def _pass_on(self, node: int, source: int) -> None:
        """Lets a node that autograd did not see hand the gradient on, unchanged, to the one that it takes it for."""
        arrivals = []
        for target, port in self._graph.consumers[node]:
            part = self.contributions[self._starts[target] + port]
            if part is not None:
                arrivals.append((self.order.index(target), port, part))
        if not arrivals or source not in self._graph.inputs[node]:
            return
        arrivals.sort(key=lambda arrival: arrival[:2])
        total = sum((part for _, _, part in arrivals[1:]), start=arrivals[0][2])
        self.grads[node] = self.contributions[self._starts[node] + self._graph.inputs[node].index(source)] = total
        self.order.insert(arrivals[-1][0] + 1, node)

    def _edges(self, node: int, slots: Slots) -> Sequence[int | None]:
        """The edge number for each slot. Slots come in the order of the ports, but not every port has one."""
        numbers, sources = self._ports(node)
        edges: list[int | None] = []
        after = 0
        for before, number in slots:
            place = None
            if before is not None and self._composite:
                place = self._place_inside(before, number, numbers, sources)
            elif before is not None:
                place = self._place(before, number, sources, after)
            if place is not None:
                after = place + 1
            elif before is not None and self._ties.owner.setdefault(before, node) == node:
                self._inside.add(before)
            edges.append(None if place is None else numbers[place])
        return edges

    def _ports(self, node: int) -> tuple[Sequence[int], Sequence[int]]:
        """Edge numbers and sources of the ports that autograd sees.

        To autograd a write through a view is one step: the old base, and what the write read beside the view.
        """
        start, inputs = self._starts[node], self._graph.inputs[node]
        writer = self._ties.through.get(node)
        if writer is None:
            return range(start, start + len(inputs)), inputs
        behind, read = self._starts[writer], self._graph.inputs[writer]
        return [start, *range(behind + 1, behind + len(read))], [inputs[0], *read[1:]]

    def _place(self, before: GradNode, number: int, sources: Sequence[int], after: int) -> int | None:
        """The first port, from ``after`` on, that an autograd edge belongs to.

        torch makes the autograd node of a view anew when its base was written, and then nothing but its place
        among the slots says whose it is: the tie is learnt.
        """
        source = self._ties.source(before, number)
        try:
            return sources.index(source, after)
        except ValueError:
            pass
        for place in range(after, len(sources)):
            if source is None and self._is_open(before, sources[place]):
                self._ties.owner[before] = sources[place]
                return place
            if source is not None and self._stands_for(sources[place], source):
                return place
        return None

    def _place_inside(
        self, before: GradNode, number: int, numbers: Sequence[int], sources: Sequence[int]
    ) -> int | None:
        """The port that an edge out of a composite operation belongs to: the next of those that read its source.

        Where more edges lead there than ports, the operation uses an input several times, and the last port takes
        them all.
        """
        source = self._ties.source(before, number)
        if source is None:
            return None
        places = [place for place, port in enumerate(sources) if self._stands_for(port, source)]
        for place in places:
            if numbers[place] not in self._taken:
                self._taken.add(numbers[place])
                return place
        return places[-1] if places else None

    def _is_open(self, before: GradNode, node: int) -> bool:
        is_leaf = self._graph.ops[node] in LEAVES
        return self._graph.requires_grad[node] and not is_leaf and leaf_of(before) is None

    def _stands_for(self, node: int, source: int) -> bool:
        while node != source and node in self._ties.stands_for:
            node = self._ties.stands_for[node]
        return node == source
