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
      "groups": [{"key", "name", "kind", "parent", "open", "nodes"}],   module calls and loop turns, outer ones first
      "overlay": {"key", "title", "unit", "values", "groups", "legend"} or null,
      "steps": [{"phase", "node", "arrivals": [{"source", "target", "port", "before", "after"}]}]
    }

``open`` says whether a group is shown open, ``nodes`` are all inside. Of an overlay ``values`` has numbers or words
by node, ``groups`` by closed group, and ``legend`` the classes with their colours.

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
from explorer.export.shown import Coloured, Opened, painted, seen_of
from explorer.graph import Graph, Node
from explorer.overlays import Painted
from explorer.overlays.overlay import Datum
from explorer.passes.condense import Condensed
from explorer.run import Number, Run, Step, local_derivative

FORMAT, VERSION = "explorer.run", 1
MOST_ELEMENTS = 10_000


def to_json(run: Run, *, opened: Opened = None, overlay: Coloured = None) -> dict[str, Any]:
    """The run as a dictionary that ``json.dumps(..., allow_nan=False)`` takes; see the head of this module.

    ``opened`` and ``overlay`` are as for ``to_svg``.
    """
    graph, seen = run.graph, seen_of(run, opened)
    colors = painted(run, seen, overlay)
    return {
        "format": FORMAT,
        "version": VERSION,
        "source": graph.source,
        "output": run.output,
        "upstream": plain(run.backward.upstream),
        "nonfinite": run.nonfinite,
        "nodes": [_node(run, node) for node in graph.nodes.values()],
        "edges": list(_edges(run)),
        "groups": [] if seen is None else list(_groups(seen)),
        "overlay": None if colors is None else _overlay(graph, seen, colors),
        "steps": [_step(step) for step in run.steps],
    }


def to_json_text(run: Run, *, opened: Opened = None, overlay: Coloured = None) -> str:
    """The same as text, one line to each node, edge and step."""
    data = to_json(run, opened=opened, overlay=overlay)
    fields = (f"{_compact(key)}: {_lines(value)}" for key, value in data.items())
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


def _groups(seen: Condensed) -> Iterator[dict[str, Any]]:
    groups = seen.groups
    opened = {key for scope in seen.run.graph.scopes for key in scope}
    for key, group in groups.by_key.items():
        yield {
            "key": key,
            "name": group.name,
            "kind": group.kind,
            "parent": group.parent,
            "open": key in opened,
            "nodes": [groups.graph.ids[member] for member in group.members],
        }


def _overlay(graph: Graph, seen: Condensed | None, colors: Painted) -> dict[str, Any]:
    overlay, closed = colors.overlay, {} if seen is None else seen.group_of
    return {
        "key": overlay.key,
        "title": overlay.title,
        "unit": overlay.unit,
        "values": dict(zip(graph.ids, map(_datum, overlay.data), strict=True)),
        "groups": {key: _datum(colors.data[place]) for place, key in closed.items()},
        "legend": [{"label": e.label, "mark": e.mark, "light": e.light, "dark": e.dark} for e in colors.entries],
    }


def _datum(datum: Datum) -> Any:
    return _strict(datum) if isinstance(datum, float) else datum


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
