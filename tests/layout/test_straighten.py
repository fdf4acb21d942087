"""Isotonic regression against brute force; neighbours keep their order and distance whatever pulls at them."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.graph import Graph
from explorer.layout.links import links
from explorer.layout.order import order
from explorer.layout.straighten import isotonic, straighten
from tests.layout.graphs import graphs
from tests.layout.levels import grid

numbers = st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=7)


def _brute_force(targets: list[int], weights: list[int]) -> float:
    """The least weighted sum of squares of any partition into blocks whose means rise."""
    best = float("inf")
    for size in range(len(targets)):
        for cuts in combinations(range(1, len(targets)), size):
            blocks = [slice(a, b) for a, b in pairwise([0, *cuts, len(targets)])]
            means = [_mean(targets[block], weights[block]) for block in blocks]
            if all(a <= b for a, b in pairwise(means)):
                fitted = [m for m, block in zip(means, blocks, strict=True) for _ in targets[block]]
                best = min(best, _cost(fitted, targets, weights))
    return best


def _mean(targets: list[int], weights: list[int]) -> float:
    return sum(t * w for t, w in zip(targets, weights, strict=True)) / sum(weights)


def _cost(found: list[float], targets: list[int], weights: list[int]) -> float:
    return sum(w * (x - t) ** 2 for x, t, w in zip(found, targets, weights, strict=True))


@given(numbers)
def test_isotonic_regression_is_the_nearest_rising_sequence(drawn: list[tuple[int, int]]) -> None:
    targets, weights = [t for t, _ in drawn], [w for _, w in drawn]
    found = list(isotonic(targets, weights))
    assert all(a <= b + 1e-9 for a, b in pairwise(found))
    assert _cost(found, targets, weights) == pytest.approx(_brute_force(targets, weights))


@settings(deadline=None, max_examples=60)
@given(graphs())
def test_neighbours_keep_their_order_and_distance(drawn: Graph) -> None:
    rows = grid(drawn)
    order(rows)
    before = [list(row) for row in rows.rows]
    straighten(rows, links(rows))
    assert rows.rows == before
    for row in rows.rows:
        for left, right in pairwise(row):
            assert rows.x[right] - rows.x[left] >= rows.distance(left, right) - 1e-6
