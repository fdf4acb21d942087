"""A run as JSON that any strict parser reads.

::

    {
      "format": "explorer.run",
      "version": 1,
      "source": the program's text,
      "output": the id of the node that was differentiated,
      "upstream": the gradient that the backward pass started from,
      "nonfinite": the id of the first node whose value is not finite, or null,
      "nodes": [{"id", "op", "kind", "name", "scope", "shape", "dtype", "inputs", "line", "requires_grad",
                 "attrs", "value", "grad"}],              in execution order
      "edges": [{"source", "target", "port", "local", "contribution"}],   by target and port
      "steps": [{"phase", "node", "arrivals": [{"source", "target", "port", "before", "after"}]}]
    }

A number is a JSON number, or one of the strings "NaN", "Infinity", "-Infinity"; comparisons are true or false.
Something with a shape is nested lists; one of more than ``MOST_ELEMENTS`` is
``{"shape": [...], "norm": number, "note": why the elements are left out}``. What was not computed is null. An
arrival of a backward step adds its edge's contribution: the sum ``before`` (null where nothing had arrived)
becomes ``after``; the upstream gradient of the step is its node's ``grad``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from torch import Tensor

from explorer.export import labels
from explorer.graph import Node
from explorer.run import Number, Run, Step, local_derivative

FORMAT, VERSION = "explorer.run", 1
MOST_ELEMENTS = 10_000


def to_json(run: Run) -> dict[str, Any]:
    """The run as a dictionary that ``json.dumps(..., allow_nan=False)`` takes; see the head of this module."""
    graph = run.graph
    return {
        "format": FORMAT,
        "version": VERSION,
        "source": graph.source,
        "output": run.output,
        "upstream": plain(run.backward.upstream),
        "nonfinite": run.nonfinite,
        "nodes": [_node(run, node) for node in graph.nodes.values()],
        "edges": list(_edges(run)),
        "steps": [_step(step) for step in run.steps],
    }


def to_json_text(run: Run) -> str:
    """The same as text, one line to each node, edge and step."""
    fields = (f"{_compact(key)}: {_lines(value)}" for key, value in to_json(run).items())
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _lines(value: Any) -> str:
    records = isinstance(value, list) and value and isinstance(value[0], dict)
    return "[\n" + ",\n".join(map(_compact, value)) + "\n]" if records else _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def plain(number: Number | None) -> Any:
    """A number as JSON can hold it; see the head of this module."""
    if isinstance(number, Tensor):
        return _nested(number.tolist()) if number.numel() <= MOST_ELEMENTS else _summary(number)
    return None if number is None else _strict(number)


def _summary(tensor: Tensor) -> dict[str, Any]:
    note = f"{tensor.numel():,} elements, more than the {MOST_ELEMENTS:,} that are written out"
    return {"shape": list(tensor.shape), "norm": _strict(labels.magnitude(tensor)), "note": note}


def _nested(elements: Any) -> Any:
    return [_nested(element) for element in elements] if isinstance(elements, list) else _strict(elements)


def _strict(number: float) -> float | str:
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _node(run: Run, node: Node) -> dict[str, Any]:
    fields = {name: getattr(node, name) for name in Node.__slots__ if name != "index"}
    fields |= {"scope": list(node.scope), "shape": list(node.shape), "inputs": list(node.inputs)}
    fields["attrs"] = {key: _attr(value) for key, value in node.attrs.items() if not callable(value)}
    return fields | {"value": plain(run.values[node.index]), "grad": plain(run.grads[node.index])}


def _attr(value: Any) -> Any:
    """An argument as it is; what JSON does not know, such as a device or a type of numbers, by its name."""
    if isinstance(value, list | tuple):
        return [_attr(part) for part in value]
    if isinstance(value, float):
        return _strict(value)
    return value if value is None or isinstance(value, str | int) else str(value)


def _edges(run: Run) -> Iterator[dict[str, Any]]:
    graph = run.graph
    for number, edge in enumerate(graph.edges):
        yield {
            "source": edge.source,
            "target": edge.target,
            "port": edge.port,
            "local": plain(local_derivative(graph, run.values, graph.index[edge.target], edge.port)),
            "contribution": plain(run.contributions[number]),
        }


def _step(step: Step) -> dict[str, Any]:
    arrivals = [
        {
            "source": arrival.edge.source,
            "target": arrival.edge.target,
            "port": arrival.edge.port,
            "before": plain(arrival.before),
            "after": plain(arrival.after),
        }
        for arrival in step.arrivals
    ]
    return {"phase": step.phase, "node": step.node, "arrivals": arrivals}
