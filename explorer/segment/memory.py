"""How much memory a segment needs: weights, and activations by their lifetimes.

What is made is given back after its last reader; in training what the backward keeps lives until then, and each
piece of activations has a gradient as large, from its last reader's backward to its maker's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from explorer.graph import LEAVES, Graph
from explorer.segment.rehearsal import Rehearsal
from explorer.segment.sizes import value_bytes


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. ``parameters``, ``buffers`` and literals stay; ``gradients`` are those of parameters that want one.

    ``inference`` and ``training`` are the most activations at once, for the batch as traced; ``kept`` is what stays
    from the forward of a microbatch until its backward.
    """

    parameters: int
    buffers: int
    gradients: int
    inference: int
    training: int
    kept: int

    @property
    def weights(self) -> int:
        return self.parameters + self.buffers


def memory(
    graph: Graph,
    rehearsal: Rehearsal,
    members: Sequence[int],
    received: Collection[int] = (),
    sent: Collection[int] = (),
) -> Memory:
    """What a segment of these nodes needs, in execution order. ``received`` arrive from elsewhere, ``sent`` leave it.

    The graph's outputs and what is sent are there until the end.
    """
    plan = _Plan(graph, rehearsal, members, received, sent)
    leaves = [(node, graph.ops[node]) for node in members if graph.ops[node] in LEAVES]
    parameters = [node for node, op in leaves if op == "parameter"]
    return Memory(
        sum(value_bytes(graph, node) for node in parameters),
        sum(value_bytes(graph, node) for node, op in leaves if op in ("buffer", "constant")),
        sum(value_bytes(graph, node) for node in parameters if graph.requires_grad[node]),
        _peak(plan.forward().values()),
        _peak(plan.training()),
        sum(plan.size(piece) for piece in plan.kept()),
    )


Lifetime = tuple[int, int, int]
"""The first and the last moment that a piece of memory is needed, and its bytes."""


def _peak(lifetimes: Iterable[Lifetime]) -> int:
    ends: dict[int, int] = {}
    for first, last, size in lifetimes:
        ends[first] = ends.get(first, 0) + size
        ends[last + 1] = ends.get(last + 1, 0) - size
    return max(accumulate(ends[moment] for moment in sorted(ends)), default=0)


class _Plan:
    """Moments: operation ``p`` of the segment runs forward at ``p`` and backward at ``2n - 1 - p``."""

    def __init__(
        self, graph: Graph, seen: Rehearsal, members: Sequence[int], received: Collection[int], sent: Collection[int]
    ) -> None:
        self.graph, self.seen = graph, seen
        self.operations = [node for node in members if graph.ops[node] not in LEAVES]
        self._inside = set(members)
        arrives = {*received, *(node for node in members if graph.ops[node] == "input")}
        weights = [n for n in members if graph.ops[n] in LEAVES and n not in arrives]
        self._weights = {piece for node in weights for piece in seen.lives[node]}
        self._arriving: dict[int, int] = {}
        for node in arrives:
            for piece in seen.lives[node]:
                self._arriving[piece] = self._arriving.get(piece, 0) + value_bytes(graph, node)
        outputs = {*sent, *(node for node in graph.outputs if node in self._inside)}
        self._leaving = {piece for node in outputs for piece in seen.lives[node]}
        self._first, self._last = self._spans()

    def size(self, piece: int) -> int:
        return self._arriving.get(piece, self.seen.bytes[piece])

    def forward(self) -> dict[int, Lifetime]:
        """The pieces in a forward alone."""
        end = len(self.operations) - 1
        return {
            piece: (first, end if piece in self._leaving else self._last[piece], self.size(piece))
            for piece, first in self._first.items()
        }

    def kept(self) -> set[int]:
        """The pieces that a backward needs."""
        every = {piece for node in self.operations for piece in self.seen.keeps[node]}
        return every - self._weights

    def training(self) -> list[Lifetime]:
        moments = 2 * len(self.operations)
        needed: dict[int, int] = {}
        for place, node in enumerate(self.operations):
            for piece in self.seen.keeps[node]:
                needed.setdefault(piece, moments - 1 - place)
        values = [
            (first, max(last, needed.get(piece, 0)), size) for piece, (first, last, size) in self.forward().items()
        ]
        return values + self._gradients(moments)

    def _gradients(self, moments: int) -> list[Lifetime]:
        """One gradient for each piece that holds values which want one."""
        found = []
        for piece in self._wanting():
            begins = moments // 2 if piece in self._leaving else moments - 1 - self._last[piece]
            ends = moments - 1 if piece in self._arriving else moments - 1 - self._first[piece]
            found.append((begins, max(begins, ends), self.size(piece)))
        return found

    def _wanting(self) -> set[int]:
        nodes = [*self.operations, *(s for n in self.operations for s in self.graph.inputs[n])]
        lived = {piece for n in nodes if self.graph.requires_grad[n] for piece in self.seen.lives[n]}
        return lived & self._first.keys()

    def _spans(self) -> tuple[dict[int, int], dict[int, int]]:
        """Per piece the moment that it is made and the last one that it is read in the forward."""
        first = dict.fromkeys(self._arriving, 0)
        last = dict.fromkeys(self._arriving, 0)
        for place, node in enumerate(self.operations):
            used = [p for source in self.graph.inputs[node] for p in self.seen.lives[source]]
            for piece in (*used, *self.seen.made[node]):
                if piece not in self._weights:
                    first.setdefault(piece, place)
                    last[piece] = place
        return first, last
