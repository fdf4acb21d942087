"""The one contract between Python and the browser: a run with its drawing, as one blob of bytes.

    b"XPLR" · uint32 version · uint32 length of the header · the header, as JSON · zeros to a multiple of 8
    then the columns, little-endian, each padded to a multiple of 8 bytes

The header holds what is text or a single number, and under ``columns`` one row ``[group, name, type, count]`` per
column, in order; ``canvas/frontend/wire.js`` reads it and ``types.js`` describes every field. Numbers of tensors
are their norms, except where a thumbnail or ``nodes.text`` shows the entries.

Closed groups are nodes of a kind of their own. ``edges.value`` says which value an edge carries: that of its source,
or, from ``nodes.count`` on, one of ``hidden``, which are what closed groups hand on beside their results.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.canvas.catalogue import catalogue
from explorer.canvas.drawn import Drawn, drawn
from explorer.canvas.explained import explained
from explorer.canvas.figures import Thumbs, is_finite, sizes, texts
from explorer.canvas.grouped import depths, fingerprint, grouped, hidden, shape_text
from explorer.canvas.moments import Update, moments
from explorer.errors import CanvasError
from explorer.layout import Box, Placement
from explorer.ops.explain import GROUP
from explorer.passes.condense import Condensed
from explorer.passes.failure import failure
from explorer.progress import tell
from explorer.run import Number, Run, Tangents

VERSION = 3
MAGIC = b"XPLR"

KINDS = {"op": 0, "input": 1, "parameter": 2, "buffer": 3, "constant": 4, GROUP: 5}
SEVERAL = "several results"
"""In place of a shape."""
SCALAR, VALUE_NOT_FINITE, GRAD, REQUIRES_GRAD, EDITABLE, OUTPUT, GRAD_NOT_FINITE, BOOLEAN = (1 << i for i in range(8))
CONTRIBUTION, LOCAL, NOT_FINITE = 1, 2, 4

ENCODING = "Drawing it"
"""What is told while a trace is packed."""
LONGEST_FAILURE = 200
"""Characters of what an operation said that raised."""

Columns = dict[str, dict[str, NDArray[Any]]]


class Section(NamedTuple):
    """What an activity adds to the trace, under a name of its own: text and numbers, and columns beside them."""

    header: Mapping[str, Any]
    columns: Mapping[str, NDArray[Any]]


def encode(
    run: Run,
    placement: Placement,
    boxes: Sequence[Box],
    *,
    rev: int,
    title: str,
    tangents: Tangents | None = None,
    seen: Condensed | None = None,
    activity: str = "step",
    sections: Mapping[str, Section] | None = None,
    updates: Sequence[Update] = (),
    editable: bool = True,
    most_depth: int | None = None,
) -> bytes:
    """The blob for ``run`` drawn at ``placement`` with cards of ``boxes``; with ``tangents`` in forward mode.

    With ``seen``, its graph is what is placed and drawn: the run with some groups closed. ``rev`` must differ between
    blobs that are shown one after the other: the browser answers by it. ``activity`` is what the user is at, and
    ``sections`` what the browser draws for it besides. ``updates`` end a step of training.
    Where the numbers of inputs are not ``editable``, the browser does not offer to change them; ``most_depth`` is how
    deep groups can be opened, where that is not as deep as they are nested.
    """
    shown, thumbs = drawn(run, tangents, seen), Thumbs()
    graph = shown.graph
    tell(0.0, ENCODING)
    ops, places = explained(graph)
    tell(0.2, ENCODING)
    groups, group_of = grouped(seen, placement)
    node_of = range(len(graph)) if seen is None else seen.node_of
    ended = failure(run)
    failed = None if ended is None else node_of[ended[0]]
    rows, passes = moments(shown, updates, failed)
    tell(0.4, ENCODING)
    listed, all_nodes = catalogue(seen)
    nodes: dict[str, NDArray[Any]] = {"op": np.array(places, np.uint16), "group": group_of}
    columns: Columns = {
        "nodes": nodes | _nodes(shown, thumbs, editable) | _places(placement, boxes),
        "edges": _edges(shown) | _routes(placement),
        "moments": rows,
        "thumbs": thumbs.columns(),
        "hidden": _hidden(run, tangents, () if seen is None else seen.hidden),
        "catalogue": all_nodes,
    }
    tell(0.8, ENCODING)
    header = {
        "rev": rev,
        "activity": activity,
        "title": title,
        "program": fingerprint(run),
        "mode": "reverse" if tangents is None else "forward",
        "orientation": placement.direction,
        "output": shown.run.backward.output,
        "objective": run.objective,
        "wrt": -1 if tangents is None else node_of[run.graph.index[tangents.wrt]],
        "firstNonfinite": -1 if run.nonfinite is None else node_of[run.graph.index[run.nonfinite]],
        "failed": -1 if failed is None else failed,
        "failure": "" if ended is None else ended[1].strip().splitlines()[0][:LONGEST_FAILURE],
        "labelled": placement.labelled,
        "width": float(placement.width),
        "height": float(placement.height),
        "nodes": {
            "count": len(graph),
            "id": graph.ids,
            "name": [run.graph.symbol(index) for index in shown.shows],
            "shape": [
                SEVERAL if shown.is_several(index) else shape_text(shape) for index, shape in enumerate(graph.shapes)
            ],
            "text": texts(shown.run.values),
        },
        "edges": {"count": graph.edge_starts[-1]},
        "moments": {"count": len(rows["phase"]), **passes._asdict()},
        "thumbs": {},
        "ops": ops,
        "groups": groups,
        "hidden": hidden(run, seen),
        "depth": depths(seen, most_depth),
        "catalogue": listed,
    }
    for name, section in (sections or {}).items():
        header[name], columns[name] = section.header, dict(section.columns)
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


def amended(blob: bytes, *, rev: int, sections: Mapping[str, Section]) -> bytes:
    """The same drawing with another ``rev``, and with these sections in the place of those of their names."""
    header = {name: part for name, part in decode(blob).items() if name not in sections and name != "version"}
    columns: Columns = {}
    for name, part in header.items():
        if isinstance(part, dict):
            columns[name] = {key: column for key, column in part.items() if isinstance(column, np.ndarray)}
            header[name] = {key: field for key, field in part.items() if key not in columns[name]}
    for name, section in sections.items():
        header[name], columns[name] = section.header, dict(section.columns)
    return _pack(header | {"rev": rev}, columns)


def amendment(*, since: int, rev: int, sections: Mapping[str, Section], known: Mapping[str, Section]) -> bytes:
    """What a browser that has the trace of ``since`` lacks of ``amended``, where ``known`` were its sections.

    Columns that are the very arrays of before are named under ``kept``, and stay there.
    """
    header: dict[str, Any] = {"rev": rev, "since": since, "kept": []}
    columns: Columns = {}
    for name, section in sections.items():
        before = known[name].columns if name in known else {}
        kept = [column for column, array in section.columns.items() if before.get(column) is array]
        header[name], columns[name] = section.header, {k: c for k, c in section.columns.items() if k not in kept}
        header["kept"] += [[name, column] for column in kept]
    return _pack(header, columns)


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


def _hidden(run: Run, tangents: Tangents | None, originals: Sequence[int]) -> dict[str, Any]:
    grads = [None if tangents is None else tangents.tangents[original] for original in originals]
    return {"value": sizes([run.values[original] for original in originals]), "grad": sizes(grads)}


def _nodes(shown: Drawn, thumbs: Thumbs, editable: bool) -> dict[str, Any]:
    """Also adds what the nodes' tensors look like to ``thumbs``."""
    graph, values, grads = shown.graph, shown.run.values, shown.passed.grads
    kinds = [KINDS[GROUP if shown.is_group(index) else graph.kind(index)] for index in range(len(graph))]
    return {
        "kind": np.array(kinds, np.uint8),
        "line": np.array(graph.lines, np.uint32),
        "flags": np.array([_node_flags(shown, index, editable) for index in range(len(graph))], np.uint16),
        "value": sizes(values),
        "grad": sizes(grads),
        "thumb": thumbs.add(values),
        "gradThumb": thumbs.add(grads),
    }


def _node_flags(shown: Drawn, index: int, editable: bool) -> int:
    grad, graph = shown.passed.grads[index], shown.graph
    is_scalar = not graph.shapes[index] and not shown.is_several(index)
    return (
        SCALAR * is_scalar
        | VALUE_NOT_FINITE * _is_broken(shown, index)
        | GRAD * (grad is not None or _comes_back_to_several(shown, index))
        | REQUIRES_GRAD * graph.requires_grad[index]
        | EDITABLE * (editable and is_scalar and graph.ops[index] == "input")
        | OUTPUT * (index == shown.run.backward.output)
        | GRAD_NOT_FINITE * (grad is not None and not is_finite(grad))
        | BOOLEAN * (graph.dtypes[index] == "bool")
    )


def _comes_back_to_several(shown: Drawn, index: int) -> bool:
    """Of several results there is no one gradient, and yet what comes back to them has a size."""
    graph = shown.graph
    slots = graph.consumers[index] if shown.is_several(index) and not shown.is_forward_mode else ()
    return any(shown.passed.contributions[graph.edge_starts[node] + port] is not None for node, port in slots)


def _is_broken(shown: Drawn, index: int) -> bool:
    value = shown.run.values[index]
    return value is not None and not is_finite(value) and shown.whole.is_broken(shown.shows[index])


def _places(placement: Placement, boxes: Sequence[Box]) -> dict[str, Any]:
    return {
        "x": np.asarray(placement.x, np.float32),
        "y": np.asarray(placement.y, np.float32),
        "w": np.array([box.width for box in boxes], np.float32),
        "h": np.array([box.height for box in boxes], np.float32),
    }


def _edges(shown: Drawn) -> dict[str, Any]:
    inputs, contributions = shown.graph.inputs, shown.passed.contributions
    slots = [(source, target, port) for target, ports in enumerate(inputs) for port, source in enumerate(ports)]
    sources, targets, ports = zip(*slots, strict=True) if slots else ((), (), ())
    locals_ = [shown.local(target, port) for _, target, port in slots]
    flags = [_edge_flags(part, local) for part, local in zip(contributions, locals_, strict=True)]
    return {
        "source": np.array(sources, np.uint32),
        "target": np.array(targets, np.uint32),
        "port": np.array(ports, np.uint16),
        "value": np.array(shown.run.carried, np.uint32),
        "flags": np.array(flags, np.uint8),
        "local": sizes(locals_),
        "contribution": sizes(contributions),
    }


def _edge_flags(contribution: Number | None, local: float | None) -> int:
    return (
        CONTRIBUTION * (contribution is not None)
        | LOCAL * (local is not None)
        | NOT_FINITE * (contribution is not None and not is_finite(contribution))
    )


def _routes(placement: Placement) -> dict[str, Any]:
    return {
        "starts": np.asarray(placement.starts, np.uint32),
        "points": np.asarray(placement.points, np.float32).reshape(-1),
        "chips": np.asarray(placement.chips, np.float32).reshape(-1),
    }
