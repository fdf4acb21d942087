"""Three passes that leave work out: equal expressions computed once, constants computed before, dead nodes not at all.

(a + b) * (a + b)        merge      (a + b) is one node, used twice
2 * 3 * x                fold       6 * x
u = log(a)               prune      nothing, where the output does not need u
"""

from __future__ import annotations

from collections.abc import Collection, Hashable

import torch
from torch import Tensor

from explorer.execute import is_of_program, known, upstream
from explorer.graph import LEAVES, Graph
from explorer.passes.rewrite import Rewrite, keeps_gradients, rebuild
from explorer.progress import tell
from explorer.recorded import is_piece, is_random, is_recorded, is_writing
from explorer.run import Number, Run

COMMUTATIVE = frozenset({"add", "mul", "eq", "ne"})
"""Operations whose two inputs may trade places without a bit of the result changing."""

TRIES = 64
"""Each differentiates the graph once."""


def merge(run: Run) -> Rewrite:
    """Common sub-expressions: of operations of one kind on the same inputs only the first is left; equal constants too.

    Values stay as they are to the last bit. A gradient then takes (g1 + g2) · local instead of g1 · local +
    g2 · local, which is equal in mathematics and in floating point rounds once less: it may differ in the last bits.
    """
    return rebuild(run.graph, _merged(run))


def merge_exactly(run: Run) -> Rewrite:
    """The same as far as every gradient of the inputs stays as it is to the last bit, on the numbers of this run.

    Where all together changes a bit they are tried by halves, at most ``TRIES`` times; what was not tried stays.
    """
    repeated = [index for index, stand in enumerate(_merged(run)) if stand != index]
    chosen: set[int] = set()
    waiting = [repeated] if repeated else []
    for lap in range(TRIES):
        if not waiting:
            break
        tell(0.1 + 0.7 * lap / TRIES, "Trying which operations may be merged")
        part = waiting.pop()
        if keeps_gradients(run, rebuild(run.graph, _merged(run, chosen.union(part)))):
            chosen.update(part)
        elif len(part) > 1:
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
    return rebuild(run.graph, _merged(run, chosen))


def _merged(run: Run, chosen: Collection[int] | None = None) -> list[int]:
    """Per node the first that is equal to it; only those ``chosen`` may be another than the node itself."""
    first: dict[Hashable, int] = {}
    stands: list[int] = []
    for index in range(len(run.graph)):
        key = _expression(run, index, stands)
        stand = index if key is None else first.setdefault(key, index)
        stands.append(stand if chosen is None or index in chosen else index)
    return stands


def _expression(run: Run, index: int, stands: list[int]) -> Hashable:
    """What makes two nodes equal; ``None`` for a node that equals no other (inputs, and what may be random)."""
    graph = run.graph
    op = graph.ops[index]
    if op == "constant":
        return op, _bits(known(run.values[index]))
    if op in LEAVES or not _is_pure(graph, index):
        return None
    ports = tuple([stands[source] for source in graph.inputs[index]])
    attrs = graph.attrs.get(index, {})
    if not is_of_program(graph, index):
        said = tuple((name, repr(value)) for name, value in sorted(attrs.items()) if name not in _OF_THE_RECORD)
        return op, ports, graph.requires_grad[index], said
    return op, tuple(sorted(ports)) if op in COMMUTATIVE else ports, tuple(sorted(attrs.items()))


_OF_THE_RECORD = frozenset({"module", "call", "file", "function", "also", "grad_fn"})
"""Attributes that say where and how an operation was recorded, not what it does."""


def _is_pure(graph: Graph, index: int) -> bool:
    """Whether a node always gives the same for the same inputs, and does nothing else."""
    if is_of_program(graph, index):
        return True
    return is_recorded(graph, index) and not is_random(graph, index) and not is_writing(graph, index)


def _bits(value: Number) -> Hashable:
    """Equal only for the same numbers: 0 and -0 differ, and so do true and 1."""
    if isinstance(value, Tensor):
        return str(value.dtype), tuple(value.shape), value.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    return type(value).__name__, float(value).hex()


def fold(run: Run) -> Rewrite:
    """Constant folding: what is computed from constants alone becomes a constant; what only fed it goes.

    Of a model that is also what its operations make of nothing, as positions and masks; with the sizes of this run.
    """
    graph = run.graph
    fixed: set[int] = set()
    for index, ports in enumerate(graph.inputs):
        if graph.ops[index] == "constant" or (_can_be_known(run, index) and fixed.issuperset(ports)):
            fixed.add(index)
    used = {source for index, ports in enumerate(graph.inputs) if index not in fixed for source in ports}
    used.update(graph.outputs, [run.backward.output], graph.decisions)
    stands = [None if i in fixed and i not in used and graph.consumers[i] else i for i in range(len(graph))]
    return rebuild(graph, stands, fixed)


def _can_be_known(run: Run, index: int) -> bool:
    """Whether a node could become a constant, were its inputs constants."""
    graph = run.graph
    if graph.ops[index] in LEAVES or not _is_pure(graph, index):
        return False
    several = bool(graph.consumers[index]) and all(is_piece(graph, target) for target, _ in graph.consumers[index])
    return run.values[index] is not None or several


def prune(run: Run) -> Rewrite:
    """Dead code: only what the outputs are computed from is left.

    Comparisons that chose a branch go as well: the graph is the branch that was taken. What a model wrote into its
    buffers stays, and what it drew at random, on which all that it drew later depends.
    """
    graph, alive = run.graph, set[int]()
    effects = (i for i in range(len(graph)) if is_random(graph, i) or is_writing(graph, i))
    for needed in {*graph.outputs, run.backward.output, *effects}:
        alive.update(upstream(graph, needed, alive))
    return rebuild(graph, [i if i in alive else None for i in range(len(graph))])
