"""Repaired assignments against all valid ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.errors import SegmentError
from explorer.graph import Graph
from explorer.segment.repair import repair
from explorer.segment.units import units
from tests.capture.test_random_programs import QUIET
from tests.segment.graphs import dags
from tests.segment.partition.oracle import divisions
from tests.segment.test_cut import nothing_flows_back, residual


@settings(QUIET, max_examples=500)
@given(dags(10), st.data())
def test_it_takes_the_fewest_steps(graph: Graph, data: st.DataObject) -> None:
    taken = units(graph)
    assume(len(taken))
    wish = data.draw(st.lists(st.integers(0, 2), min_size=len(taken), max_size=len(taken)))
    parts = max(wish) + 1
    fewest = np.abs(divisions(taken.inputs, parts) - np.array(wish, np.int8)).sum(1).min()
    try:
        done = repair(taken, wish)
    except SegmentError as error:
        assert "would hold no operation" in str(error)
        return
    assert nothing_flows_back(taken, done.segmentation.of_units)
    assert sum(abs(a - b) for a, b in zip(wish, done.segmentation.of_units, strict=True)) == fewest


def test_it_says_what_moved() -> None:
    taken = units(residual())
    place = {taken.graph.ids[members[0]]: unit for unit, members in enumerate(taken.members)}
    of = [0] * len(taken)
    of[place["k"]] = of[place["y"]] = 1
    done = repair(taken, of)
    assert [taken.graph.ids[node] for node in done.moved] in (["s"], ["k"])
    assert "had to change sides" in done.why
    assert repair(taken, [0] * len(taken)).why == "Nothing had to move."


def test_a_segment_that_loses_everything_is_an_error() -> None:
    taken = units(residual())
    with pytest.raises(SegmentError, match="Segment B would hold no operation"):
        repair(taken, [1] + [0] * (len(taken) - 1))
