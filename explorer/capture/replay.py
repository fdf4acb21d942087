"""A graph that was recorded from a model, run again: its operations on torch's autograd, differentiated as a trace is.

What the graph was made of may have changed since: operations merged, folded or removed. Values, gradients and
contributions come about as in a trace, so that two graphs can be held against each other to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch._C._autograd import _get_sequence_nr

from explorer import recorded
from explorer.capture.collector import without_garbage_collection
from explorer.capture.match import matched
from explorer.capture.pull import pull
from explorer.capture.ties import Ties
from explorer.differentiate import starting_from
from explorer.graph import LEAVES, Graph
from explorer.run import Backward, Number, Run, Tangents, as_tensor


class Recorded(Run):
    """The run of a graph of recorded operations. ``draws`` is the state that random numbers are drawn from."""

    draws: Tensor | None = None

    def replay(self, graph: Graph, given: Mapping[int, Tensor], output: int) -> Recorded:
        """The run of a graph made of the same operations; see ``replay``."""
        return replay(graph, given, output, self.draws)

    def again(self, changed: Mapping[int, Number], wanted: int) -> Tensor:
        """The value of a node, were others to hold other values; see ``recorded.again``."""
        held = ((node, value, self.values[node]) for node, value in changed.items())
        moved = {node: as_tensor(value).to(as_tensor(like)) for node, value, like in held if like is not None}
        return recorded.again(self.graph, self.values, moved, wanted, self.draws)

    def tangents(self, wrt: str | int, tangent: object = None) -> Tangents:
        """Forward mode: torch's dual numbers, operation by operation."""
        index = self.graph.find(wrt)
        seed = starting_from(self.values[index], tangent, "The tangent", self.graph, index)
        return Tangents(self, index, seed, recorded.push_forward(self.graph, self.values, index, seed))


class Replayed(Recorded):
    """A run that was not recorded itself."""

    def __init__(self, graph: Graph, values: Any, backward: Backward, draws: Tensor | None) -> None:
        super().__init__(graph, values, backward)
        self.draws = draws


@without_garbage_collection()
def replay(graph: Graph, given: Mapping[int, Tensor], output: int, draws: Tensor | None = None) -> Replayed:
    """One forward on the leaves ``given`` by index, and one backward from ``output``, a single number.

    Raises RunError, naming the operation, where one cannot be done again.
    """
    since, ties = _get_sequence_nr(), Ties()
    results: list[Any] = []
    with torch.enable_grad():
        leaves = {node: _leaf(graph, node, value) for node, value in given.items()}
        for node, result in recorded.play(graph, leaves, draws):
            _tie(ties, graph, node, result)
            results.append(result)
    values = [None if _is_hidden(graph, node) else _shown(result) for node, result in enumerate(results)]
    loss = recorded.first(results[output])
    assert loss is not None
    if not loss.requires_grad:
        nothing = [None] * graph.edge_starts[-1]
        return Replayed(graph, values, Backward(output, torch.ones_like(loss), [None] * len(graph), nothing, []), draws)
    pulled = pull(loss, since, ())
    return Replayed(graph, values, matched(graph, ties, output, loss, pulled, composite=True), draws)


def _leaf(graph: Graph, node: int, value: Tensor) -> Tensor:
    """A leaf of its own in the same memory: nothing here writes into what it is given."""
    return value.detach().requires_grad_(graph.requires_grad[node])


def _tie(ties: Ties, graph: Graph, node: int, result: Any) -> None:
    """Ties the autograd nodes behind a result to the node, as the trace itself did."""
    if graph.ops[node] in LEAVES:
        ties.leaves[id(result)] = node
    elif recorded.is_piece(graph, node):
        source = graph.inputs[node][0]
        if isinstance(result, Tensor) and result.grad_fn is not None and ties.owner.get(result.grad_fn) == source:
            ties.parts[result.grad_fn, result.output_nr] = node
            ties.pieces.setdefault(source, []).append(node)
    else:
        for part in _tensors(result):
            if part.grad_fn is not None:
                ties.owner.setdefault(part.grad_fn, node)


def _tensors(result: Any) -> Iterator[Tensor]:
    parts = result if isinstance(result, list | tuple) else (result,)
    return (part for part in parts if isinstance(part, Tensor))


def _is_hidden(graph: Graph, node: int) -> bool:
    return "uninitialised" in graph.attrs.get(node, {})


def _shown(result: Any) -> Tensor | None:
    value = recorded.first(result)
    return None if value is None else value.detach()
