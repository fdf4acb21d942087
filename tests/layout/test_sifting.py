"""Sifting: what it says that an order costs, and that it finds the best place for each value."""

from __future__ import annotations

from itertools import combinations, pairwise, product
from math import sqrt

import pytest
from hypothesis import given, settings

from explorer.graph import Graph
from explorer.layout.crossings import DISORDER, Tangle
from explorer.layout.grid import Grid
from explorer.layout.sifting import MEETING, Sifting
from tests.layout.graphs import graph, graphs
from tests.layout.levels import grid


def _cost(rows: Grid, order: list[list[int]], disorder: float = DISORDER) -> float:
    """Pair by pair."""
    place = {element: at for row in order for at, element in enumerate(row)}
    shared: dict[tuple[int, int, int], int] = {}
    for segment, path in zip(rows.level.segments, rows.paths, strict=True):
        for up, down in pairwise(path):
            wire = up, down, segment.head_port if down == path[-1] else 0
            shared[wire] = shared.get(wire, 0) + 1
    total = 0.0
    for (up, down, port), (other_up, other_down, other_port) in combinations(shared, 2):
        ends, others = (place[down], port), (place[other_down], other_port)
        if (
            rows.row[up] == rows.row[other_up]
            and (place[up] - place[other_up]) * ((ends > others) - (ends < others)) < 0
        ):
            weight = sqrt(shared[up, down, port] * shared[other_up, other_down, other_port])
            total += weight * (MEETING if down == other_down and down < rows.items else 1)
    reading = {element: at for row in rows.rows for at, element in enumerate(row)}
    pairs = (pair for row in order for pair in combinations(row, 2))
    return total + disorder * sum(reading[left] > reading[right] for left, right in pairs)


@settings(deadline=None, max_examples=60)
@given(graphs())
def test_the_cost_is_that_of_every_pair_and_never_grows(drawn: Graph) -> None:
    rows = grid(drawn)
    sifting = Sifting(rows, Tangle(rows))
    mixed = [row[::-1] for row in rows.rows]
    for start in (rows.rows, mixed):
        assert sifting.cost(start) == pytest.approx(_cost(rows, start))
        cost, found = sifting.improve(start)
        assert [sorted(row) for row in found] == [sorted(row) for row in start]
        assert cost == pytest.approx(_cost(rows, found)) and cost <= _cost(rows, start) + 1e-9


@settings(deadline=None, max_examples=40)
@given(graphs(9))
def test_no_value_has_a_way_that_crosses_less(drawn: Graph) -> None:
    rows = grid(drawn)
    sifting = Sifting(rows, Tangle(rows))
    _, found = sifting.improve(rows.rows)
    for way in sifting.ways:
        others = [[element for element in row if element not in way] for row in found]
        for places in product(*(range(len(others[rows.row[element]]) + 1) for element in way)):
            tried = [list(row) for row in others]
            for element, place in zip(way, places, strict=True):
                tried[rows.row[element]].insert(place, element)
            saved = _cost(rows, found, 0) - _cost(rows, tried, 0)
            assert saved <= 1e-6 or _cost(rows, found) <= _cost(rows, tried) + 1e-6


def test_two_products_come_apart() -> None:
    #  a*b and c*d, their leaves mixed up: a c b d
    rows = grid(graph([[], [], [], [], [0, 2], [1, 3], [4, 5]]))
    mixed = [[0, 1, 2, 3], [4, 5], [6]]
    assert Tangle(rows).crossings(mixed) == 1
    assert Tangle(rows).crossings(Sifting(rows, Tangle(rows)).improve(mixed)[1]) == 0


@pytest.mark.parametrize("layers", [4, 5, 6])
def test_layers_that_read_all_before_cross_as_little_as_can_be(layers: int) -> None:
    """One layer a row: the complete graph of six needs three crossings, that of ``n`` as many as Hill says."""
    rows = grid(graph([range(layer) for layer in range(layers)]))
    _, found = Sifting(rows, Tangle(rows)).improve(rows.rows)
    place = {element: at for row in found for at, element in enumerate(row)}
    stretches = {stretch for path in rows.paths for stretch in pairwise(path)}
    crossed = sum(
        rows.row[a] == rows.row[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0
        for (a, b), (c, d) in combinations(stretches, 2)
    )
    assert crossed == (layers // 2) * ((layers - 1) // 2) * ((layers - 2) // 2) * ((layers - 3) // 2) // 4
