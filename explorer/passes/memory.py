"""How much memory a program needs at once: when each value, each gradient is made, last read, and given back.

A plan is the list of everything that happens, each with the buffers that it reads and writes. Its figures follow
from the plan alone. What a caller hands in stays in memory throughout, and so do results: outputs, and gradients
of leaves. Every result has memory of its own, and while an operation runs, its inputs are still there.

    inference                forward
    training                 forward, then backward; values live on until the backward that needs them
    with checkpoints         only chosen values live on; the others are computed again when they are needed
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import prod

import torch

from explorer.graph import LEAVES
from explorer.passes.kept import kept
from explorer.run import Run


@dataclass(frozen=True, slots=True)
class Buffer:
    """A piece of memory of one node: its ``value``, what it ``saved`` beside it, its ``gradient``, or one ``share`` of
    that, which is added to it and forgotten.
    """

    kind: str
    node: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Action:
    """``start`` (leaves are there), ``forward``, ``recompute``, ``seed``, ``backward`` of one node, or ``end``.

    ``reads`` and ``writes`` are places in the plan's list of buffers. ``node`` is -1 at the start and the end.
    """

    kind: str
    node: int
    reads: tuple[int, ...]
    writes: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that happens, in order, and the memory that it needs."""

    actions: Sequence[Action]
    buffers: Sequence[Buffer]

    @cached_property
    def lifetimes(self) -> Sequence[tuple[int, int]]:
        """Per buffer the first and the last action that needs it."""
        first = [0] * len(self.buffers)
        last = [0] * len(self.buffers)
        for time, action in enumerate(self.actions):
            for buffer in action.writes:
                first[buffer] = last[buffer] = time
            for buffer in action.reads:
                last[buffer] = time
        return list(zip(first, last, strict=True))

    @cached_property
    def live(self) -> Sequence[int]:
        """Bytes in memory during each action, where every buffer is given back after its last use."""
        change = [0] * (len(self.actions) + 1)
        for buffer, (first, last) in zip(self.buffers, self.lifetimes, strict=True):
            change[first] += buffer.bytes
            change[last + 1] -= buffer.bytes
        return list(accumulate(change))[:-1]

    @property
    def peak(self) -> int:
        """The most bytes at once, with reuse of what was given back."""
        return max(self.live, default=0)

    @property
    def total(self) -> int:
        """Bytes without reuse: everything that is ever made, each in memory of its own."""
        return sum(buffer.bytes for buffer in self.buffers)

    @property
    def recomputed(self) -> int:
        """Operations that run a second time."""
        return sum(action.kind == "recompute" for action in self.actions)


def inference(run: Run) -> Plan:
    """Forward alone: a value lives until the last operation that reads it."""
    planner = _Planner(run, keeps=None)
    planner.forward(saves=False)
    return planner.finish([])


def training(run: Run, checkpoints: Collection[int] | None = None) -> Plan:
    """Forward and backward as the run has it.

    With ``checkpoints`` only the values of those operations are kept for the backward; all others are computed
    again from them, each at most once. Raises RunError for operations that are not of the language.
    """
    planner = _Planner(run, checkpoints)
    planner.forward(saves=True)
    return planner.finish(planner.backward())


class _Planner:
    """Writes the actions. ``value``, ``saved``, ``gradient``: per node the buffer that may be read from now on."""

    def __init__(self, run: Run, keeps: Collection[int] | None) -> None:
        self.run, self.graph = run, run.graph
        self.actions: list[Action] = []
        self.buffers: list[Buffer] = []
        self.value: dict[int, int] = {}
        self.saved: dict[int, int] = {}
        self.gradient: dict[int, int] = {}
        self._keeps = None if keeps is None else {*keeps, *self._results()}
        self._needs = {i: kept(self.graph, i) for i in run.backward.order if self.graph.inputs[i]}

    def forward(self, saves: bool) -> None:
        graph = self.graph
        leaves = [i for i, op in enumerate(graph.ops) if op in LEAVES]
        self._act("start", -1, (), [self._make("value", i, self.value) for i in leaves])
        for index, op in enumerate(graph.ops):
            if op not in LEAVES:
                self._compute("forward", index, saves and self._is_kept(index))
        if saves:
            self._forget()

    def backward(self) -> list[int]:
        """The buffers of the leaves' gradients, after the backward of every node that the run's gradient reached."""
        backward = self.run.backward
        if not backward.order:
            return []
        self._act("seed", backward.output, (), [self._make("gradient", backward.output, self.gradient)])
        for index in backward.order:
            if self.graph.inputs[index]:
                self._pull(index)
        return [buffer for node, buffer in self.gradient.items() if not self.graph.inputs[node]]

    def finish(self, gradients: Iterable[int]) -> Plan:
        leaves = [i for i, op in enumerate(self.graph.ops) if op in LEAVES]
        results = [self.value[i] for i in dict.fromkeys([*leaves, *self._results()])]
        self._act("end", -1, [*results, *gradients], ())
        return Plan(self.actions, self.buffers)

    def _results(self) -> list[int]:
        return [*self.graph.outputs, self.run.backward.output]

    def _is_kept(self, index: int) -> bool:
        return self._keeps is None or index in self._keeps

    def _forget(self) -> None:
        """After the forward only leaves, results and checkpoints may be read."""
        self.value = {i: b for i, b in self.value.items() if self.graph.ops[i] in LEAVES or self._is_kept(i)}

    def _compute(self, kind: str, index: int, saves: bool) -> None:
        reads = [self.value[source] for source in self.graph.inputs[index]]
        writes = [self._make("value", index, self.value)]
        if saves and index in self._needs and self._needs[index].extra:
            writes.append(self._make("saved", index, self.saved))
        self._act(kind, index, reads, writes)

    def _pull(self, index: int) -> None:
        needs, ports = self._needs[index], self.graph.inputs[index]
        values = [ports[port] for port in sorted(needs.ports)] + ([index] if needs.result else [])
        self._ensure([*values, index] if needs.extra else values)
        reads = [self.gradient[index], *(self.value[i] for i in values)]
        if needs.extra:
            reads.append(self.saved[index])
        writes = []
        for port, source in enumerate(ports):
            if self.run.contributions[self.graph.edge_starts[index] + port] is None:
                continue
            if source in self.gradient:
                reads.append(self.gradient[source])
                writes.append(self._make("share", source, {}))
            else:
                writes.append(self._make("gradient", source, self.gradient))
        self._act("backward", index, reads, writes)

    def _ensure(self, nodes: Iterable[int]) -> None:
        """Computes again what is needed and was not kept, from what was, in execution order."""
        missing: set[int] = set()
        waiting = [node for node in nodes if node not in self.value]
        while waiting:
            node = waiting.pop()
            if node not in missing:
                missing.add(node)
                waiting += [source for source in self.graph.inputs[node] if source not in self.value]
        for node in sorted(missing):
            self._compute("recompute", node, True)

    def _make(self, kind: str, node: int, register: dict[int, int]) -> int:
        size = kept(self.graph, node).extra if kind == "saved" else self._bytes(node)
        self.buffers.append(Buffer(kind, node, size))
        register[node] = len(self.buffers) - 1
        return register[node]

    def _bytes(self, node: int) -> int:
        dtype = getattr(torch, self.graph.dtypes[node], None)
        return prod(self.graph.shapes[node]) * (dtype.itemsize if dtype is not None else 0)

    def _act(self, kind: str, node: int, reads: Iterable[int], writes: Iterable[int]) -> None:
        self.actions.append(Action(kind, node, tuple(reads), tuple(writes)))
