"""A run as lines of plain text in aligned columns, for terminals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor

from explorer.export import labels
from explorer.passes.failure import failure
from explorer.run import Arrival, Number, Run, Step

_SMALL = 4
"""A tensor of at most this many elements is written out."""


def to_table(run: Run) -> str:
    """One line a node: id, operation, inputs, value, gradient and source line; below it what was differentiated."""
    rows = [("id", "op", "inputs", "value", "gradient", "line")]
    for node in run.graph.nodes.values():
        value, gradient = run.values[node.index], run.grads[node.index]
        shown = figure(value, "not computed"), figure(gradient, "no gradient")
        rows.append((node.id, node.op, ", ".join(node.inputs), *shown, str(node.line or "")))
    return "\n".join([*columns(rows, right=(3, 4, 5)), "", *_notes(run)]) + "\n"


def to_steps(run: Run) -> str:
    """The steps in order; a backward step has a line for each contribution: upstream × local, and the sum so far."""
    rows: list[tuple[str, ...]] = [("step", "pass", "from", "to", "what happens", "sum so far")]
    for step in run.steps:
        rows.extend(_forward(run, step) if step.phase == "forward" else _backward(run, step))
    return "\n".join([*columns(rows), "", *_notes(run)]) + "\n"


def figure(number: Number | None, instead: str) -> str:
    """A number, a small tensor written out, a larger one by shape and norm; ``instead`` where there is none."""
    if number is None:
        return instead
    if not isinstance(number, Tensor):
        return labels.figure(number)
    if number.numel() <= _SMALL:
        return _listed(number.tolist())
    return f"{list(number.shape)} norm {labels.figure(number)}"


def columns(rows: Sequence[tuple[str, ...]], right: Sequence[int] = ()) -> Iterator[str]:
    """Rows with every column as wide as its widest cell; the columns in ``right`` end together."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _listed(numbers: object) -> str:
    if isinstance(numbers, list):
        return f"[{', '.join(map(_listed, numbers))}]"
    assert isinstance(numbers, float | int)
    return labels.figure(numbers)


def _forward(run: Run, step: Step) -> Iterator[tuple[str, ...]]:
    node = run.graph.nodes[step.node]
    value = figure(run.values[node.index], "not computed")
    what = f"{node.op}({', '.join(node.inputs)})" if node.inputs else node.kind
    yield str(step.index + 1), "forward", "", node.id, f"{what} = {value}", ""


def _backward(run: Run, step: Step) -> Iterator[tuple[str, ...]]:
    number = str(step.index + 1)
    if step.node == run.output:
        seed = figure(run.backward.upstream, "")
        yield number, "backward", "", step.node, f"upstream gradient {seed}", ""
    for arrival in step.arrivals:
        yield number, "backward", step.node, arrival.edge.source, _product(arrival), _sum(arrival)


def _product(arrival: Arrival) -> str:
    """``upstream × local = contribution``; with tensors the contribution alone says what can be said in a line."""
    contribution, upstream = figure(arrival.contribution, ""), arrival.upstream
    local = None if isinstance(arrival.contribution, Tensor) else arrival.local  # between tensors a Jacobian
    if upstream is None or local is None or Tensor in map(type, (upstream, local)):
        return f"contribution {contribution}"
    return f"{labels.figure(upstream)} × {labels.figure(local)} = {contribution}"


def _sum(arrival: Arrival) -> str:
    after = figure(arrival.after, "")
    if arrival.before is None or isinstance(arrival.after, Tensor):
        return after
    return f"{labels.figure(arrival.before)} {labels.signed(arrival.contribution)} = {after}"


def _notes(run: Run) -> Iterator[str]:
    seed, ended = run.backward.upstream, failure(run)
    if ended is not None:
        yield f"The forward pass failed at {run.graph.ids[ended[0]]}: {ended[1].strip().splitlines()[0]}"
    elif isinstance(seed, Tensor) and seed.ndim and bool((seed == 1).all()):
        yield f"{run.output} has the shape {list(seed.shape)}; its upstream gradient is all ones."
    else:
        yield f"Gradients of {run.output}, from the upstream gradient {figure(seed, '')}."
    if run.nonfinite is not None:
        yield f"The first value that is not a finite number arose at {run.nonfinite}."
