"""Placements keep their promises on any graph, with any boxes, in both directions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.errors import CanvasError
from explorer.graph import Graph
from explorer.layout import Box, Direction, arrange
from tests.layout.geometry import check, check_chips, overlapping_chips, route, samples
from tests.layout.graphs import boxes, cards, graph, graphs

DIRECTIONS: tuple[Direction, ...] = ("lr", "tb")
both = pytest.mark.parametrize("direction", DIRECTIONS)

NAMED = {
    # a b 1   c = a + b   d = b + 1   e = c * d
    "two_paths": graph([[], [], [0, 1], [], [1, 3], [2, 4]]),
    "empty": graph([]),
    "single": graph([[]]),
    "square": graph([[], [0, 0]]),
    "loose": graph([[], [], [], [], [0, 1]]),
    "two_components": graph([[], [], [0, 1], [], [3], [4]]),
    "chain": graph([[], *([node] for node in range(30))]),
    "wide": graph([*([] for _ in range(20)), range(20)]),
    "shared": graph([[], [], *([0, node + 1] for node in range(12))]),
    "residual": graph([[], [0], [1], [2, 0], [3], [4], [5, 3], [6, 0]]),
}


@both
@pytest.mark.parametrize("name", NAMED)
def test_named_graphs_keep_the_promises(name: str, direction: Direction) -> None:
    sizes = cards(NAMED[name], direction)
    placement = arrange(NAMED[name], sizes, direction)
    check(NAMED[name], sizes, placement)
    check_chips(sizes, placement)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_graph_keeps_the_promises(data: st.DataObject) -> None:
    direction = data.draw(st.sampled_from(DIRECTIONS))
    drawn = data.draw(graphs())
    sizes = data.draw(boxes(drawn, direction))
    placement = arrange(drawn, sizes, direction)
    check(drawn, sizes, placement)
    check_chips(sizes, placement)


@both
@pytest.mark.parametrize("name", ["two_paths", "square", "chain", "wide", "residual"])
def test_labels_of_small_graphs_cover_none_other(name: str, direction: Direction) -> None:
    assert not overlapping_chips(arrange(NAMED[name], cards(NAMED[name], direction), direction))


@both
@pytest.mark.parametrize("name", ["long chain", "wide", "reused", "random"])
def test_graphs_too_large_for_dot_keep_the_promises(name: str, direction: Direction) -> None:
    drawn = LARGE[name]
    sizes = cards(drawn, direction)
    placement = arrange(drawn, sizes, direction)
    check(drawn, sizes, placement)
    check_chips(sizes, placement)


def _random(count: int, reach: int) -> Graph:
    random = np.random.default_rng(7)
    return graph([[], [], *(random.integers(max(0, node - reach), node, 2).tolist() for node in range(2, count))])


LARGE = {
    "long chain": graph([[], *([node] for node in range(1200))]),
    "wide": graph([*([] for _ in range(1200)), range(1200)]),
    "reused": graph([[], *([node, node // 2, 0] for node in range(400))]),
    "random": _random(1500, 200),
}


@both
def test_equal_structure_gives_the_same_placement(direction: Direction) -> None:
    drawn = NAMED["residual"]
    again = graph(drawn.inputs)
    first = arrange(drawn, cards(drawn, direction), direction)
    assert arrange(again, cards(again, direction), direction) is first


@both
def test_boxes_must_fit_the_graph(direction: Direction) -> None:
    drawn = NAMED["square"]
    with pytest.raises(CanvasError, match="one box per node"):
        arrange(drawn, cards(drawn, direction)[:1], direction)
    with pytest.raises(CanvasError, match="one offset per port"):
        arrange(drawn, [Box(10, 10, (), 5), Box(10, 10, (5,), 5)], direction)


@both
def test_two_edges_between_the_same_cards_are_two_visible_routes(direction: Direction) -> None:
    placement = arrange(NAMED["square"], cards(NAMED["square"], direction), direction)
    one, other = (samples(route(placement, edge)) for edge in (0, 1))
    assert np.abs(one - other).max() > 10


def test_a_join_is_centred_between_its_sources() -> None:
    """What the worked example looks like: e between c and d, b between its consumers, a above b above 1."""
    placement = arrange(NAMED["two_paths"], cards(NAMED["two_paths"], "lr"), "lr")
    a, b, c, one, d, e = placement.y.tolist()
    assert a < b < one and c < d
    assert e == pytest.approx((c + d) / 2, abs=1) and b == pytest.approx((c + d) / 2, abs=1)


@both
def test_branches_of_any_length_are_joined_in_their_middle(direction: Direction) -> None:
    #  0 ─> 1 ─> 2 ─> 3 ─> 4 ─> 7 ─> 8,   0 ─> 5 ─> 7,   0 ─> 6 ─> 9,   8 ─> 9
    drawn = graph([[], [0], [1], [2], [3], [0], [0], [4, 5], [7], [8, 6]])
    placement = arrange(drawn, cards(drawn, direction), direction)
    across = (placement.y if direction == "lr" else placement.x).tolist()
    for join, branches in ((7, (4, 5)), (9, (8, 6))):
        apart = abs(across[branches[0]] - across[branches[1]])
        assert abs(across[join] - sum(across[node] for node in branches) / 2) < 0.08 * apart
    assert across[7] == pytest.approx(across[8], abs=0.01)


@both
def test_a_skip_leaves_the_others_in_one_line(direction: Direction) -> None:
    drawn = graph([[], [0], [1], [2, 0], [3], [4], [5, 3]])
    placement = arrange(drawn, cards(drawn, direction), direction)
    across = placement.y if direction == "lr" else placement.x
    np.testing.assert_allclose(across, across[0], atol=0.01)


@both
def test_a_chain_is_one_straight_line(direction: Direction) -> None:
    placement = arrange(NAMED["chain"], cards(NAMED["chain"], direction), direction)
    across = placement.y if direction == "lr" else placement.x
    np.testing.assert_allclose(across, across[0], atol=0.01)


@both
def test_a_deep_card_stands_beside_a_chain_of_others(direction: Direction) -> None:
    #  0 ─> 1 (deep) ─> 6,  and  0 ─> 2 ─> 3 ─> 4 ─> 5 ─> 6
    drawn = graph([[], [0], [0], [2], [3], [4], [1, 5]])
    sizes = cards(drawn, direction)
    deep = Box(1200, 74, (20,), 20) if direction == "lr" else Box(152, 600, (76,), 76)
    sizes[1] = deep
    placement = arrange(drawn, sizes, direction)
    check(drawn, sizes, placement)
    along = placement.x if direction == "lr" else placement.y
    assert along[1] == along[2]
    assert along[5] < along[1] + (1200 if direction == "lr" else 600)
