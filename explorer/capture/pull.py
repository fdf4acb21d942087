"""One backward pass by torch's own engine, and every gradient that it computes on the way.

The gradient at each edge of the autograd graph is asked for as one more input of ``torch.autograd.grad``, which
costs the engine next to nothing. Where several edges meet in one tensor, hooks on the autograd nodes behind them
tell what each of them brings; where only one arrives, that is the gradient itself.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import starmap
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge, _engine_run_backward, get_gradient_edge
from torch.autograd.graph import Node as GradNode

_AccumulateGrad: Any = type(get_gradient_edge(torch.zeros((), requires_grad=True)).node)

_REENTRANT = "CheckpointFunctionBackward"
Slots = Sequence[tuple[GradNode | None, int]]
"""The edges from an autograd node back to results, by number, of others; None where no gradient flows."""
Grads = Sequence[Tensor | None]


@dataclass
class Pulled:
    """The autograd nodes that a loss reaches, leaves apart and its own first, with their slots.

    ``ends`` are all slots and ``grads`` the gradients that came in along them; ``handed`` what a node, by its place,
    handed on slot by slot, for nodes of which that is not the same. ``hidden`` are gradients of leaves that no
    edge leads to, ``seed`` what the pass started from, where that is not 1.
    """

    fns: list[GradNode] = field(default_factory=list)
    slots: list[Slots] = field(default_factory=list)
    ends: Iterable[Any] = ()
    grads: Grads = ()
    handed: dict[int, Grads] = field(default_factory=dict)
    hidden: list[tuple[Tensor, Tensor | None]] = field(default_factory=list)
    seed: Tensor | None = None

    @cached_property
    def arrived(self) -> Mapping[Any, Tensor | None]:
        """The gradient that came in along each edge, summed up where several share a slot."""
        return dict(zip(self.ends, self.grads, strict=True))

    def contributions(self, place: int) -> Grads:
        """What the node at ``place`` handed on, slot by slot."""
        return self.handed.get(place) or [self.arrived.get(slot) for slot in self.slots[place]]

    def order(self) -> list[int]:
        """The places in the order in which the engine ran the nodes.

        Of all nodes that have everything they wait for it takes the one that was made last in the forward (see
        ``CompareNodeTaskTime`` in torch/csrc/autograd/engine.cpp).
        """
        places = {fn: place for place, fn in enumerate(self.fns)}
        awaited = [0] * len(self.fns)
        for slots in self.slots:
            for fn, _ in slots:
                if fn in places:
                    awaited[places[fn]] += 1
        order: list[int] = []
        ready = [(0, 0)] if self.fns else []
        while ready:
            place = heapq.heappop(ready)[1]
            order.append(place)
            for fn, _ in self.slots[place]:
                before = places.get(fn) if fn is not None else None
                if before is not None:
                    awaited[before] -= 1
                    if awaited[before] == 0:
                        heapq.heappush(ready, (-self.fns[before]._sequence_nr(), before))
        return order


def leaf_of(fn: GradNode) -> Tensor | None:
    """The tensor that an autograd node stands for, which accumulates gradients; None for any other node."""
    return getattr(fn, "variable") if type(fn) is _AccumulateGrad else None  # noqa: B009


def pull(loss: Tensor, since: int, parameters: Iterable[Tensor], seed: Tensor | None = None) -> Pulled:
    """One backward pass from ``loss`` through all that was computed ``since`` torch's sequence number.

    Nobody's ``.grad`` changes. A reentrant checkpoint hides ``parameters`` from torch's graph.
    A ``seed`` of the loss's shape is needed where that is not a single number.
    """
    pulled = Pulled(seed=seed)
    places, shared = _walk(loss.grad_fn, since, pulled)
    if any(kind.__name__ == _REENTRANT for kind in set(map(type, pulled.fns))):
        tensors = [*parameters, *map(leaf_of, (fn for fn, _ in places))]
        _accumulate(loss, pulled, {id(t): t for t in tensors if t is not None and t.requires_grad}.values())
        return pulled
    for place in sorted(shared):
        _hook(pulled, place)
    pulled.ends, pulled.grads = places, _gradients(loss, tuple(starmap(GradientEdge, places)), seed)
    return pulled


def _gradients(loss: Tensor, ends: tuple[GradientEdge, ...], seed: Tensor | None) -> Sequence[Tensor | None]:
    """What ``torch.autograd.grad`` gives, without the Python that it runs for every end to see whether it is one."""
    if seed is not None or type(loss) is not Tensor or not loss.is_floating_point() or not ends:
        return torch.autograd.grad(loss, ends, seed, allow_unused=True)
    return _engine_run_backward(
        (loss,), (torch.ones_like(loss),), False, False, ends, allow_unreachable=True, accumulate_grad=False
    )


def _walk(root: GradNode | None, since: int, pulled: Pulled) -> tuple[dict[Any, int], set[int]]:
    """Lists the autograd nodes behind ``root``; the place of the first that leads to each slot, and the places of
    those that share a slot.
    """
    places: dict[Any, int] = {}
    shared: set[int] = set()
    fns, all_slots, accumulate = pulled.fns, pulled.slots, _AccumulateGrad
    if root is not None:
        fns.append(root)
    seen = set(fns)
    for place, fn in enumerate(fns):  # grows meanwhile
        slots = fn.next_functions
        all_slots.append(slots)
        for slot in slots:
            before = slot[0]
            if before is None:
                continue
            if slot in places:
                shared.add(places[slot])
                shared.add(place)
                continue
            places[slot] = place
            if before not in seen:
                seen.add(before)
                if type(before) is not accumulate and before._sequence_nr() >= since:
                    fns.append(before)
    return places, shared


def _hook(pulled: Pulled, place: int) -> None:
    """The hook must not lead back to its autograd node: nobody could collect such a circle."""
    handed = pulled.handed

    def note(into: Grads, out: Grads) -> None:
        handed[place] = into

    pulled.fns[place].register_hook(note)


def _accumulate(loss: Tensor, pulled: Pulled, leaves: Iterable[Tensor]) -> None:
    """The same by ``backward``, which alone reentrant checkpoints allow; every ``.grad`` is put back."""
    arrived: dict[int, Grads] = {}
    for place in range(len(pulled.fns)):
        _hook(pulled, place)
        _hook_results(pulled.fns[place], place, arrived)
    before = [(leaf, leaf.grad) for leaf in leaves]
    try:
        for leaf, _ in before:
            leaf.grad = None
        loss.backward()
        pulled.hidden = [(leaf, leaf.grad) for leaf, _ in before]
    finally:
        for leaf, grad in before:
            leaf.grad = grad
    results = {(pulled.fns[place], n): grad for place, grads in arrived.items() for n, grad in enumerate(grads)}
    pulled.ends, pulled.grads = results, [*results.values()]


def _hook_results(fn: GradNode, place: int, arrived: dict[int, Grads]) -> None:
    def note(into: Grads, out: Grads) -> None:
        arrived[place] = out

    fn.register_hook(note)
