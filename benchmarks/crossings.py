"""Crossings of our layout beside those of dot, on deep models and on graphs that do tangle.

Pairs of edges that cross, and crossings that are seen: where edges of one value share their way they are one line.
Groups keep together what dot may spread, so that some more crossings are their price: dot pays it, too, where it is
given the groups as clusters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import explorer
from benchmarks import transformer
from benchmarks.flat import clustered_crossings, flat_crossings, nested_crossings
from benchmarks.table import Row, progress
from explorer import models
from explorer.graph import Graph
from explorer.passes.condense import condense
from explorer.passes.groups import Groups
from explorer.run import Run
from tests.layout.graphs import graph

LAYERS, STARTS = 12, 4


def rows() -> Iterator[Row]:
    for name, drawn in _graphs():
        progress(f"crossings of {name}, {len(drawn):,} nodes ...")
        ours, flat = nested_crossings(drawn), flat_crossings(drawn)
        figure = f"{ours.seen:,} seen, {ours.pairs:,} pairs; of flat dot {flat.seen:,} and {flat.pairs:,}"
        if any(drawn.scopes):
            grouped = clustered_crossings(drawn)
            figure += f", of dot with clusters {grouped.seen:,} and {grouped.pairs:,}"
        yield Row(f"Crossings, {name}, {len(drawn):,} nodes", figure)


def _graphs() -> Iterator[tuple[str, Graph]]:
    yield "a transformer, all open", _opened(transformer.run(LAYERS))
    yield "a GPT, all open", _opened(explorer.trace_module(models.load("gpt", layers=LAYERS), _example()))
    yield "a tangle", tangle(60, 6)
    yield "a larger tangle", tangle(150, 8)
    yield "the same in groups of fifteen", tangle(150, 8, 15)
    yield "four dense blocks of five layers", _dense(4, 5)


def _example() -> object:
    return models.example("gpt", layers=LAYERS)


def _opened(run: Run) -> Graph:
    groups = Groups(run.graph)
    return condense(run, groups, frozenset(groups.by_key)).run.graph


def tangle(nodes: int, reach: float, group: int = 0) -> Graph:
    """Every node reads two of those before it, ``reach`` before it in the mean; the same at every call."""
    chance = Random(1)
    inputs: list[Sequence[int]] = [()] * STARTS
    for node in range(STARTS, nodes):
        inputs.append([max(0, node - 1 - int(chance.expovariate(1 / reach))) for _ in range(2)])
    scopes = [(f"g{node // group}",) if group and node >= STARTS else () for node in range(nodes)]
    return graph(inputs, scopes)


def _dense(blocks: int, layers: int) -> Graph:
    """In each block every layer reads all layers before it, as in DenseNet."""
    inputs: list[Sequence[int]] = [()]
    for _ in range(blocks):
        first = len(inputs) - 1
        for _ in range(layers):
            inputs.append(range(first, len(inputs)))
    return graph(inputs, [(), *((f"block{number // layers}",) for number in range(blocks * layers))])
