"""Ranks rise along every edge, and inputs stand near their use, in dot's way and in ours."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from explorer.graph import Graph
from explorer.layout import dot
from explorer.layout.level import Level
from explorer.layout.ranks import pulled
from tests.layout.graphs import graph, graphs
from tests.layout.levels import level


@settings(deadline=None, max_examples=80)
@given(graphs())
def test_ranks_rise_along_every_edge(drawn: Graph) -> None:
    found = level(drawn)
    for ranks in (dot.ranks(found) if found.segments else pulled(found), pulled(found)):
        assert all(ranks[segment.tail] < ranks[segment.head] for segment in found.segments)
        alone = [not found.incoming[item] and not found.outgoing[item] for item in range(len(drawn))]
        assert [rank < 0 for rank in ranks] == alone
        assert not any(rank == 0 for rank in ranks) or set(range(max(ranks) + 1)) == {r for r in ranks if r >= 0}


@pytest.mark.parametrize("ranks", [dot.ranks, pulled])
def test_what_feeds_one_consumer_stands_next_to_it(ranks: object) -> None:
    #  0 ─> 1 ─> 2 ─> 3 ─> 6,  and  4 ─> 5 ─> 6
    found: Level = level(graph([[], [0], [1], [2], [], [4], [3, 5]]))
    assert callable(ranks) and ranks(found) == [0, 1, 2, 3, 2, 3, 4]
