"""What an operation keeps from its forward for its backward. Asked of torch, not written down."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Protocol

import torch
from torch import Tensor

from explorer.errors import RunError
from explorer.execute import is_of_program
from explorer.graph import Graph
from explorer.ops import OPS


class Pieces(Protocol):
    """Pieces of memory, by number: their ``bytes``; per node those it ``made``, those its value ``lives`` in, those
    that its backward ``keeps``. A view makes none and lives in another node's.
    """

    @property
    def bytes(self) -> Sequence[int]: ...
    @property
    def made(self) -> Sequence[tuple[int, ...]]: ...
    @property
    def lives(self) -> Sequence[tuple[int, ...]]: ...
    @property
    def keeps(self) -> Sequence[tuple[int, ...]]: ...


@dataclass(frozen=True, slots=True)
class Own:
    """``Pieces`` of a program, in which every result has memory of its own: the value of node i is piece i."""

    bytes: Sequence[int]
    made: Sequence[tuple[int, ...]]
    lives: Sequence[tuple[int, ...]]
    keeps: Sequence[tuple[int, ...]]


def own_pieces(graph: Graph, differentiated: Collection[int] = ()) -> Own:
    """Those of a program; what is kept is asked of the operations ``differentiated`` alone.

    Raises RunError where one of them is not of the language.
    """
    sizes = [_bytes(graph, index) for index in range(len(graph))]
    made: list[tuple[int, ...]] = [(index,) for index in range(len(graph))]
    keeps: list[tuple[int, ...]] = [()] * len(graph)
    for index in differentiated:
        ports = graph.inputs[index]
        if not ports:
            continue
        needs = kept(graph, index)
        pieces = [ports[port] for port in sorted(needs.ports)] + [index] * needs.result
        if needs.extra:
            made[index] = (index, len(sizes))
            pieces.append(len(sizes))
            sizes.append(needs.extra)
        keeps[index] = tuple(pieces)
    return Own(sizes, made, [(index,) for index in range(len(graph))], keeps)


def _bytes(graph: Graph, node: int) -> int:
    dtype = getattr(torch, graph.dtypes[node], None)
    return prod(graph.shapes[node]) * (dtype.itemsize if dtype is not None else 0)


@dataclass(frozen=True, slots=True)
class Kept:
    """``ports``: the inputs whose values are needed again; ``result``: whether its own is; ``extra``: further bytes,
    of tensors that the operation made for itself.
    """

    ports: frozenset[int]
    result: bool
    extra: int


def kept(graph: Graph, index: int) -> Kept:
    """What the backward of an operation needs. Raises RunError for one that is not of the language."""
    if not is_of_program(graph, index):
        raise RunError(
            f"What {graph.ids[index]!r} ({graph.ops[index]}) keeps for its backward is not known. "
            "Memory in training is planned for programs of the language."
        )
    sources = graph.inputs[index]
    return _ask(
        graph.ops[index],
        tuple((tuple(graph.shapes[i]), graph.dtypes[i], graph.requires_grad[i]) for i in sources),
        tuple(sorted(graph.attrs.get(index, {}).items())),
    )


@lru_cache(maxsize=4096)
def _ask(op: str, ports: tuple[tuple[tuple[int, ...], str, bool], ...], attrs: tuple[tuple[str, object], ...]) -> Kept:
    """Runs the operation on zeros of these shapes and watches what its autograd node saves."""
    xs = [torch.zeros(shape, dtype=getattr(torch, dtype), requires_grad=grad) for shape, dtype, grad in ports]
    saved: list[Tensor] = []

    def note(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        y = OPS[op].call(*xs, **dict(attrs))
    memory = {_memory(tensor) for tensor in saved}
    own = {_memory(x) for x in [*xs, y]}
    extra = {_memory(t): t.nbytes for t in saved if _memory(t) not in own}
    ports_kept = {port for port, x in enumerate(xs) if _memory(x) in memory}
    if op == "pow":
        ports_kept.add(1)  # a single exponent is kept as a plain number, which no hook sees
    return Kept(frozenset(ports_kept), _memory(y) in memory, sum(extra.values()))


def _memory(tensor: Tensor) -> int:
    """Which piece of memory a tensor lives in; that of an empty one has no address of its own."""
    return int(tensor.untyped_storage()._cdata)
