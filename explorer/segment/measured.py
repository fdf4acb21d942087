"""Measured times of operations: read from a file, or taken on this machine.

A file has one row for each operation and device, as JSON (a list of objects) or CSV with a header:

    node,device,milliseconds,output bytes,memory
    linear_1,phone,1.25,12288,65536
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from time import perf_counter
from typing import Any

import torch

from explorer.differentiate import call_of
from explorer.errors import SegmentError
from explorer.graph import LEAVES, Graph
from explorer.recorded import is_piece
from explorer.run import Run
from explorer.segment.cost import Costs
from explorer.segment.devices import Device
from explorer.segment.sizes import value_bytes

COLUMNS = ("node", "device", "milliseconds", "output bytes", "memory")
THIS_MACHINE = "this machine"


@dataclass(frozen=True, slots=True)
class Measurement:
    """``seconds`` for the operation, bytes of its result, bytes of ``memory``; None where a file left it open."""

    seconds: float
    bytes: float | None
    memory: float | None


@dataclass(frozen=True)
class Measured:
    """Measurements by device and node index."""

    graph: Graph
    by_device: Mapping[str, Mapping[int, Measurement]]

    def seconds(self, device: str) -> list[float]:
        """Per node its time on a device; leaves take none. Raises SegmentError for a device or node without one."""
        if device not in self.by_device:
            raise SegmentError(
                f"{device!r} was not measured. The profile has {', '.join(self.by_device) or 'nothing'}."
            )
        rows, graph = self.by_device[device], self.graph
        for node, op in enumerate(graph.ops):
            if op not in LEAVES and node not in rows:
                raise SegmentError(f"{graph.ids[node]!r} was not measured on {device!r}. Every operation needs a row.")
        return [rows[node].seconds if node in rows else 0.0 for node in range(len(graph))]


def read_profile(graph: Graph, text: str) -> Measured:
    """The profile in a file's text, JSON where it begins with a bracket, else CSV.

    Raises SegmentError, naming the row, for unknown nodes, missing columns, and numbers that are none or negative.
    """
    rows = _json(text) if text.lstrip()[:1] in ("[", "{") else _csv(text)
    found: dict[str, dict[int, Measurement]] = {}
    for number, row in enumerate(rows, 1):
        node = _node(graph, row, number)
        device = str(row.get("device") or "")
        if not device:
            raise SegmentError(f"Row {number} ({row['node']!r}) has no device.")
        taken = found.setdefault(device, {})
        if node in taken:
            raise SegmentError(f"Row {number}: {row['node']!r} on {device!r} is there twice.")
        time = _number(row, "milliseconds", number)
        if time is None:
            raise SegmentError(f"Row {number} ({row['node']!r}) has no milliseconds.")
        taken[node] = Measurement(time / 1e3, _number(row, "output bytes", number), _number(row, "memory", number))
    if not found:
        raise SegmentError(f"The profile has no rows. Give the columns {', '.join(COLUMNS)}.")
    return Measured(graph, found)


def measure(run: Run, repeats: int = 3) -> Iterator[tuple[float, Measured | None]]:
    """Times every operation on this machine, on the values of the run: the fastest of some repeats, after a first one.

    Gives the share that is done after each, so that it can be shown and stopped; the last comes with what was measured.
    Raises SegmentError for a run without numbers.
    """
    graph, found = run.graph, dict[int, Measurement]()
    for node, op in enumerate(graph.ops):
        if op not in LEAVES:
            found[node] = _measured(run, node, repeats)
            yield node / len(graph), None
    yield 1.0, Measured(graph, {THIS_MACHINE: found})


def measured_here(run: Run, repeats: int = 3) -> Measured:
    """The same in one go."""
    *_, (_, found) = measure(run, repeats)
    assert found is not None
    return found


def this_machine(known: Costs, measured: Measured) -> Device:
    """The device of what was measured here: the highest rates that any operation reached, and the machine's memory."""
    seconds = measured.seconds(THIS_MACHINE)
    busy = [node for node, time in enumerate(seconds) if time > 0]
    rate = max((known.flops[node] / seconds[node] for node in busy), default=0.0)
    moved = max((known.bytes[node] / seconds[node] for node in busy), default=0.0)
    memory = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    source = "measured here: the highest rates that an operation of the model reached"
    return Device(THIS_MACHINE, {"float32": max(rate, 1.0)}, max(moved, 1.0), memory, source=source)


def write_profile(measured: Measured) -> str:
    """The CSV that ``read_profile`` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for device, rows in measured.by_device.items():
        for node, row in rows.items():
            numbers = ("" if one is None else f"{one:.0f}" for one in (row.bytes, row.memory))
            writer.writerow([measured.graph.ids[node], device, f"{row.seconds * 1e3:.6g}", *numbers])
    return out.getvalue()


def _measured(run: Run, node: int, repeats: int) -> Measurement:
    graph, size = run.graph, float(value_bytes(run.graph, node))
    call = call_of(graph, node)
    is_named_only = call is None and any("call" in attrs for attrs in graph.attrs.values())
    if is_named_only or is_piece(graph, node):  # autograd's name for what was done before, or one of several results
        return Measurement(0.0, size, None)
    inputs = [_input(run, source) for source in graph.inputs[node]]
    if call is None or any(value is None or value.is_meta for value in inputs):
        raise SegmentError(
            f"{graph.ids[node]!r} cannot be measured: the run has no numbers for what it reads. "
            "Trace the model with its weights."
        )
    with torch.no_grad():
        seconds = min(_once(call, inputs) for _ in range(repeats + 1))
    return Measurement(seconds, size, None)


def _input(run: Run, node: int) -> Any:
    """A value to time an operation on; zeros for memory that nobody had filled yet, which a run does not keep."""
    value, graph = run.value(node), run.graph
    if value is None and graph.dtypes[node] and run.value(graph.outputs[-1]) is not None:
        return torch.zeros(graph.shapes[node], dtype=getattr(torch, graph.dtypes[node]))
    return value


def _once(call: Any, inputs: Iterable[Any]) -> float:
    start = perf_counter()
    call(*inputs)
    return perf_counter() - start


def _json(text: str) -> list[Mapping[str, Any]]:
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        raise SegmentError(f"The profile is not JSON: {error}.") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SegmentError(f"The profile is not a list of objects with {', '.join(COLUMNS)}.")
    return rows


def _csv(text: str) -> list[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    missing = [name for name in COLUMNS[:3] if name not in (reader.fieldnames or ())]
    if missing:
        raise SegmentError(f"The profile has no column {missing[0]!r}. Its first line names {', '.join(COLUMNS)}.")
    return list(reader)


def _node(graph: Graph, row: Mapping[str, Any], number: int) -> int:
    id_ = str(row.get("node") or "")
    if id_ not in graph.index:
        near = get_close_matches(id_, graph.ids, n=3)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else " Its nodes are called as in its table."
        raise SegmentError(f"Row {number}: the graph has no node {id_!r}.{hint}")
    return graph.index[id_]


def _number(row: Mapping[str, Any], column: str, number: int) -> float | None:
    raw = row.get(column)
    if raw in (None, ""):
        return None
    try:
        value = float(raw)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise SegmentError(f"Row {number} ({row['node']!r}): {column} is {raw!r}. Give a number of 0 or more.")
    return value
