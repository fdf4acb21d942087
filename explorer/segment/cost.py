"""What every operation of a graph costs: arithmetic, bytes moved, and time on a device by the roofline.

Williams, Waterman, Patterson 2009: an operation takes as long as its arithmetic at the peak rate, or as its bytes at
the memory's bandwidth, whichever is more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from explorer.graph import LEAVES, Graph
from explorer.segment.devices import Device
from explorer.segment.flops import backward_flops, flops, is_known
from explorer.segment.rehearsal import Rehearsal, rehearse
from explorer.segment.sizes import value_bytes

BACKWARD_BYTES = 2.0
"""A backward reads what the forward read and the incoming gradient, and writes one for each input: about twice."""


@dataclass(frozen=True)
class Costs:
    """Columns by node, 0 for leaves: ``flops`` and ``backward_flops``; ``bytes`` read and written by the forward.

    ``unknown`` are the operations that no table knows; each counts 1 an element of its result. ``rehearsal`` has the
    pieces of memory.
    """

    graph: Graph
    flops: Sequence[float]
    backward_flops: Sequence[float]
    bytes: Sequence[int]
    rehearsal: Rehearsal
    unknown: tuple[str, ...]

    def seconds(self, node: int, device: Device, *, training: bool = False) -> float:
        """Roofline time of one node, forward and, in ``training``, backward."""
        dtype = self.dtype(node)
        time = device.seconds(self.flops[node], self.bytes[node], dtype) if self.graph.ops[node] not in LEAVES else 0.0
        if training and self.backward_flops[node]:
            time += device.seconds(self.backward_flops[node], BACKWARD_BYTES * self.bytes[node], dtype)
        return time

    def dtype(self, node: int) -> str:
        """The dtype that an operation computes in: its first input's, as comparisons give booleans."""
        sources = self.graph.inputs[node]
        return self.graph.dtypes[sources[0]] if sources else self.graph.dtypes[node]

    @cached_property
    def note(self) -> str:
        """What was assumed, in a line; empty where everything is known."""
        if not self.unknown:
            return ""
        named = ", ".join(self.unknown[:4]) + (f" and {len(self.unknown) - 4} more" if len(self.unknown) > 4 else "")
        return f"Counted as one floating-point operation for each element of the result, for want of better: {named}."


def costs(graph: Graph) -> Costs:
    """Every operation's cost, from shapes alone."""
    rehearsal = rehearse(graph)
    forward = [flops_of(graph, node) for node in range(len(graph))]
    backward = [
        backward_flops(op, forward[node], [graph.requires_grad[source] for source in graph.inputs[node]])
        for node, op in enumerate(graph.ops)
    ]
    moved = [_moved(graph, node) if rehearsal.made[node] else 0 for node in range(len(graph))]
    unknown = dict.fromkeys(op for op in graph.ops if op not in LEAVES and not is_known(op))
    return Costs(graph, forward, backward, moved, rehearsal, tuple(unknown))


def flops_of(graph: Graph, node: int) -> float:
    """Floating-point operations of a node's forward pass; none for a leaf."""
    if graph.ops[node] in LEAVES:
        return 0.0
    ports = [tuple(graph.shapes[source]) for source in graph.inputs[node]]
    return flops(graph.ops[node], ports, tuple(graph.shapes[node]), graph.attrs.get(node, {}))


def _moved(graph: Graph, node: int) -> int:
    """Bytes read and written by an operation that makes its result; of a table only the rows that are looked up."""
    if graph.ops[node] in LEAVES:
        return 0
    written = value_bytes(graph, node)
    sources = graph.inputs[node]
    if graph.ops[node] == "embedding":
        return 2 * written + sum(value_bytes(graph, source) for source in sources[1:])
    return written + sum(value_bytes(graph, source) for source in dict.fromkeys(sources))
