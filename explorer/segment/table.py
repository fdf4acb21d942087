"""A division as text for a terminal, and as plain data for a program."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from explorer.segment.api import Segments
from explorer.segment.cut import Segmentation
from explorer.segment.parity import Parity
from explorer.segment.wording import size, time

_HEAD = ("segment", "holds", "parameters", "weights", "MFLOP", "activations", "cache/token", "device", "time")


def holds(of: Segmentation, segment: int) -> str:
    """The modules that are in a segment as a whole, in short: ``wte, wpe, h.0`` or ``h.1 to h.4``; where the graph has
    none, its operations.
    """
    graph = of.graph
    inside, outside = dict[tuple[str, ...], None](), set[tuple[str, ...]]()
    for node, scope in enumerate(graph.scopes):
        if of.units.unit[node] >= 0:
            paths = [scope[:depth] for depth in range(1, len(scope) + 1) if scope[:depth] in graph.modules]
            outside.update(paths if of.of[node] != segment else [])
            inside |= dict.fromkeys(paths if of.of[node] == segment else [])
    whole = [path for path in inside if path not in outside]
    names = [".".join(path) for path in whole if not any(path[:depth] in whole for depth in range(1, len(path)))]
    if not names:
        parts = [".".join(path) for path in inside if len(path) == max(map(len, inside))]
        if parts:
            return f"part of {parts[0]}"
        names = [
            graph.ids[members[0]] for members, at in zip(of.units.members, of.of_units, strict=True) if at == segment
        ]
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} to {names[-1]}"


def text(seg: Segments) -> str:
    """One line a segment, one a link, and why it was cut there."""
    rows = [_HEAD, *(_row(seg, number) for number in range(len(seg.segments)))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for cut, bytes in enumerate(seg.preview.links):
        one, two = seg.segments[cut].name, seg.segments[cut + 1].name
        lines.append(f"{one} to {two}: {size(bytes)} over {seg.links[cut].name}, {time(seg.timing.send[cut])}")
    if seg.plan is not None:
        lines += [f"{seg.plan.label}: {seg.plan.why}", *seg.plan.cuts]
    lines += [f"{one.name} ({one.size}) is {one.way}: {one.why}." for one in seg.integers]
    if seg.costs.note:
        lines.append(seg.costs.note)
    return "\n".join(lines) + "\n"


def data(seg: Segments) -> dict[str, Any]:
    """The same as numbers, in bytes, operations and seconds, that JSON can hold."""
    found: dict[str, Any] = {
        "segments": [_data(seg, number) for number in range(len(seg.segments))],
        "links": [
            {"link": seg.links[cut].name, "bytes": bytes, "seconds": seg.timing.send[cut]}
            for cut, bytes in enumerate(seg.preview.links)
        ],
        "crossings": [
            {
                "node": seg.run.graph.ids[one.node],
                "from": one.source,
                "to": list(one.targets),
                "bytes": one.bytes,
                "way": one.way,
            }
            for one in seg.crossings
        ],
        "integers": [
            {
                "name": one.name,
                "size": one.size,
                "way": one.way,
                "read": [{"segment": k, "tensor": read.tensor, "axis": read.axis} for k, read in one.read.items()],
            }
            for one in seg.integers
        ],
        "bottleneck": seg.timing.bottleneck,
        "latency": seg.timing.latency,
        "joules": seg.joules,
    }
    if seg.plan is not None:
        found["plan"] = {name: getattr(seg.plan, name) for name in ("objective", "value", "label", "why", "cuts")}
    return found


def parity_data(proof: Parity) -> dict[str, Any]:
    """A proof as plain data."""
    found = {part.name: getattr(proof, part.name) for part in fields(proof)}
    return found | {"shapes": [list(shape) for shape in proof.shapes], "bit_equal": proof.bit_equal}


def _row(seg: Segments, number: int) -> tuple[str, ...]:
    one, memory = seg.segments[number], seg.segments[number].content.memory
    return (
        one.name,
        holds(seg.segmentation, number),
        f"{one.parameters:,}",
        size(one.bytes),
        f"{one.flops / 1e6:,.3g}",
        size(memory.inference),
        size(one.content.cache),
        one.device.name,
        time(seg.timing.compute[number]),
    )


def _data(seg: Segments, number: int) -> dict[str, Any]:
    one = seg.segments[number]
    return {
        "name": one.name,
        "holds": holds(seg.segmentation, number),
        "operations": [seg.run.graph.ids[n] for n in seg.segmentation.members[number] if seg.run.graph.kind(n) == "op"],
        "parameters": one.parameters,
        "bytes": one.bytes,
        "flops": one.flops,
        "peak_memory": one.peak_memory,
        "training_memory": one.training_memory,
        "cache_per_token": one.content.cache,
        "inputs": [{"node": n.id, "shape": list(n.shape), "dtype": n.dtype} for n in one.inputs],
        "outputs": [{"node": n.id, "shape": list(n.shape), "dtype": n.dtype} for n in one.outputs],
        "device": one.device.name,
        "seconds": seg.timing.compute[number],
    }
