"""A graph made simpler: what became of every node, and the proof that nothing else changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import copysign

import torch

from explorer.errors import RunError
from explorer.execute import Replays, forward, known
from explorer.graph import LEAVES, Graph
from explorer.progress import tell
from explorer.run import Number, Run, as_tensor, differentiate


@dataclass(frozen=True)
class Rewrite:
    """``place`` says per old node which new node holds its value (``None``: it is gone), ``origin`` per new node
    which old one it was; ``saved`` counts the operations that no longer run.
    """

    graph: Graph
    place: Sequence[int | None]
    origin: Sequence[int]
    saved: int


Pass = Callable[[Run], Rewrite]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a rewrite did: ``merged`` are per node of the new graph the old ones that it stands for, where they are
    several; ``folded`` the new nodes that were operations and are constants; ``gone`` the old ones that nothing
    stands for.
    """

    merged: Mapping[int, tuple[int, ...]]
    folded: tuple[int, ...]
    gone: tuple[int, ...]


def changes(before: Graph, rewrite: Rewrite) -> Changes:
    """Those of a rewrite, or of a chain of them, of the graph ``before``."""
    stood: dict[int, list[int]] = {}
    for old, there in enumerate(rewrite.place):
        if there is not None:
            stood.setdefault(there, []).append(old)
    ops = rewrite.graph.ops
    return Changes(
        {there: tuple(olds) for there, olds in stood.items() if len(olds) > 1},
        tuple(new for new, old in enumerate(rewrite.origin) if ops[new] == "constant" != before.ops[old]),
        tuple(old for old, there in enumerate(rewrite.place) if there is None),
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """Both programs were run: are all values, and the gradients of all inputs, equal to the last bit?

    ``difference`` is the largest difference of a gradient, relative to it or to 1 where it is smaller.
    """

    values: bool
    gradients: bool
    difference: float


def rebuild(graph: Graph, stands: Sequence[int | None], constants: Collection[int] = ()) -> Rewrite:
    """The graph in which node ``i`` is replaced by the earlier node ``stands[i]``, itself, or nothing.

    ``constants`` are operations that become constants. A node that stands for others takes the first of their names.
    """
    origin = [i for i, stand in enumerate(stands) if stand == i]
    new = {old: i for i, old in enumerate(origin)}
    place = [None if stand is None else new[stand] for stand in stands]
    names = [graph.names[old] for old in origin]
    for old, there in enumerate(place):
        if there is not None and not names[there]:
            names[there] = graph.names[old]

    def ports(old: int) -> tuple[int, ...]:
        return () if old in constants else tuple([_there(place, source) for source in graph.inputs[old]])

    rebuilt = replace(
        graph,
        ops=["constant" if old in constants else graph.ops[old] for old in origin],
        inputs=[ports(old) for old in origin],
        names=names,
        lines=[graph.lines[old] for old in origin],
        scopes=[graph.scopes[old] for old in origin],
        shapes=[graph.shapes[old] for old in origin],
        dtypes=[graph.dtypes[old] for old in origin],
        requires_grad=[graph.requires_grad[old] for old in origin],
        outputs=tuple(_there(place, output) for output in graph.outputs),
        attrs={new[old]: attrs for old, attrs in graph.attrs.items() if old in new and old not in constants},
        variables={name: there for name, old in graph.variables.items() if (there := place[old]) is not None},
        decisions={there: outcome for old, outcome in graph.decisions.items() if (there := place[old]) is not None},
    )
    return Rewrite(rebuilt, place, origin, operations(graph) - operations(rebuilt))


def chain(run: Run, passes: Sequence[Pass]) -> Rewrite:
    """One pass after the other, as one rewrite."""
    everything = range(len(run.graph))
    total = Rewrite(run.graph, everything, everything, 0)
    for number, one in enumerate(passes):
        tell(0.1 + 0.7 * number / len(passes), f"Pass {number + 1} of {len(passes)}")
        step = one(rerun(run, total) if number else run)
        total = Rewrite(
            step.graph,
            [None if there is None else step.place[there] for there in total.place],
            [total.origin[i] for i in step.origin],
            total.saved + step.saved,
        )
    return total


def rerun(run: Run, rewrite: Rewrite) -> Run:
    """The rewritten graph executed on the same leaves, differentiated from the same output.

    Raises RunError where the pass removed that output, or where a model's operation cannot be done again.
    """
    graph, origin = rewrite.graph, rewrite.origin
    given = {i: known(run.values[origin[i]]) for i, op in enumerate(graph.ops) if op in LEAVES}
    output = _there(rewrite.place, run.backward.output)
    if isinstance(run, Replays):
        return run.replay(graph, {i: as_tensor(value) for i, value in given.items()}, output)
    values = forward(graph, given)
    return Run(graph, values, differentiate(graph, values, output, run.backward.upstream))


def repeatable(run: Run) -> Run:
    """The run itself. Raises RunError where its operations, done again one by one, do not give its numbers: then no
    pass could be proved on it.
    """
    if isinstance(run, Replays):
        tell(0.0, "Running the graph again as it is")
        everything = range(len(run.graph))
        proof = prove(run, Rewrite(run.graph, everything, everything, 0))
        if not (proof.values and proof.gradients):
            raise RunError(
                "Done again operation by operation, this model gives other numbers than in its run, as memory that is "
                "shared and overwritten does. So nothing could be proved of it, and it is left as it is."
            )
    return run


def prove(run: Run, rewrite: Rewrite) -> Proof:
    """Runs the rewritten graph and compares every value that is left, and the gradient of every input."""
    after = rerun(run, rewrite)
    left = [(old, there) for old, there in enumerate(rewrite.place) if there is not None]
    inputs = [(old, there) for old, there in left if run.graph.ops[old] in ("input", "parameter")]
    pairs = [(run.grads[old], after.grads[there]) for old, there in inputs]
    return Proof(
        all(_same(run.values[old], after.values[there]) for old, there in left),
        all(_same(before, now) for before, now in pairs),
        max([_difference(before, now) for before, now in pairs], default=0.0),
    )


def keeps_gradients(run: Run, rewrite: Rewrite) -> bool:
    """Whether the gradients of all inputs stay as they are to the last bit, given that the values do."""
    inputs = [old for old, op in enumerate(run.graph.ops) if op in ("input", "parameter")]
    grads = _grads(run, rewrite)
    return all(_same(run.grads[old], grads[_there(rewrite.place, old)]) for old in inputs)


def _grads(run: Run, rewrite: Rewrite) -> Sequence[Number | None]:
    if isinstance(run, Replays):
        return rerun(run, rewrite).grads
    values = [run.values[old] for old in rewrite.origin]
    output = _there(rewrite.place, run.backward.output)
    return differentiate(rewrite.graph, values, output, run.backward.upstream).grads


def operations(graph: Graph) -> int:
    """How many nodes of a graph compute something."""
    return sum(op not in LEAVES for op in graph.ops)


def _there(place: Sequence[int | None], old: int) -> int:
    there = place[old]
    assert there is not None, f"node {old} is still needed and was removed"
    return there


def _same(one: Number | None, two: Number | None) -> bool:
    """Bit for bit, the sign of a zero too; any NaN is like any other."""
    if one is None or two is None:
        return one is two
    if type(one) is float and type(two) is float:
        return copysign(1.0, one) == copysign(1.0, two) if one == two else one != one and two != two
    a, b = as_tensor(one), as_tensor(two)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    equal = (a == b) & (a.signbit() == b.signbit()) if a.is_floating_point() else a == b
    return bool((equal | (a.isnan() & b.isnan())).all())


def _difference(one: Number | None, two: Number | None) -> float:
    if one is None or two is None or _same(one, two):
        return 0.0 if one is two or _same(one, two) else float("inf")
    a, b = as_tensor(one), as_tensor(two)
    return float(((a - b).abs() / torch.clamp(a.abs(), min=1.0)).max())
