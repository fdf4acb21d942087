"""A graph gone through once without numbers, to see which operation makes which piece of memory and keeps which.

torch itself says it: its operations run on tensors that have shapes and strides but no contents, and its autograd
says what it saves. So a view costs nothing, a copy that a stride forces is seen, and weights of any size fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from explorer.differentiate import call_of
from explorer.graph import LEAVES, Graph


@dataclass
class Rehearsal:
    """Pieces of memory, by number: their ``bytes``; per node those it ``made``, those its value ``lives`` in, those
    that its backward ``keeps``. A leaf makes its own. ``assumed`` are nodes that torch could not be asked about:
    each is taken to make its value and to keep all that it reads.
    """

    bytes: list[int] = field(default_factory=list)
    made: list[tuple[int, ...]] = field(default_factory=list)
    lives: list[tuple[int, ...]] = field(default_factory=list)
    keeps: list[tuple[int, ...]] = field(default_factory=list)
    assumed: list[int] = field(default_factory=list)


def rehearse(graph: Graph) -> Rehearsal:
    """Every operation once, in execution order."""
    with FakeTensorMode(allow_non_fake_inputs=True), torch.enable_grad():
        stage = _Stage(graph)
        for node in range(len(graph)):
            stage.take(node)
    return stage.seen


class _Stage:
    """``results`` are the fake values; nothing is let go, so that no piece's address is used twice."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.seen = graph, Rehearsal()
        self.results: list[Any] = []
        self._number: dict[int, int] = {}
        self._alive: list[Tensor] = []

    def take(self, node: int) -> None:
        before, saved = len(self.seen.bytes), list[Tensor]()
        try:
            with torch.autograd.graph.saved_tensors_hooks(partial(_note, saved), lambda tensor: tensor):
                result = self._compute(node)
        except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError):
            result, saved = self._empty(node), self._read(node)
            self.seen.assumed.append(node)
        self.results.append(self._cut_loose(node, result))
        self._alive += saved
        self.seen.lives.append(self._pieces(_tensors(self.results[node])))
        self.seen.keeps.append(self._pieces(saved))
        self.seen.made.append(tuple(range(before, len(self.seen.bytes))))

    def _compute(self, node: int) -> Any:
        graph, op = self.graph, self.graph.ops[node]
        if op in LEAVES:
            return self._empty(node)
        inputs, attrs = [self.results[source] for source in graph.inputs[node]], graph.attrs.get(node, {})
        if op == "getitem" and isinstance(inputs[0], list | tuple):
            return inputs[0][attrs["index"]]
        if op in ("getitem", "copy_slices"):
            return inputs[0]
        call: Callable[..., Any] | None = attrs.get("call", call_of(graph, node))
        if call is None:
            raise NotImplementedError(op)
        return call(*[_first(value) for value in inputs])

    def _empty(self, node: int) -> Tensor:
        dtype = getattr(torch, self.graph.dtypes[node] or "float32")
        return torch.empty(self.graph.shapes[node], dtype=dtype)

    def _read(self, node: int) -> list[Tensor]:
        wanted = any(self.graph.requires_grad[source] for source in self.graph.inputs[node])
        return [tensor for s in self.graph.inputs[node] for tensor in _tensors(self.results[s])] if wanted else []

    def _cut_loose(self, node: int, result: Any) -> Any:
        """The same values as leaves of autograd, which ask for a gradient where the graph's do."""
        if isinstance(result, list | tuple):
            return [self._cut_loose(node, part) for part in result if isinstance(part, Tensor)]
        loose = result.detach()
        wanted = self.graph.requires_grad[node] or not self.graph.dtypes[node]
        return loose.requires_grad_(wanted and loose.is_floating_point())

    def _pieces(self, tensors: Iterable[Tensor]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self._piece(tensor) for tensor in tensors))

    def _piece(self, tensor: Tensor) -> int:
        storage = tensor.untyped_storage()
        number = self._number.setdefault(storage._cdata, len(self.seen.bytes))
        if number == len(self.seen.bytes):
            self.seen.bytes.append(storage.nbytes())
        return number


def _note(saved: list[Tensor], tensor: Tensor) -> Tensor:
    saved.append(tensor)
    return tensor


def _first(value: Any) -> Any:
    """What stands for an operation with several results where one is read without a getitem."""
    return value[0] if isinstance(value, list) else value


def _tensors(value: Any) -> Sequence[Tensor]:
    return value if isinstance(value, list) else [value]
