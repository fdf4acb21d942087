"""What one trace took, and the Run that it becomes when somebody looks at it.

Taking is paid by everyone, so it is kept lean; laying out the graph and sorting the numbers into it wait until
the first question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor, nn

from explorer.capture.assemble import Assembly
from explorer.capture.attributes import Attributes
from explorer.capture.held import Held
from explorer.capture.match import matched
from explorer.capture.members import Members, tensors_in
from explorer.capture.overwrites import Overwrites
from explorer.capture.pull import Pulled
from explorer.capture.record import Records
from explorer.capture.replay import Recorded
from explorer.capture.ties import Ties
from explorer.errors import RunError
from explorer.graph import Graph
from explorer.run import Backward, Run, Tangents


@dataclass(slots=True)
class Trace:
    """A recorded forward, and the backward pass if there was one.

    ``loss`` is None, and ``failed`` what was raised, where the forward did not get there; ``how`` says in words
    which loss it was. ``composite`` operations are several to autograd. ``exported`` is the captured model that was
    executed, if it was one. ``draws`` is the state of torch's generator that the forward began with.
    """

    held: Members
    inputs: Sequence[tuple[str, Tensor]]
    recorded: Records
    overwrites: Overwrites
    output: Any = None
    loss: Tensor | None = None
    how: str = ""
    failed: str = ""
    composite: bool = False
    exported: Any = None
    pulled: Pulled | None = None
    draws: Tensor | None = None

    @property
    def records(self) -> Sequence[Any]:
        """Every ATen operation of the forward."""
        return self.recorded.all()


class ModuleRun(Recorded):
    """The run of a model, with ``outputs`` as the model returned them, the ``loss`` and ``notes`` in words.

    Parameters are found by their qualified names, tied ones by each of theirs. ``exported`` is the captured model
    behind a run of its graph, else None.
    """

    def __init__(self, trace: Trace, notes: Sequence[str]) -> None:
        self._trace = trace
        self.outputs, self.loss, self.notes = trace.output, trace.how, tuple(notes)
        self.exported, self.draws = trace.exported, trace.draws

    @cached_property
    def graph(self) -> Graph:  # type: ignore[override]
        """Every operation that was executed, in order, with the leaves that they read."""
        assembly, outputs = self._laid_out
        ops, inputs, names, lines, scopes, shapes, dtypes, wanted = zip(*assembly.rows, strict=True)
        attributes = Attributes(assembly, self._trace.records, self._names[1])
        modules = dict(_modules(self._trace))
        return Graph(ops, inputs, names, lines, scopes, shapes, dtypes, wanted, outputs, attributes, modules=modules)

    @property
    def origins(self) -> Sequence[int]:
        """Per node the place of its operation among all that were executed, -1 for what is none or follows one."""
        return self._laid_out[0].origins

    @property
    def traced_backward(self) -> tuple[Tensor | None, Pulled | None, Ties]:
        """The loss, torch's backward pass from it, and which node each autograd node belongs to."""
        assert self.backward is not None  # sorting the pass into the graph also learns whose the last nodes are
        return self._trace.loss, self._trace.pulled, self._laid_out[0].ties

    @cached_property
    def values(self) -> Sequence[Tensor | None]:  # type: ignore[override]
        assembly, _ = self._laid_out
        return Held(assembly.held, assembly.times, self._trace.overwrites)

    @cached_property
    def backward(self) -> Backward:  # type: ignore[override]
        graph, loss, pulled = self.graph, self._trace.loss, self._trace.pulled
        if loss is None or pulled is None:
            nothing = [None] * graph.edge_starts[-1]
            return Backward(graph.outputs[-1], 1.0, [None] * len(graph), nothing, [])
        return matched(graph, self._laid_out[0].ties, graph.outputs[-1], loss, pulled, self._trace.composite)

    def value(self, key: str | int) -> Tensor | None:
        return super().value(self._first_name(key))

    def grad(self, key: str | int) -> Tensor | None:
        return super().grad(self._first_name(key))

    def differentiate(self, output: str | int, upstream: object = None) -> Run:
        raise RunError(
            "A model's run is differentiated from its loss alone: torch has let go of the rest. "
            "Trace the model again with a loss that picks this output."
        )

    def tangents(self, wrt: str | int, tangent: object = None) -> Tangents:
        return super().tangents(self._first_name(wrt), tangent)

    def _first_name(self, key: str | int) -> str | int:
        for first, names in self._names[1].items():
            if key in names:
                return first
        return key

    @cached_property
    def _names(self) -> tuple[Mapping[int, tuple[str, str]], Mapping[str, Sequence[str]]]:
        """Kind and first name of every known tensor by its id; the further names by the first."""
        known: dict[int, tuple[str, str]] = {}
        also: dict[str, list[str]] = {}
        held = self._trace.held
        for kind, named in (("parameter", held.parameters), ("buffer", held.buffers), ("input", self._trace.inputs)):
            for name, tensor in named:
                first = known.setdefault(id(tensor), (kind, name))[1]
                if first != name:
                    also.setdefault(first, []).append(name)
        return known, also

    @cached_property
    def _laid_out(self) -> tuple[Assembly, tuple[int, ...]]:
        """All nodes: inputs, operations with their leaves, unused parameters where the forward came to its end. The
        outputs, the loss last.
        """
        trace, assembly = self._trace, Assembly(self._names[0], self._trace.overwrites, self._trace.recorded.grad_fns)
        for _, tensor in trace.inputs:
            assembly.node(tensor)
        assembly.take(trace.records, trace.failed)
        outputs = [assembly.node(tensor) for _, tensor in tensors_in(trace.output, "")]
        if trace.loss is not None:
            outputs.append(assembly.node(trace.loss))
        last = len(assembly.rows) - 1
        for _, parameter in () if trace.failed else trace.held.parameters:
            if id(parameter) not in assembly.ties.leaves:
                assembly.node(parameter)
        return assembly, tuple(outputs) or (max(last, 0),)


def _modules(trace: Trace) -> Iterator[tuple[tuple[str, ...], str]]:
    """The class of the module behind every scope. A list of modules is never called, so it has none."""
    for path, module, *_ in trace.held.parts:
        if not isinstance(module, nn.ModuleList | nn.ModuleDict):
            yield path, type(module).__name__
    seen: set[int] = set()
    for record in trace.records:
        call = record[4]
        while call is not None and id(call) not in seen:
            seen.add(id(call))
            yield call.path, call.kind
            call = call.parent
