"""Completed strokes against all cuts there are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.errors import SegmentError
from explorer.graph import Edge, Graph
from explorer.segment.cut import after, whole
from explorer.segment.edit import add_cut
from explorer.segment.sizes import value_bytes
from explorer.segment.stroke import across, complete
from explorer.segment.units import Units, units
from tests.capture.test_random_programs import QUIET
from tests.segment.graphs import dags, downward_closed
from tests.segment.test_cut import residual


def crossing(taken: Units, before: frozenset[int]) -> set[Edge]:
    """The edges across a cut, by the definition."""
    inside = taken.nodes(before)
    return {
        edge
        for edge in taken.graph.edges
        if taken.graph.index[edge.source] in inside
        and taken.unit[taken.graph.index[edge.target]] >= 0
        and taken.graph.index[edge.target] not in inside
    }


def price(graph: Graph, edges: set[Edge]) -> tuple[int, int]:
    """How many values cross, and their bytes."""
    sources = {graph.index[edge.source] for edge in edges}
    return len(sources), sum(value_bytes(graph, source) for source in sources)


@settings(QUIET, max_examples=500)
@given(dags(10), st.data())
def test_a_stroke_becomes_the_smallest_cut_that_holds_it(graph: Graph, data: st.DataObject) -> None:
    taken = units(graph)
    inner = [e for e in graph.edges if min(taken.unit[graph.index[e.source]], taken.unit[graph.index[e.target]]) >= 0]
    if not inner:
        return
    stroke = data.draw(st.lists(st.sampled_from(inner), min_size=1, max_size=3, unique=True))
    holding = [cut for cut in map(frozenset, downward_closed(taken.inputs)) if crossing(taken, cut) >= set(stroke)]
    if not holding:
        with pytest.raises(SegmentError, match="twice"):
            complete(whole(graph), stroke)
        return
    done = complete(whole(graph), stroke)
    assert done.before in holding
    assert (
        set(done.added) == crossing(taken, done.before) - set(stroke) == set(across(taken, done.before)) - set(stroke)
    )
    assert price(graph, crossing(taken, done.before)) == min(price(graph, crossing(taken, cut)) for cut in holding)
    assert add_cut(whole(graph), done.before).before(0) == done.before


def test_the_way_around_is_cut_as_well_and_said() -> None:
    made = whole(residual())
    done = complete(made, [Edge("q", "k", 0)])
    assert done.added == (Edge("h", "s", 0),)
    assert done.why == "A way leads around the stroke, so 1 further edge is cut: h → s."
    assert complete(made, [Edge("p", "h", 0)]).why == "The stroke is a whole cut."


def test_a_stroke_stays_within_its_segment() -> None:
    made = after(residual(), ["h"])
    graph = made.graph
    done = complete(made, [Edge("s", "y", 0)])
    cut = add_cut(made, done.before)
    assert [cut.of[graph.find(id_)] for id_ in ("h", "k", "s", "y")] == [0, 1, 1, 2]
    with pytest.raises(SegmentError, match="runs through the cut between A and B"):
        complete(made, [Edge("p", "h", 0), Edge("s", "y", 0)])


def test_of_two_edges_that_close_a_cut_the_one_with_fewer_bytes_is_taken() -> None:
    """x -> a -> sum -> y goes around b: a is four numbers, its sum is one."""
    text = "a = x * u\nb = tanh(a)\nc = sum(b)\nd = sum(sin(a))\ny = c * d"
    graph = explorer.trace(text, x=[1.0, 2.0, 3.0, 4.0], u=2.0).graph
    assert complete(whole(graph), [Edge("b", "c", 0)]).added == (Edge("d", "y", 1),)


@pytest.mark.parametrize("edge", [Edge("x", "p", 0), Edge("w", "q", 1)])
def test_a_stroke_through_nothing_is_refused(edge: Edge) -> None:
    with pytest.raises(SegmentError, match="cuts through nothing"):
        complete(whole(residual()), [edge])
    with pytest.raises(SegmentError, match="cuts through nothing"):
        complete(whole(residual()), [])


def test_a_path_that_is_crossed_twice_is_named() -> None:
    with pytest.raises(SegmentError, match="second time between 's' and 'y'"):
        complete(whole(residual()), [Edge("p", "h", 0), Edge("s", "y", 0)])
