"""Segmentations against the definition, edits and completions against all cuts there are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.errors import SegmentError
from explorer.graph import Graph
from explorer.segment.cut import MOST, after, assigned, placed, whole
from explorer.segment.units import Units, units
from tests.capture.test_random_programs import QUIET
from tests.segment.graphs import dags, graph
from tests.segment.models import traced

RESIDUAL = """
p = x * u
h = tanh(p)
q = h * w
k = sin(q)
s = h + k
y = exp(s)
"""
"""h goes around k: cutting before k alone leaves the way from h to s."""


def residual() -> Graph:
    return explorer.trace(RESIDUAL, x=1.0, u=2.0, w=3.0).graph


def nothing_flows_back(taken: Units, of: Sequence[int]) -> bool:
    """The definition, node by node."""
    place = {node: of[unit] for unit, members in enumerate(taken.members) for node in members}
    return all(
        place[source] <= place[node]
        for node, ports in enumerate(taken.graph.inputs)
        for source in ports
        if node in place and source in place
    )


def is_valid(taken: Units, of: Sequence[int]) -> bool:
    return nothing_flows_back(taken, of) and set(of) == set(range(max(of) + 1))


@settings(QUIET, max_examples=300)
@given(dags(6), st.data())
def test_a_segmentation_is_accepted_if_nothing_flows_back_and_none_is_empty(taken: Graph, data: st.DataObject) -> None:
    parts = units(taken)
    of = data.draw(st.lists(st.integers(0, 2), min_size=len(parts), max_size=len(parts)))
    if of and is_valid(parts, of):
        made = placed(parts, of)
        assert made.of_units == of and made.parts == max(of) + 1
        assert sorted(node for members in made.members for node in members) == list(range(len(taken)))
    else:
        with pytest.raises(SegmentError):
            placed(parts, of)


@settings(QUIET, max_examples=200)
@given(dags())
def test_what_can_be_had_anywhere_is_where_it_is_read_first(taken: Graph) -> None:
    parts = units(taken)
    if not len(parts):
        return
    made = placed(parts, [min(unit, MOST - 1) for unit in range(len(parts))])
    for node in range(len(taken)):
        if parts.unit[node] < 0:
            assert made.of[node] == min([made.of[target] for target, _ in taken.consumers[node]], default=0)
    assert all(made.of[source] <= made.of[node] for node, ports in enumerate(taken.inputs) for source in ports)


def test_an_edge_that_flows_back_is_named() -> None:
    taken = residual()
    with pytest.raises(SegmentError, match="'k' is in segment B and is read by 's' in segment A"):
        assigned(taken, {"p": 0, "h": 0, "q": 1, "k": 1, "s": 0, "y": 1})
    assert assigned(taken, {"p": 0, "h": 0, "q": 1, "k": 1, "s": 1, "y": 1}).parts == 2


@pytest.mark.parametrize(("segments", "message"), [
    ({"nothing": 0}, "no node called 'nothing'"),
    ({"hh": 0}, "Did you mean 'h'"),
    ({"h": 0}, "has no segment"),
    (dict.fromkeys(["p", "h", "q", "k", "s", "y"], 1), "Segment A would hold no operation"),
    ({"p": 0, "h": 0, "q": 2, "k": 2, "s": 2, "y": 2}, "Segment B would hold no operation"),
    (dict.fromkeys(["p", "h", "q", "k", "s", "y"], 17), "There is no segment 17"),
])  # fmt: skip
def test_what_is_no_segmentation_is_refused(segments: dict[str, int], message: str) -> None:
    with pytest.raises(SegmentError, match=message):
        assigned(residual(), segments)


def test_a_graph_without_operations_cannot_be_divided() -> None:
    with pytest.raises(SegmentError, match="no operation to place"):
        whole(graph([[], []]))


def test_a_cut_after_a_node_has_it_and_what_it_needs_ahead() -> None:
    made = after(residual(), ["h", "k"])
    ids = [[made.graph.ids[node] for node in members] for members in made.members]
    assert ids == [["x", "u", "p", "h"], ["w", "q", "k"], ["s", "y"]]


@pytest.mark.parametrize(("keys", "message"), [
    (["k", "h"], "cut after 'h' is a cut through nothing"),
    (["h", "h"], "through nothing"),
    (["w"], "through nothing"),
    (["y"], "Nothing is left after 'y'"),
    (["kk"], "neither a node nor a module"),
])  # fmt: skip
def test_cuts_after_nothing_new_are_refused(keys: list[str], message: str) -> None:
    with pytest.raises(SegmentError, match=message):
        after(residual(), keys)


def test_a_cut_after_a_module_has_all_of_it_ahead() -> None:
    scopes: list[tuple[str, ...]] = [(), ("h", "0"), ("h", "0", "fc"), ("h", "1"), ("head",)]
    chain = graph([[], [0], [1], [2], [3]], scopes=scopes)
    assert after(chain, ["h.0"]).of == (0, 0, 0, 1, 1)
    assert after(chain, ["h.0", "h"]).of == (0, 0, 0, 1, 2)
    with pytest.raises(SegmentError, match=r"Did you mean 'h\.0'"):
        after(chain, ["h.00"])


def test_the_parts_of_a_list_stay_together() -> None:
    kinds = ["input", "sin", "split", "getitem", "sin", "getitem", "mul"]
    taken = graph([[], [0], [1], [2], [3], [2], [4, 5]], kinds)
    assert units(taken).members == [(1,), (2, 3, 5), (4,), (6,)]
    ids = taken.ids
    with pytest.raises(SegmentError, match="share a list"):
        assigned(taken, {ids[1]: 0, ids[2]: 0, ids[3]: 0, ids[4]: 0, ids[5]: 1, ids[6]: 1})


def test_masks_and_weights_can_be_had_anywhere_and_random_numbers_cannot() -> None:
    kinds = ["arange", "input", "parameter", "ones", "tril", "mul", "rand", "mul"]
    taken = units(graph([[], [], [], [], [3], [1, 4], [], [2, 6]], kinds))
    assert taken.members == [(5,), (6,), (7,)]


def test_units_follow_their_sources_though_a_member_comes_late() -> None:
    """Node 3 belongs to the unit of node 1 and needs node 2, which comes after node 1."""
    taken = units(graph([[], [0], [0], [1, 2]], ["input", "split", "sin", "getitem"]))
    assert taken.members == [(2,), (1, 3)] and taken.inputs == [(), (0,)]


def test_units_that_need_each_other_are_refused() -> None:
    with pytest.raises(SegmentError, match="each other"):
        units(graph([[], [0], [1], [1, 2]], ["input", "split", "sin", "getitem"]))


@pytest.mark.parametrize("mode", ["eager", "export"])
def test_the_loss_of_a_trace_is_in_the_last_segment(mode: str) -> None:
    taken = traced(mode).graph
    made, loss = after(taken, ["h.0"]), taken.find("sum")
    assert made.of[loss] == 1 and made.units.unit[loss] == -1
    with pytest.raises(SegmentError, match="Nothing is left"):
        after(taken, [taken.outputs[0]])
