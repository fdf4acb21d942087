"""What flows into a node and out of it: one row per edge, read off the run.

In reverse mode gradients come from the consumers of a value and go on to its inputs; in forward mode tangents
come from its inputs and go on to its consumers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from explorer.run import Number, local_derivative
from explorer.ui.view import View


@dataclass(frozen=True, slots=True)
class Flow:
    """One edge: ``upstream`` x ``local`` = ``contribution``.

    The edge enters ``target`` at ``port``; ``other`` is the node at its far end. Nodes are given by index.
    """

    other: int
    target: int
    port: int
    upstream: Number
    local: Number | None
    contribution: Number


def arriving(view: View, index: int) -> list[Flow]:
    """What adds up to the node's gradient, or to its tangent in forward mode, in the order of the sum."""
    return list(_flows(view, index, _used(view, index) if view.tangents is None else _fed(view, index)))


def leaving(view: View, index: int) -> list[Flow]:
    """What the node hands on."""
    return list(_flows(view, index, _fed(view, index) if view.tangents is None else _used(view, index)))


def total(view: View, index: int) -> Number | None:
    """The node's gradient, or its tangent in forward mode."""
    return view.run.grads[index] if view.tangents is None else view.tangents.tangents[index]


def _used(view: View, index: int) -> list[tuple[int, int]]:
    """The slots that the value enters, the latest consumer first, as the engine visits them."""
    return sorted(view.run.graph.consumers[index], key=lambda slot: (-slot[0], slot[1]))


def _fed(view: View, index: int) -> list[tuple[int, int]]:
    return [(index, port) for port in range(len(view.run.graph.inputs[index]))]


def _flows(view: View, index: int, slots: list[tuple[int, int]]) -> Iterator[Flow]:
    graph, passed = view.run.graph, view.tangents or view.run
    for target, port in slots:
        contribution = passed.contributions[graph.edge_starts[target] + port]
        source = graph.inputs[target][port]
        upstream = total(view, target if view.tangents is None else source)
        if contribution is None or upstream is None:
            continue
        local = local_derivative(graph, view.run.values, target, port)
        yield Flow(source if target == index else target, target, port, upstream, local, contribution)
