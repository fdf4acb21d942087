"""The one contract between Python and the browser: a run with its drawing, as one blob of bytes.

    b"XPLR" · uint32 version · uint32 length of the header · the header, as JSON · zeros to a multiple of 8
    then the columns, little-endian, each padded to a multiple of 8 bytes

The header holds what is text or a single number, and under ``columns`` one row ``[group, name, type, count]`` per
column, in order; ``canvas/frontend/wire.js`` reads it and ``types.js`` describes every field. Numbers of tensors
are their norms, except where a thumbnail or ``nodes.text`` shows the entries.

Moments are what one press of a key shows. Forward: one per node. Backward: the seed at the output, then one per
contribution that arrives; in forward mode the seed at the chosen input, then one per contribution to a tangent,
and one per closed group that moves.

Closed groups are nodes of a kind of their own. ``edges.value`` says which value an edge carries: that of its source,
or, from ``nodes.count`` on, one of ``hidden``, which are what closed groups hand on beside their results.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.canvas.explained import explained
from explorer.canvas.grouped import depths, fingerprint, grouped, hidden, shape_text
from explorer.errors import CanvasError
from explorer.layout import Box, Placement
from explorer.ops.explain import GROUP
from explorer.ops.typeset import number
from explorer.passes.condense import Condensed
from explorer.passes.thumbnail import CELLS, thumbnail
from explorer.run import Number, Run, Tangents, local_derivative

VERSION = 2
MAGIC = b"XPLR"

KINDS = {"op": 0, "input": 1, "parameter": 2, "buffer": 3, "constant": 4, GROUP: 5}
SCALAR, VALUE_NOT_FINITE, GRAD, REQUIRES_GRAD, EDITABLE, OUTPUT, GRAD_NOT_FINITE, BOOLEAN = (1 << i for i in range(8))
CONTRIBUTION, LOCAL, NOT_FINITE = 1, 2, 4
FORWARD, BACKWARD, TANGENT = 1, 2, 3

WRITTEN_OUT = 16
"""A tensor of at most so many entries travels as text too."""

Columns = dict[str, dict[str, NDArray[Any]]]


class Moment(NamedTuple):
    """One row of the moments: see the module's text. ``before`` is NaN where nothing had arrived."""

    phase: int
    node: int
    edge: int
    before: float
    after: float


class Pass(NamedTuple):
    """The numbers of reverse or forward mode, by node, by edge number, and the nodes in order of work."""

    grads: Sequence[Number | None]
    contributions: Sequence[Number | None]
    order: Sequence[int]


@dataclass(frozen=True)
class _Drawn:
    """What is drawn: a run, or one with groups closed, and the numbers of its second pass.

    ``whole`` is the run itself, and ``shows`` says which of its nodes stands behind each drawn one.
    """

    run: Run
    whole: Run
    shows: Sequence[int]
    passed: Pass
    tangents: Tangents | None

    def is_group(self, index: int) -> bool:
        return self.run.graph.ops[index] == GROUP


def encode(
    run: Run,
    placement: Placement,
    boxes: Sequence[Box],
    *,
    rev: int,
    title: str,
    tangents: Tangents | None = None,
    seen: Condensed | None = None,
) -> bytes:
    """The blob for ``run`` drawn at ``placement`` with cards of ``boxes``; with ``tangents`` in forward mode.

    With ``seen``, its graph is what is placed and drawn: the run with some groups closed. ``rev`` must differ between
    blobs that are shown one after the other: the browser answers by it.
    """
    drawn = _drawn(run, tangents, seen)
    graph, symbols = drawn.run.graph, [run.graph.symbol(index) for index in drawn.shows]
    ops, places = explained(graph)
    groups, group_of = grouped(seen, placement)
    thumbs: list[Tensor] = []
    texts: dict[int, str] = {}
    nodes = {"op": np.array(places, np.uint16), "group": group_of} | _nodes(drawn, thumbs, texts)
    columns: Columns = {
        "nodes": nodes | _places(placement, boxes),
        "edges": _edges(drawn) | _routes(placement),
        "moments": _moments(drawn),
        "thumbs": _thumbs(thumbs),
    }
    node_of = range(len(graph)) if seen is None else seen.node_of
    header = {
        "rev": rev,
        "title": title,
        "program": fingerprint(run),
        "mode": "reverse" if tangents is None else "forward",
        "orientation": placement.direction,
        "output": drawn.run.backward.output,
        "wrt": -1 if tangents is None else node_of[run.graph.index[tangents.wrt]],
        "firstNonfinite": -1 if run.nonfinite is None else node_of[run.graph.index[run.nonfinite]],
        "width": float(placement.width),
        "height": float(placement.height),
        "nodes": {
            "count": len(graph),
            "id": graph.ids,
            "name": symbols,
            "shape": [shape_text(shape) for shape in graph.shapes],
            "text": texts,
        },
        "edges": {"count": graph.edge_starts[-1]},
        "moments": {"count": len(columns["moments"]["phase"]), "forward": _forward_count(drawn.run)},
        "thumbs": {},
        "ops": ops,
        "groups": groups,
        "hidden": hidden(run, seen),
        "depth": depths(seen),
    }
    return _pack(header, columns)


def decode(blob: bytes) -> dict[str, Any]:
    """What the browser reads from a blob: the header, its columns put into their groups as arrays.

    Raises CanvasError where ``blob`` is none of ours or of another version.
    """
    if blob[:4] != MAGIC:
        raise CanvasError("This is not a trace for the canvas: it does not begin with XPLR.")
    version, length = struct.unpack_from("<II", blob, 4)
    if version != VERSION:
        raise CanvasError(f"The trace is of version {version}, this package reads {VERSION}: encode it again.")
    trace: dict[str, Any] = {"version": version, **json.loads(blob[12 : 12 + length])}
    offset = _padded(12 + length)
    for group, name, dtype, count in trace.pop("columns"):
        column = np.frombuffer(blob, np.dtype(f"<{dtype}"), count, offset)
        trace[group][name] = column
        offset = _padded(offset + column.nbytes)
    return trace


def _pack(header: dict[str, Any], columns: Columns) -> bytes:
    rows = [(group, name, column) for group, named in columns.items() for name, column in named.items()]
    listed = [[group, name, column.dtype.str[1:], len(column)] for group, name, column in rows]
    text = json.dumps(header | {"columns": listed}, separators=(",", ":")).encode()
    start = MAGIC + struct.pack("<II", VERSION, len(text)) + text
    return b"".join(map(_filled, [start, *(column.tobytes() for _, _, column in rows)]))


def _padded(length: int) -> int:
    return -(-length // 8) * 8


def _filled(part: bytes) -> bytes:
    return part.ljust(_padded(len(part)), b"\0")


def _pass(run: Run, tangents: Tangents | None) -> Pass:
    if tangents is not None:
        return Pass(tangents.tangents, tangents.contributions, tangents.order)
    return Pass(run.grads, run.contributions, run.backward.order)


def _nodes(run: Run, passed: Pass, thumbs: list[Tensor], texts: dict[int, str]) -> dict[str, Any]:
    """Also adds to ``thumbs`` and ``texts`` what the nodes' tensors look like."""
    graph = run.graph
    for index, value in enumerate(run.values):
        if isinstance(value, Tensor) and value.ndim and value.numel() <= WRITTEN_OUT:
            texts[index] = _written(value.tolist())
    return {
        "kind": np.array([KINDS[graph.kind(i)] for i in range(len(graph))], np.uint8),
        "line": np.array(graph.lines, np.uint32),
        "flags": np.array([_node_flags(run, passed, i) for i in range(len(graph))], np.uint16),
        "value": _sizes(run.values),
        "grad": _sizes(passed.grads),
        "thumb": _pictured(run.values, thumbs),
        "gradThumb": _pictured(passed.grads, thumbs),
    }


def _node_flags(run: Run, passed: Pass, index: int) -> int:
    grad, graph = passed.grads[index], run.graph
    is_scalar = not graph.shapes[index]
    return (
        SCALAR * is_scalar
        | VALUE_NOT_FINITE * run.is_broken(index)
        | GRAD * (grad is not None)
        | REQUIRES_GRAD * graph.requires_grad[index]
        | EDITABLE * (is_scalar and graph.ops[index] == "input")
        | OUTPUT * (index == run.backward.output)
        | GRAD_NOT_FINITE * (grad is not None and not _finite(grad))
        | BOOLEAN * (graph.dtypes[index] == "bool")
    )


def _places(placement: Placement, boxes: Sequence[Box]) -> dict[str, Any]:
    return {
        "x": np.asarray(placement.x, np.float32),
        "y": np.asarray(placement.y, np.float32),
        "w": np.array([box.width for box in boxes], np.float32),
        "h": np.array([box.height for box in boxes], np.float32),
    }


def _edges(run: Run, passed: Pass) -> dict[str, Any]:
    slots = [(s, target, port) for target, ports in enumerate(run.graph.inputs) for port, s in enumerate(ports)]
    sources, targets, ports = zip(*slots, strict=True) if slots else ((), (), ())
    locals_ = [_local(run, *slot) for slot in slots]
    flags = [_edge_flags(part, local) for part, local in zip(passed.contributions, locals_, strict=True)]
    return {
        "source": np.array(sources, np.uint32),
        "target": np.array(targets, np.uint32),
        "port": np.array(ports, np.uint16),
        "flags": np.array(flags, np.uint8),
        "local": _sizes(locals_),
        "contribution": _sizes(passed.contributions),
    }


def _edge_flags(contribution: Number | None, local: float | None) -> int:
    return (
        CONTRIBUTION * (contribution is not None)
        | LOCAL * (local is not None)
        | NOT_FINITE * (contribution is not None and not _finite(contribution))
    )


def _local(run: Run, source: int, target: int, port: int) -> float | None:
    """d target / d source through ``port``, between single numbers only."""
    if isinstance(run.values[source], Tensor) or isinstance(run.values[target], Tensor):
        return None
    local = local_derivative(run.graph, run.values, target, port)
    return None if local is None else float(local)


def _routes(placement: Placement) -> dict[str, Any]:
    return {
        "starts": np.asarray(placement.starts, np.uint32),
        "points": np.asarray(placement.points, np.float32).reshape(-1),
        "chips": np.asarray(placement.chips, np.float32).reshape(-1),
    }


def _forward_count(run: Run) -> int:
    return sum(value is not None for value in run.values)


def _moments(run: Run, passed: Pass, is_forward_mode: bool) -> dict[str, Any]:
    forward = [Moment(FORWARD, i, -1, math.nan, _size(v)) for i, v in enumerate(run.values) if v is not None]
    second = _tangent_moments(run, passed) if is_forward_mode else _backward_moments(run, passed)
    rows = list(chain(forward, second))
    phase, node, edge, before, after = zip(*rows, strict=True) if rows else ((),) * 5
    return {
        "phase": np.array(phase, np.uint8),
        "node": np.array(node, np.uint32),
        "edge": np.array(edge, np.int32),
        "before": np.array(before, np.float64),
        "after": np.array(after, np.float64),
    }


def _backward_moments(run: Run, passed: Pass) -> Iterator[Moment]:
    """A gradient's sum grows in the order in which the pass added it up."""
    totals: dict[int, Number] = {}
    for index in passed.order[:1]:
        yield _seed(BACKWARD, index, passed)
    for index in passed.order:
        for edge, source in enumerate(run.graph.inputs[index], run.graph.edge_starts[index]):
            yield from _arrival(Moment(BACKWARD, index, edge, 0, 0), source, passed, totals)


def _tangent_moments(run: Run, passed: Pass) -> Iterator[Moment]:
    totals: dict[int, Number] = {}
    for index in passed.order[:1]:
        yield _seed(TANGENT, index, passed)
    for index in passed.order[1:]:
        for edge in range(run.graph.edge_starts[index], run.graph.edge_starts[index + 1]):
            yield from _arrival(Moment(TANGENT, index, edge, 0, 0), index, passed, totals)


def _seed(phase: int, index: int, passed: Pass) -> Moment:
    return Moment(phase, index, -1, math.nan, _size(passed.grads[index]))


def _arrival(moment: Moment, receiver: int, passed: Pass, totals: dict[int, Number]) -> Iterator[Moment]:
    """The moment with its sums, where anything flows along its edge at all."""
    part = passed.contributions[moment.edge]
    if part is None:
        return
    before = totals.get(receiver)
    totals[receiver] = part if before is None else before + part
    yield moment._replace(before=_size(before), after=_size(totals[receiver]))


def _thumbs(thumbs: list[Tensor]) -> dict[str, Any]:
    cells = np.zeros((len(thumbs), CELLS * CELLS), np.float32)
    for row, thumb in zip(cells, thumbs, strict=True):
        row[: thumb.numel()] = thumb.flatten().numpy()
    return {
        "rows": np.array([thumb.shape[0] for thumb in thumbs], np.uint8),
        "cols": np.array([thumb.shape[1] for thumb in thumbs], np.uint8),
        "cells": cells.reshape(-1),
    }


def _pictured(numbers: Sequence[Number | None], thumbs: list[Tensor]) -> NDArray[np.int32]:
    """Per node the place of its tensor's picture in ``thumbs``, to which it is added; -1 without one."""
    places = np.full(len(numbers), -1, np.int32)
    for index, given in enumerate(numbers):
        if isinstance(given, Tensor) and given.ndim:
            places[index] = len(thumbs)
            thumbs.append(thumbnail(given))
    return places


def _sizes(numbers: Sequence[Number | None]) -> NDArray[np.float64]:
    return np.array([_size(given) for given in numbers], np.float64)


def _size(given: Number | None) -> float:
    """A number itself, a tensor's norm, NaN for nothing."""
    if given is None:
        return math.nan
    if isinstance(given, Tensor) and given.ndim:
        return float(torch.linalg.vector_norm(given.double()))
    return float(given)


def _finite(given: Number) -> bool:
    return bool(given.isfinite().all()) if isinstance(given, Tensor) else math.isfinite(given)


def _written(entries: Any) -> str:
    if isinstance(entries, list):
        return f"[{', '.join(map(_written, entries))}]"
    return str(entries).lower() if isinstance(entries, bool) else number(entries)
