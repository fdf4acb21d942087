"""torch's own autograd graph behind a run: its ``grad_fn`` nodes, down to ``AccumulateGrad`` at the leaves.

      W (AccumulateGrad) ──> AddmmBackward0 ──> TanhBackward0 ──> SumBackward0      the loss
      next_functions lead the other way; the gradient runs against the arrows, as it does in the forward graph

A model was differentiated by torch when it was traced, and these are the nodes that it used. A program is computed
once more on tensors, and torch differentiates that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch._C._autograd import _get_sequence_nr
from torch.autograd.graph import Node as GradNode

from explorer.capture.pull import Pulled, leaf_of, pull
from explorer.capture.trace import ModuleRun
from explorer.differentiate import call_of
from explorer.errors import RunError
from explorer.graph import LEAVES, Graph
from explorer.run import Backward, Number, Run, as_tensor

ACCUMULATE = "AccumulateGrad"


@dataclass(frozen=True)
class Autograd:
    """``run`` has a node per autograd node, with the gradient that arrives there; nothing in it has a value. What
    arrives for several results of one node (split) is not of one kind: there is no sum of that, and no gradient.

    ``belongs`` gives for each the node of the forward graph that it is the backward of, -1 where there is none.
    """

    run: Run
    belongs: Sequence[int]


@dataclass
class _Source:
    """What torch computed for a forward graph, and whose each autograd node is."""

    graph: Graph
    loss: Tensor
    pulled: Pulled
    owner: Mapping[GradNode, int]
    leaves: Mapping[int, int] = field(default_factory=dict)

    def node_of(self, fn: GradNode) -> int:
        leaf = leaf_of(fn)
        return self.owner.get(fn, -1) if leaf is None else self.leaves.get(id(leaf), -1)


def autograd(run: Run) -> Autograd:
    """The autograd graph of a run's output. Raises RunError where torch made none."""
    source = _of_model(run) if isinstance(run, ModuleRun) else _of_program(run)
    if not source.pulled.fns:
        raise RunError(f"No gradient flows back from {run.output}, so torch made no autograd graph for it.")
    return _laid_out(source)


def _of_model(run: ModuleRun) -> _Source:
    loss, pulled, ties = run.traced_backward
    if loss is None or pulled is None:
        raise RunError("The model's loss depends on nothing that asks for a gradient: there is no autograd graph.")
    return _Source(run.graph, loss, pulled, ties.owner, ties.leaves)


def _of_program(run: Run) -> _Source:
    """The program once more, on tensors; every new autograd node belongs to the operation that made it."""
    graph, output, since = run.graph, run.backward.output, _get_sequence_nr()
    values: dict[int, Tensor] = {}
    owner: dict[GradNode, int] = {}
    leaves: dict[int, int] = {}
    with torch.enable_grad():
        for node in range(output + 1):
            values[node] = value = _computed(run, node, values)
            if graph.ops[node] in LEAVES:
                leaves[id(value)] = node
            for fn in _new(value.grad_fn, owner):
                owner[fn] = node
    loss = values[output]
    if not loss.requires_grad:
        return _Source(graph, loss, Pulled(), owner)
    upstream = as_tensor(run.backward.upstream).to(loss)
    return _Source(graph, loss, pull(loss, since, (), upstream), owner, leaves)


def _computed(run: Run, node: int, values: Mapping[int, Tensor]) -> Tensor:
    graph, known = run.graph, run.value(node)
    if graph.ops[node] in LEAVES:
        if known is None:
            raise RunError(f"{graph.ids[node]!r} has no value, so it cannot be computed on.")
        leaf = known.detach().clone()
        return leaf.requires_grad_() if graph.requires_grad[node] and leaf.is_floating_point() else leaf
    call = call_of(graph, node)
    if call is None:
        raise RunError(f"{graph.ids[node]!r} cannot be computed again, so torch's autograd graph is not known.")
    return call(*(values[source] for source in graph.inputs[node]))


def _new(fn: GradNode | None, known: Mapping[GradNode, int]) -> Iterator[GradNode]:
    """The autograd nodes behind a value that no operation before it made, leaves aside."""
    waiting, seen = [fn], set[GradNode]()
    while waiting:
        found = waiting.pop()
        if found is None or found in known or found in seen or leaf_of(found) is not None:
            continue
        seen.add(found)
        yield found
        waiting += [before for before, _ in found.next_functions]


def _laid_out(source: _Source) -> Autograd:
    """The nodes in an order of the forward pass, each leaf before what reads it first."""
    engine, slots = _engine(source.pulled)
    index: dict[GradNode, int] = {}
    reader: dict[GradNode, GradNode] = {}
    for fn in reversed(engine):
        for before, _ in slots[fn]:
            if before not in index:
                reader[before] = fn
                index[before] = len(index)
        index.setdefault(fn, len(index))
    own = [source.node_of(fn) for fn in index]
    within = [node if leaf_of(fn) is None else source.node_of(reader[fn]) for fn, node in zip(index, own, strict=True)]
    several = _several(slots)
    arrived = _arrived(source)
    grads = [None if fn in several else arrived.get(fn) for fn in index]
    graph = _graph(source.graph, index, slots, own, within, grads, several)
    order = [index[fn] for fn in engine if fn in arrived]
    backward = _backward(source.pulled, graph, index, order, grads)
    return Autograd(Run(graph, [None] * len(graph), backward), own)


def _engine(pulled: Pulled) -> tuple[list[GradNode], dict[GradNode, list[tuple[GradNode, int]]]]:
    """The nodes in the order in which the engine ran them, and the slots of each that lead anywhere."""
    slots = {
        fn: [(before, number) for before, number in each if before is not None]
        for fn, each in zip(pulled.fns, pulled.slots, strict=True)
    }
    return [pulled.fns[place] for place in pulled.order()], slots


def _several(slots: Mapping[GradNode, Sequence[tuple[GradNode, int]]]) -> frozenset[GradNode]:
    """The nodes of which more than one result has a gradient."""
    numbers: dict[GradNode, set[int]] = {}
    for before, number in (slot for each in slots.values() for slot in each):
        numbers.setdefault(before, set()).add(number)
    return frozenset(fn for fn, each in numbers.items() if len(each) > 1)


def _arrived(source: _Source) -> dict[GradNode, Tensor]:
    """The gradient that comes in at each node, of its first result that has one; at the loss where the pass starts."""
    pulled = source.pulled
    root = torch.ones_like(source.loss) if pulled.seed is None else pulled.seed
    found = {pulled.fns[0]: root.detach()}
    for (before, _), grad in sorted(pulled.arrived.items(), key=lambda item: int(item[0][1])):
        if grad is not None:
            found.setdefault(before, grad)
    return found


def _graph(
    forward: Graph,
    index: Mapping[GradNode, int],
    slots: Mapping[GradNode, Sequence[tuple[GradNode, int]]],
    own: Sequence[int],
    within: Sequence[int],
    grads: Sequence[Tensor | None],
    several: Collection[GradNode],
) -> Graph:
    """``own`` are the forward nodes that autograd nodes belong to, ``within`` those in whose scope they are. A node of
    ``several`` results has no dtype, as in a forward graph; what leads to one says in ``results`` to which of them.
    """
    leaves = [leaf_of(fn) is not None for fn in index]
    return Graph(
        ops=[type(fn).__name__ for fn in index],
        inputs=[tuple(index[before] for before, _ in slots.get(fn, ())) for fn in index],
        names=[forward.ids[node] if leaf and node >= 0 else "" for leaf, node in zip(leaves, own, strict=True)],
        lines=[forward.lines[node] if node >= 0 else 0 for node in within],
        scopes=[tuple(forward.scopes[node]) if node >= 0 else () for node in within],
        shapes=[() if grad is None else tuple(grad.shape) for grad in grads],
        dtypes=[
            "" if fn in several else "float64" if grad is None else str(grad.dtype).removeprefix("torch.")
            for fn, grad in zip(index, grads, strict=True)
        ],
        requires_grad=[True] * len(index),
        outputs=(len(index) - 1,),
        attrs={
            index[fn]: {"results": [number for _, number in each]}
            for fn, each in slots.items()
            if any(before in several for before, _ in each)
        },
        modules=forward.modules,
    )


def _backward(
    pulled: Pulled,
    graph: Graph,
    index: Mapping[GradNode, int],
    order: Sequence[int],
    grads: Sequence[Tensor | None],
) -> Backward:
    contributions: list[Number | None] = [None] * graph.edge_starts[-1]
    for place, fn in enumerate(pulled.fns):
        handed = zip(pulled.contributions(place), pulled.slots[place], strict=False)
        kept = [part for part, slot in handed if slot[0] is not None]
        start = graph.edge_starts[index[fn]]
        contributions[start : start + len(kept)] = kept
    root = index[pulled.fns[0]]
    upstream = grads[root]
    assert upstream is not None  # the pass starts there
    return Backward(root, upstream, grads, contributions, order)
