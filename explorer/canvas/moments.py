"""What one press of a key shows, moment by moment.

Forward: one per node. Backward: the seed at the output, then one per contribution that arrives; in forward mode the
seed at the chosen input, then one per contribution to a tangent, and one per closed group that moves. A step of
training begins with one for zero_grad and ends with one per parameter, or closed group of them, that is updated.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.canvas.drawn import Drawn
from explorer.canvas.figures import size
from explorer.run import Number

ZERO, FORWARD, BACKWARD, TANGENT, UPDATE = range(5)


class Update(NamedTuple):
    """What a step of training makes of a drawn node: its value's size ``before`` and ``after``."""

    node: int
    before: float
    after: float


class Moment(NamedTuple):
    """``edge`` is -1 for a node's own value or seed; ``before`` is NaN where nothing had arrived."""

    phase: int
    node: int
    edge: int
    before: float
    after: float


class Passes(NamedTuple):
    """Where passes end, counted in moments: zero_grad, forward, backward (or tangents)."""

    zero: int
    forward: int
    second: int


def moments(
    drawn: Drawn, updates: Sequence[Update] = (), failed: int | None = None
) -> tuple[dict[str, NDArray[Any]], Passes]:
    """The columns of all moments, and where the passes end. The forward pass ends with the node that ``failed``, if one
    did, which has no value.
    """
    zero = [Moment(ZERO, updates[0].node, -1, math.nan, math.nan)] if updates else []
    values = enumerate(drawn.run.values)
    forward = [Moment(FORWARD, i, -1, math.nan, size(v)) for i, v in values if _is_shown(drawn, i, v) or i == failed]
    second = _tangent_moments(drawn) if drawn.is_forward_mode else _backward_moments(drawn)
    head = [*zero, *forward]
    rows = [*head, *second]
    passes = Passes(len(zero), len(head), len(rows))
    rows += [Moment(UPDATE, node, -1, before, after) for node, before, after in updates]
    phase, node, edge, before, after = zip(*rows, strict=True) if rows else ((),) * 5
    columns: dict[str, NDArray[Any]] = {
        "phase": np.array(phase, np.uint8),
        "node": np.array(node, np.uint32),
        "edge": np.array(edge, np.int32),
        "before": np.array(before, np.float64),
        "after": np.array(after, np.float64),
    }
    return columns, passes


def _is_shown(drawn: Drawn, index: int, value: Number | None) -> bool:
    """Whether the forward pass stops at a node: there is a value, or there were several, made of one."""
    if value is not None:
        return True
    return drawn.is_several(index) and any(drawn.run.values[i] is not None for i in drawn.graph.inputs[index])


def _backward_moments(drawn: Drawn) -> Iterator[Moment]:
    """A gradient's sum grows in the order in which the pass added it up."""
    sums = _Sums()
    graph, order = drawn.graph, drawn.passed.order
    for index in order[:1]:
        yield _seed(BACKWARD, index, drawn)
    for index in order:
        for edge, source in enumerate(graph.inputs[index], graph.edge_starts[index]):
            receiver = _receiver(drawn, source, index, edge)
            yield from _arrival(Moment(BACKWARD, index, edge, 0, 0), receiver, drawn, sums)


def _receiver(drawn: Drawn, source: int, index: int, edge: int) -> tuple[int, int]:
    """The value whose gradient grows, and which result of it: of several, ``getitem`` names the one that it takes, and
    an autograd node those that it takes. Where a closed group is at either end nobody does, and each edge stands for a
    result of its own.
    """
    graph, own = drawn.graph, -1 - edge
    if graph.dtypes[source]:
        return drawn.run.carried[edge], 0
    attributes = {} if drawn.is_group(source) or drawn.is_group(index) else graph.attrs.get(index, {})
    if "results" in attributes:
        return source, int(attributes["results"][edge - graph.edge_starts[index]])
    return source, int(attributes.get("index", own)) if graph.ops[index] == "getitem" else own


def _tangent_moments(drawn: Drawn) -> Iterator[Moment]:
    sums = _Sums()
    starts, order = drawn.graph.edge_starts, drawn.passed.order
    for index in order[:1]:
        yield _seed(TANGENT, index, drawn)
    for index in order[1:]:
        if drawn.is_group(index):
            yield _seed(TANGENT, index, drawn)
        for edge in range(starts[index], starts[index + 1]):
            yield from _arrival(Moment(TANGENT, index, edge, 0, 0), (index, 0), drawn, sums)


def _seed(phase: int, index: int, drawn: Drawn) -> Moment:
    return Moment(phase, index, -1, math.nan, size(drawn.passed.grads[index]))


def _arrival(moment: Moment, receiver: tuple[int, int], drawn: Drawn, sums: _Sums) -> Iterator[Moment]:
    """The moment with its sums, where anything flows along its edge at all."""
    part = drawn.passed.contributions[moment.edge]
    if part is None:
        return
    before, after = sums.add(*receiver, part)
    yield moment._replace(before=before, after=after)


class _Sums:
    """What has arrived at the nodes. Gradients of several results of a node, which differ in shape, stand side by side:
    the size of all is that of the vector of all their entries.
    """

    def __init__(self) -> None:
        self._sums: dict[int, dict[int, Number]] = {}

    def add(self, node: int, result: int, part: Number) -> tuple[float, float]:
        """The size before and after ``part`` arrived at a result of a node."""
        sums = self._sums.setdefault(node, {})
        before = _size_of(sums.values())
        sums[result] = sums[result] + part if result in sums else part
        return before, _size_of(sums.values())


def _size_of(sums: Collection[Number]) -> float:
    if len(sums) > 1:
        return math.hypot(*map(size, sums))
    return size(next(iter(sums), None))
