"""How long places and routes take, on graphs from a line of mathematics to a perceptron of scalars."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import explorer
from benchmarks.perceptron import problem
from benchmarks.table import Row, median, progress
from benchmarks.trace_scalars import trace
from explorer.layout import Box, arrange

ROUNDS = 5


def rows() -> Iterator[Row]:
    graphs = [explorer.trace("(a - b) * (a + b)", a=3.0, b=2.0).graph, trace(problem(1)).graph]
    for graph in graphs:
        progress(f"layout of {len(graph)} nodes ...")
        cold = median([_milliseconds(graph, 152.0 + turn) for turn in range(ROUNDS)])
        again = median([_milliseconds(graph, 152.0) for _ in range(ROUNDS)])
        figure = f"{cold:.1f} ms, {again:.2f} ms the second time"
        yield Row(f"Layout of {len(graph):,} nodes and {len(graph.edges):,} edges", figure)


def _milliseconds(graph: explorer.Graph, width: float) -> float:
    """A new width makes it a new layout; a known one is found in the cache."""
    boxes = [_card(len(ports), width) for ports in graph.inputs]
    start = perf_counter()
    arrange(graph, boxes)
    return (perf_counter() - start) * 1e3


def _card(ports: int, width: float) -> Box:
    return Box(width, 74.0, tuple(74.0 * (port + 1) / (ports + 1) for port in range(ports)), 37.0)
