"""Crossings, counted pair by pair."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings

from explorer.graph import Graph
from explorer.layout import dot
from explorer.layout.crossings import DISORDER, Tangle
from explorer.layout.grid import Grid
from tests.layout.graphs import graphs
from tests.layout.levels import grid


def _count(rows: Grid, order: list[list[int]]) -> int:
    place = {element: at for row in order for at, element in enumerate(row)}
    wires = set()
    for segment, path in zip(rows.level.segments, rows.paths, strict=True):
        for up, down in pairwise(path):
            wires.add((rows.row[up], place[up], place[down], segment.head_port if down == path[-1] else 0))
    return sum(
        row == other_row and (up - other_up) * ((down, port) > (other_down, other_port) or -1) < 0
        for (row, up, down, port), (other_row, other_up, other_down, other_port) in combinations(wires, 2)
        if (down, port) != (other_down, other_port)
    )


@settings(deadline=None, max_examples=80)
@given(graphs())
def test_every_pair_is_counted_once(drawn: Graph) -> None:
    rows = grid(drawn)
    assert Tangle(rows).crossings(rows.rows) == _count(rows, rows.rows)


def _cost(rows: Grid, order: list[list[int]]) -> float:
    """Crossings, and a tenth for every pair that is not in reading order."""
    reading = {element: at for row in rows.rows for at, element in enumerate(row)}
    disorder = sum(reading[left] > reading[right] for row in order for left, right in combinations(row, 2))
    return _count(rows, order) + DISORDER * disorder


@settings(deadline=None, max_examples=60)
@given(graphs())
def test_improving_never_makes_it_worse(drawn: Graph) -> None:
    rows = grid(drawn)
    tangle = Tangle(rows)
    for start in (rows.rows, dot.order(rows) if rows.paths else rows.rows):
        cost, found = tangle.improve(start)
        assert [sorted(row) for row in found] == [sorted(row) for row in start]
        assert cost == pytest.approx(_cost(rows, found)) and cost <= _cost(rows, start) + 1e-9
