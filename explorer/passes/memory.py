"""How much memory a program needs at once: when each value, each gradient is made, last read, and given back.

A plan is the list of everything that happens, each with the buffers that it reads and writes. Its figures follow
from the plan alone. What a caller hands in stays in memory throughout, and so do results: outputs, and gradients
of leaves. While an operation runs, its inputs are still there. In a program every result has memory of its own; where
``Pieces`` say that a value lives in another one's memory, its gradient lives where the other one's does.

    inference                forward
    training                 forward, then backward; values live on until the backward that needs them
    with checkpoints         only chosen values live on; the others are computed again when they are needed
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from explorer.graph import LEAVES
from explorer.passes.kept import Pieces, own_pieces
from explorer.run import Run


@dataclass(frozen=True, slots=True)
class Buffer:
    """A piece of memory that one node made: its ``value``, what it ``saved`` beside it, its ``gradient``, or one
    ``share`` of that, which is added to it and forgotten.
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
    def again(self) -> list[int]:
        """The nodes that are computed a second time, in order."""
        return [action.node for action in self.actions if action.kind == "recompute"]

    @property
    def recomputed(self) -> int:
        """Operations that run a second time."""
        return len(self.again)


def inference(run: Run, pieces: Pieces | None = None) -> Plan:
    """Forward alone: a value lives until the last operation that reads it. ``pieces`` are a program's by default."""
    planner = _Planner(run, None, pieces or own_pieces(run.graph))
    planner.forward(saves=False)
    return planner.finish([])


def training(run: Run, checkpoints: Collection[int] | None = None, pieces: Pieces | None = None) -> Plan:
    """Forward and backward as the run has it.

    With ``checkpoints`` only the values of those operations are kept for the backward; all others are computed
    again from them, each at most once. Raises RunError for operations that are not of the language, where no
    ``pieces`` say what they keep.
    """
    planner = _Planner(run, checkpoints, pieces or own_pieces(run.graph, run.backward.order))
    planner.forward(saves=True)
    return planner.finish(planner.backward())


class _Planner:
    """Writes the actions. ``value``, ``gradient``: per piece the buffer that may be read from now on."""

    def __init__(self, run: Run, keeps: Collection[int] | None, pieces: Pieces) -> None:
        self.run, self.graph, self.pieces = run, run.graph, pieces
        self.actions: list[Action] = []
        self.buffers: list[Buffer] = []
        self.value: dict[int, int] = {}
        self.gradient: dict[int, int] = {}
        self._keeps = None if keeps is None else {*keeps, *self._results()}
        self._differentiated = {i for i in run.backward.order if self.graph.inputs[i]}
        self._maker = {piece: node for node, made in enumerate(pieces.made) for piece in made}

    def forward(self, saves: bool) -> None:
        graph = self.graph
        leaves = [i for i, op in enumerate(graph.ops) if op in LEAVES]
        self._act("start", -1, (), [self._hold(piece) for i in leaves for piece in self.pieces.made[i]])
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
        self._act("seed", backward.output, (), [self._open(p) for p in self.pieces.lives[backward.output]])
        for index in backward.order:
            if self.graph.inputs[index]:
                self._pull(index)
        return [buffer for piece, buffer in self.gradient.items() if not self.graph.inputs[self._maker[piece]]]

    def finish(self, gradients: Iterable[int]) -> Plan:
        leaves = [i for i, op in enumerate(self.graph.ops) if op in LEAVES]
        self._act("end", -1, [*self._values([*leaves, *self._results()]), *gradients], ())
        return Plan(self.actions, self.buffers)

    def _results(self) -> list[int]:
        return [*self.graph.outputs, self.run.backward.output]

    def _is_kept(self, index: int) -> bool:
        return self._keeps is None or index in self._keeps

    def _forget(self) -> None:
        """After the forward only leaves, results and checkpoints may be read."""
        if self._keeps is None:
            return
        stay = [i for i, op in enumerate(self.graph.ops) if op in LEAVES or i in self._keeps]
        pieces = {piece for i in stay for piece in (*self.pieces.made[i], *self.pieces.lives[i])}
        self.value = {piece: buffer for piece, buffer in self.value.items() if piece in pieces}

    def _compute(self, kind: str, index: int, saves: bool) -> None:
        reads = self._values(self.graph.inputs[index])
        made, lives = self.pieces.made[index], self.pieces.lives[index]
        kept = made if saves and index in self._differentiated else [piece for piece in made if piece in lives]
        self._act(kind, index, reads, [self._hold(piece) for piece in kept if piece not in self.value])

    def _pull(self, index: int) -> None:
        needed = self.pieces.keeps[index]
        self._ensure(needed)
        upstream = [self.gradient[p] for p in self.pieces.lives[index] if p in self.gradient]
        reads = [*upstream, *(self.value[piece] for piece in needed)]
        writes = []
        for port, source in enumerate(self.graph.inputs[index]):
            if self.run.contributions[self.graph.edge_starts[index] + port] is None:
                continue
            for piece in self.pieces.lives[source]:
                if piece in self.pieces.lives[index]:
                    continue  # the gradient of a view is a view of the gradient
                if piece in self.gradient:
                    reads.append(self.gradient[piece])
                    writes.append(self._make("share", piece))
                else:
                    writes.append(self._open(piece))
        self._act("backward", index, reads, writes)

    def _ensure(self, pieces: Iterable[int]) -> None:
        """Computes again what is needed and was not kept, from what was, in execution order."""
        missing: set[int] = set()
        waiting = [self._maker[piece] for piece in pieces if piece not in self.value]
        while waiting:
            node = waiting.pop()
            if node not in missing:
                missing.add(node)
                read = [piece for source in self.graph.inputs[node] for piece in self.pieces.lives[source]]
                waiting += [self._maker[piece] for piece in read if piece not in self.value]
        for node in sorted(missing):
            self._compute("recompute", node, True)

    def _values(self, nodes: Iterable[int]) -> list[int]:
        """The buffers that the values of nodes live in, each once for each node."""
        return [self.value[piece] for node in dict.fromkeys(nodes) for piece in self.pieces.lives[node]]

    def _hold(self, piece: int) -> int:
        """A buffer for a piece of the forward: a value, or what is saved beside one."""
        is_value = piece in self.pieces.lives[self._maker[piece]]
        self.value[piece] = self._make("value" if is_value else "saved", piece)
        return self.value[piece]

    def _open(self, piece: int) -> int:
        self.gradient[piece] = self._make("gradient", piece)
        return self.gradient[piece]

    def _make(self, kind: str, piece: int) -> int:
        self.buffers.append(Buffer(kind, self._maker[piece], self.pieces.bytes[piece]))
        return len(self.buffers) - 1

    def _act(self, kind: str, node: int, reads: Iterable[int], writes: Iterable[int]) -> None:
        self.actions.append(Action(kind, node, tuple(dict.fromkeys(reads)), tuple(writes)))
