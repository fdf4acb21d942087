"""Edits against all segmentations there are."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

import explorer
from explorer.errors import SegmentError
from explorer.segment.cut import Segmentation, after, placed, whole
from explorer.segment.edit import add_cut, drag_cut, move, remove_cut
from explorer.segment.units import units
from tests.segment.graphs import graph, random_inputs
from tests.segment.partition.oracle import divisions
from tests.segment.test_cut import residual


def random_segmentation(random: Random, parts: int) -> Segmentation:
    """Any segmentation of a graph of up to ten nodes in so many parts, by drawing wishes and raising them."""
    while True:
        found = units(graph(random_inputs(random, 10)))
        of: list[int] = []
        for sources in found.inputs:
            of.append(max([of[s] for s in sources] + [random.randrange(parts)]))
        if set(of) == set(range(parts)):
            return placed(found, of)


@pytest.mark.parametrize("seed", range(5))
def test_a_moved_node_takes_along_as_few_as_possible(seed: int) -> None:
    random = Random(seed)
    for _ in range(100):
        made = random_segmentation(random, 3)
        moved_as_few_as_possible(made, random.randrange(len(made.units)), random.randrange(3))


def moved_as_few_as_possible(made: Segmentation, unit: int, segment: int) -> None:
    """Against all segmentations in which the others move the same way."""
    was = made.of_units
    forward = segment > was[unit]
    everywhere = divisions(made.units.inputs, 3)
    there, now = everywhere[everywhere[:, unit] == segment], np.array(was, np.int8)
    allowed = there[(there >= now if forward else there <= now).all(1)]
    best = tuple(int(at) for at in allowed[np.abs(allowed - now).sum(1).argmin()])
    if set(best) != {0, 1, 2}:
        with pytest.raises(SegmentError, match="would hold no"):
            move(made, made.units.members[unit][0], segment)
        return
    done = move(made, made.units.members[unit][0], segment)
    assert tuple(done.segmentation.of_units) == best
    assert set(done.moved) == {n for n in range(len(made.of)) if made.of[n] != done.segmentation.of[n]}


def test_a_node_is_sent_to_the_other_side_with_what_follows() -> None:
    made = after(residual(), ["s"])
    graph = made.graph
    forward = move(made, graph.find("k"), 1)
    assert [graph.ids[node] for node in forward.moved] == ["k", "s"]
    assert move(forward.segmentation, graph.find("s"), 0).segmentation.of == made.of
    with pytest.raises(SegmentError, match="Segment B would hold no"):
        move(made, graph.find("y"), 0)
    with pytest.raises(SegmentError, match="can be had anywhere"):
        move(made, graph.find("w"), 1)
    with pytest.raises(SegmentError, match="no segment 2"):
        move(made, graph.find("k"), 2)


def test_cuts_are_added_dragged_and_removed() -> None:
    made = whole(residual())
    place = {made.graph.ids[members[0]]: unit for unit, members in enumerate(made.units.members)}
    first = add_cut(made, [place["h"]])
    second = add_cut(first, [place["k"]])
    assert [second.of_units[place[id_]] for id_ in ("h", "k", "s")] == [0, 1, 2]
    assert remove_cut(second, 1).of == first.of and remove_cut(first, 0).of == made.of
    dragged = drag_cut(second, 1, [place["s"]])
    assert [dragged.of_units[place[id_]] for id_ in ("h", "k", "s", "y")] == [0, 1, 1, 2]
    back = drag_cut(second, 0, [place["p"]])
    assert [back.of_units[place[id_]] for id_ in ("p", "h", "k")] == [0, 1, 1]


def test_a_cut_with_all_on_one_side_is_refused_and_the_last_stays() -> None:
    made = after(residual(), ["h"])
    with pytest.raises(SegmentError, match="Segment B would hold no"):
        drag_cut(made, 0, range(len(made.units)))
    with pytest.raises(SegmentError, match="Segment A would hold no"):
        drag_cut(made, 0, [])
    with pytest.raises(SegmentError, match="Segment C would hold no"):
        add_cut(made, range(len(made.units)))
    with pytest.raises(SegmentError, match="no cut 1"):
        remove_cut(made, 1)
    assert made.of == after(residual(), ["h"]).of


def test_there_are_at_most_seventeen_segments() -> None:
    made = whole(explorer.trace("y = x\nfor i in range(40):\n  y = sin(y)", x=1.0).graph)
    for unit in range(16):
        made = add_cut(made, range(unit + 1))
    assert made.parts == 17
    with pytest.raises(SegmentError, match="17 segments are the most"):
        add_cut(made, range(20))
