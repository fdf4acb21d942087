"""How long places and routes take without any groups, from a line of mathematics to a tangle of 5,000 nodes."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter, process_time

import explorer
from benchmarks.crossings import tangle
from benchmarks.drawings import fabric
from benchmarks.perceptron import problem
from benchmarks.table import Row, median, progress
from benchmarks.trace_scalars import trace
from explorer.capture.collector import without_garbage_collection
from explorer.layout import Box, arrange

ROUNDS = 5


def rows() -> Iterator[Row]:
    yield from (_row("", graph) for graph in (_line(), trace(problem(1)).graph, trace(problem(5)).graph))
    yield _row(" in a grid", fabric(3_000).graph)
    yield _row(" that tangle", tangle(5_000, 20))


def _line() -> explorer.Graph:
    return explorer.trace("(a - b) * (a + b)", a=3.0, b=2.0).graph


def _row(kind: str, graph: explorer.Graph) -> Row:
    progress(f"layout of {len(graph)} nodes ...")
    cold, worked = zip(*(_milliseconds(graph, 152.0 + turn) for turn in range(ROUNDS)), strict=True)
    again = median([_milliseconds(graph, 152.0)[0] for _ in range(ROUNDS)])
    figure = f"{median(cold):.1f} ms, of the processor {median(worked):.1f}; {again:.2f} ms the second time"
    return Row(f"Layout of {len(graph):,} nodes and {len(graph.edges):,} edges{kind}, no groups", figure)


def _milliseconds(graph: explorer.Graph, width: float) -> tuple[float, float]:
    """Those that went by, and those of the processor, as in the app without Python's garbage collector. A new width
    makes a new layout; a known one is in the cache.
    """
    boxes = [_card(len(ports), width) for ports in graph.inputs]
    with without_garbage_collection():
        start, worked = perf_counter(), process_time()
        arrange(graph, boxes)
        return (perf_counter() - start) * 1e3, (process_time() - worked) * 1e3


def _card(ports: int, width: float) -> Box:
    return Box(width, 74.0, tuple(74.0 * (port + 1) / (ports + 1) for port in range(ports)), 37.0)
