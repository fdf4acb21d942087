"""A graph runs again: with other leaves, or with other values anywhere in it.

Loops over the columns in execution order, whatever the size; one operation costs what it costs in a trace. What a
run took the same way again is its ``decisions``: where they no longer hold, the program would have made another
graph, and only tracing it tells which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor

from explorer.errors import RunError
from explorer.graph import LEAVES, Graph
from explorer.ops import OPS
from explorer.run import Number, Run, evaluate


@runtime_checkable
class Replays(Protocol):
    """A run of a model, which knows how to run a graph of the same operations, and itself with other values."""

    def replay(self, graph: Graph, given: Mapping[int, Tensor], output: int) -> Run:
        """That graph on the leaves ``given`` by index, differentiated from ``output``. Raises RunError."""
        ...

    def again(self, changed: Mapping[int, Number], wanted: int) -> Tensor:
        """The value of one node, were the nodes ``changed`` to hold other values. Raises RunError."""
        ...


def execute(graph: Graph, given: Mapping[int, Number]) -> Run:
    """The run of ``graph`` on the leaves ``given`` by index, differentiated from its last output.

    Raises RunError where a leaf has no value or an operation refuses its inputs.
    """
    return Run(graph, forward(graph, given))


def leaves(run: Run) -> dict[int, Number]:
    """What ``execute`` needs to repeat a run: the values of its leaves."""
    return {i: known(run.values[i]) for i, op in enumerate(run.graph.ops) if op in LEAVES}


def again(run: Run, changed: Mapping[int, Number], wanted: int) -> Number:
    """The value of one node, were the nodes ``changed`` to hold other values; only what lies between is computed.

    Other values may have other shapes than those in the run, as long as the operations take them.
    """
    if isinstance(run, Replays):
        return run.again(changed, wanted)
    held = dict(changed)
    moved = downstream(run.graph, changed)
    for index in upstream(run.graph, wanted, changed):
        if index not in moved:
            held[index] = known(run.values[index])
    return known(forward(run.graph, held, wanted)[wanted])


def forward(graph: Graph, given: Mapping[int, Number], wanted: int | None = None) -> list[Number | None]:
    """Values by index: what is ``given`` stands, all else is computed from it, one operation at a time.

    With a node ``wanted``, only what it needs; all else is ``None``. Raises RunError.
    """
    values: list[Number | None] = [None] * len(graph)
    for index in range(len(graph)) if wanted is None else upstream(graph, wanted, given):
        value = given.get(index)
        values[index] = _compute(graph, index, values) if value is None else value
    return values


def holds(graph: Graph, values: Sequence[Number | None]) -> bool:
    """Whether with these values the program would go the way that made this graph."""
    for index, outcome in graph.decisions.items():
        value = values[index]
        if value is not None and (bool(value) is not outcome if isinstance(outcome, bool) else value != outcome):
            return False
    return True


def is_of_program(graph: Graph, index: int) -> bool:
    """Whether a node can be computed from its inputs by the op table; what a model did is not always in there."""
    return graph.ops[index] in OPS and "target" not in graph.attrs.get(index, {})


def levels(graph: Graph) -> list[int]:
    """Per node the number of operations on the longest way to it; nodes of one level can run side by side."""
    level: list[int] = []
    for ports in graph.inputs:
        level.append(1 + max([level[source] for source in ports]) if ports else 0)
    return level


def downstream(graph: Graph, starts: Iterable[int]) -> set[int]:
    """The nodes whose values depend on one of ``starts``, and those themselves."""
    moved = set(starts)
    for index in range(min(moved, default=len(graph)), len(graph)):
        if not moved.isdisjoint(graph.inputs[index]):
            moved.add(index)
    return moved


def upstream(graph: Graph, wanted: int, given: Iterable[int] = ()) -> list[int]:
    """``wanted`` and all nodes that it is computed from, in execution order, not looking past those ``given``."""
    stop, found, waiting = set(given), {wanted}, [wanted]
    while waiting:
        index = waiting.pop()
        for source in () if index in stop else graph.inputs[index]:
            if source not in found:
                found.add(source)
                waiting.append(source)
    return sorted(found)


def known(value: Number | None) -> Number:
    """The value of a node that was computed. Raises RunError where it was not."""
    if value is None:
        raise RunError("A node was used that was not computed. Choose an output that the run computed.")
    return value


def _compute(graph: Graph, index: int, values: Sequence[Number | None]) -> Number:
    name = graph.ops[index]
    if name in LEAVES or not is_of_program(graph, index):
        what = (
            "has no value: give it one" if name in LEAVES else f"is an operation {name!r} that only its model can run"
        )
        raise RunError(f"{graph.ids[index]!r} {what}.")
    inputs = [known(values[source]) for source in graph.inputs[index]]
    try:
        return evaluate(OPS[name], inputs, dict(graph.attrs.get(index, {})))
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        shapes = " and ".join(str(list(x.shape) if isinstance(x, Tensor) else []) for x in inputs)
        raise RunError(
            f"{graph.ids[index]!r} ({name}) cannot be computed for shapes {shapes}: {str(error).splitlines()[0]}. "
            "Give inputs of the shapes they were traced with."
        ) from None
