"""The same graph for a batch or a length of another size, without computing it: what a plan costs there.

torch runs the exported program on tensors that have shapes and no contents, so no number is needed and none is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.export import ExportedProgram
from torch.utils._pytree import tree_flatten, tree_unflatten

from explorer.errors import ExplorerError, SegmentError
from explorer.graph import Graph
from explorer.segment.traced import Traced, user_inputs
from explorer.segment.units import units

_NAMES = ("batch", "length")


@dataclass(frozen=True, slots=True)
class Size:
    """A size that a program leaves free: what it was in the sample, and from where to where it may go.

    The first dimension of the first input that leaves one free is the ``batch``, its second the ``length``; others
    are called by their input and dimension. ``most`` is None where there is no limit.
    """

    name: str
    traced: int
    least: int
    most: int | None


def free_sizes(run: Traced) -> list[Size]:
    """The sizes that can be other ones. Raises SegmentError for a run that was not exported."""
    program = _program(run)
    found = {}
    for symbol, (name, traced) in symbols(run).items():
        allowed = program.range_constraints.get(symbol)
        least = max(1, int(allowed.lower)) if allowed is not None else 1
        has_limit = allowed is not None and isinstance(allowed.upper, sympy.Integer)
        found[symbol] = Size(name, traced, least, int(allowed.upper) if has_limit else None)
    return list(found.values())


def resized(run: Traced, sizes: Mapping[str, int]) -> Graph:
    """The model's graph, node for node as in the run, with some of the free sizes set; the others stay as they were.

    What a trace puts behind the model, its loss, is left out: it may not fit other sizes. Raises SegmentError for a
    size that is not free, or beyond what the program allows.
    """
    program, known = _program(run), {size.name: size for size in free_sizes(run)}
    for name, value in sizes.items():
        _check(known, name, value)
    if all(known[name].traced == value for name, value in sizes.items()):
        return without_loss(run.graph)
    wanted = {symbol: sizes.get(name, traced) for symbol, (name, traced) in symbols(run).items()}
    flat, spec = _sample(program)
    samples = _placeholders(program)
    assert run.exported is not None
    try:
        with FakeTensorMode(allow_non_fake_inputs=True):
            made = [_empty(x, sample, wanted) for x, sample in zip(flat, samples, strict=True)]
            args, kwargs = tree_unflatten(made, spec)
            graph = without_loss(run.exported.run(tuple(args), kwargs).graph)
    except (ExplorerError, RuntimeError, NotImplementedError) as error:
        raise SegmentError(f"The model cannot be planned at {_said(sizes)}: {error}") from error
    as_traced = without_loss(run.graph)
    if list(graph.ops) != list(as_traced.ops) or list(graph.inputs) != list(as_traced.inputs):
        raise SegmentError(f"The model takes another way at {_said(sizes)}. Trace it with inputs of that size.")
    return graph


def without_loss(graph: Graph) -> Graph:
    """The nodes ahead of the loss, which are the model's; a parameter that nothing reads comes behind it."""
    loss = units(graph).loss
    if not loss:
        return graph
    end = min(loss)
    return Graph(
        graph.ops[:end],
        graph.inputs[:end],
        graph.names[:end],
        graph.lines[:end],
        graph.scopes[:end],
        graph.shapes[:end],
        graph.dtypes[:end],
        graph.requires_grad[:end],
        tuple(node for node in graph.outputs if node < end),
        {node: graph.attrs[node] for node in range(end) if node in graph.attrs},
        modules=graph.modules,
    )


def _program(run: Traced) -> ExportedProgram:
    if run.exported is None:
        raise SegmentError("Only an exported graph has sizes that can change. Trace the model with mode='export'.")
    return run.exported.program


def _sample(program: ExportedProgram) -> tuple[list[Any], Any]:
    if program.example_inputs is None:
        raise SegmentError("The inputs that the model was captured with are not there any more.")
    args, kwargs = program.example_inputs
    order = program.call_spec.in_spec.child(1).context or []
    return tree_flatten((tuple(args), {name: kwargs[name] for name in order}))


def _placeholders(program: ExportedProgram) -> list[Any]:
    nodes = {node.name: node for node in program.graph.find_nodes(op="placeholder")}
    return [nodes[name].meta.get("val") for name in user_inputs(program)]


def symbols(run: Traced) -> dict[Any, tuple[str, int]]:
    """Per symbol what it is called, and how long it was in the run; torch may have captured with another sample."""
    program, graph = _program(run), run.graph
    shapes = {graph.names[node]: graph.shapes[node] for node, op in enumerate(graph.ops) if op == "input"}
    found: dict[Any, tuple[str, int]] = {}
    first = ""
    for name, x, sample in zip(user_inputs(program), _sample(program)[0], _placeholders(program), strict=True):
        for axis, size in enumerate(sample.shape) if isinstance(sample, Tensor) else ():
            if isinstance(size, torch.SymInt) and size.node.expr.is_symbol and size.node.expr not in found:
                first = first or name
                usual = name == first and axis < len(_NAMES)
                length = shapes.get(name, tuple(x.shape))[axis]
                found[size.node.expr] = (_NAMES[axis] if usual else f"{name} {axis}", int(length))
    return found


def _empty(x: Any, sample: Any, wanted: Mapping[Any, int]) -> Any:
    if not isinstance(sample, Tensor):
        return x
    shape: Sequence[int] = [
        int(size.node.expr.subs(wanted)) if isinstance(size, torch.SymInt) else size for size in sample.shape
    ]
    return torch.empty(shape, dtype=x.dtype, device=x.device)


def _check(known: Mapping[str, Size], name: str, value: int) -> None:
    if name not in known:
        free = ", ".join(known) or "none"
        raise SegmentError(f"The exported graph leaves no size called {name!r} free. Free are: {free}.")
    size = known[name]
    if value == size.traced:
        return
    if value < size.least or (size.most is not None and value > size.most):
        most = "any larger one" if size.most is None else f"{size.most:,}"
        raise SegmentError(f"A {name} of {value:,} is not possible: the model takes {size.least:,} to {most}.")


def _said(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in sizes.items())
