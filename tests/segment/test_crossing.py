"""What crosses, against the definition; how tied weights, inputs, masks and tables cross."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.errors import SegmentError
from explorer.graph import Graph
from explorer.segment.crossing import contents, crossings, link_bytes
from explorer.segment.cut import Segmentation, after, placed
from explorer.segment.profile import below, profile
from explorer.segment.sizes import value_bytes
from explorer.segment.units import units
from tests.capture.test_random_programs import QUIET
from tests.segment.graphs import dags, graph


def some(taken: Graph, data: st.DataObject, parts: int) -> Segmentation:
    """Any segmentation in so many parts, by drawing wishes and raising them along the edges."""
    found = units(taken)
    of: list[int] = []
    for sources in found.inputs:
        of.append(max([of[s] for s in sources] + [data.draw(st.integers(0, parts - 1))]))
    assume(set(of) == set(range(parts)))
    return placed(found, of)


@settings(QUIET, max_examples=200)
@given(dags(), st.data())
def test_a_value_crosses_once_to_every_segment_that_reads_it(taken: Graph, data: st.DataObject) -> None:
    made = some(taken, data, 3)
    found = {(one.node, target) for one in crossings(made) for target in one.targets}
    edges = {(s, made.of[t]) for t, ports in enumerate(taken.inputs) for s in ports if made.of[s] != made.of[t]}
    assert found == edges
    for one in crossings(made):
        assert one.bytes == value_bytes(taken, one.node) and one.source == made.of[one.node]
        assert one.traffic == one.bytes * len(one.targets)


@settings(QUIET, max_examples=200)
@given(dags(), st.data())
def test_links_carry_what_is_made_ahead_and_read_behind(taken: Graph, data: st.DataObject) -> None:
    made = some(taken, data, 3)
    for cut, size in enumerate(link_bytes(made, crossings(made))):
        alive = {s for t, ports in enumerate(taken.inputs) for s in ports if made.of[s] <= cut < made.of[t]}
        assert size == sum(value_bytes(taken, node) for node in alive)


@settings(QUIET, max_examples=200)
@given(dags())
def test_the_profile_is_the_bytes_of_a_cut_at_every_place(taken: Graph) -> None:
    parts = units(taken)
    made = profile(parts)
    for place, size in enumerate(made.bytes):
        of = parts.spread([int(unit > place) for unit in range(len(parts))])
        ahead = {s for t, ports in enumerate(taken.inputs) for s in ports if (of[s], of[t]) == (0, 1)}
        assert size == sum(value_bytes(taken, node) for node in ahead)
        assert made.at(place + 0.5) == size


def test_heights_of_a_picture_join_what_lies_side_by_side() -> None:
    taken = units(graph([[], [0], [0], [1, 2]], shapes=[(1,), (2,), (3,), (1,)]))
    made = profile(taken, [0.0, 10.0, 10.0, 20.0])
    assert (made.heights, made.bytes) == ([10.0, 20.0], [20])
    assert below(taken, [0.0, 10.0, 10.0, 20.0], 12.0) == {0, 1}
    assert (made.at(5.0), made.at(12.0), made.at(25.0)) == (0, 20, 0)


@pytest.mark.parametrize(("sizes", "waists"), [
    ([5, 3, 4], [1]), ([3, 5, 2, 2, 2, 6, 1], [0, 3, 6]), ([4], [0]), ([2, 2], [0]), ([], []), ([1, 2, 3], [0]),
])  # fmt: skip
def test_waists_are_local_minima(sizes: list[int], waists: list[int]) -> None:
    from explorer.segment.profile import Profile

    assert Profile(range(len(sizes) + 1), sizes).waists() == waists


def tied() -> Segmentation:
    """ids -> embed(weight) -> add(places of arange) -> score(weight, mask of ones, ids), cut before the score."""
    kinds = ["input", "parameter", "embedding", "arange", "add", "ones", "tril", "mul", "buffer", "score"]
    inputs = [[], [], [1, 0], [], [2, 3], [], [5], [4, 6], [], [7, 1, 6, 0, 8, 3]]
    return after(graph(inputs, kinds), ["mul"])


def test_each_kind_crosses_in_its_own_way() -> None:
    found = {tied().graph.ids[one.node]: one for one in crossings(tied())}
    ways = {id_: one.ways for id_, one in found.items()}
    assert ways == {
        "input": ("sent", "given"), "parameter": ("replicated", "sent"), "arange": ("recomputed", "sent"),
        "tril": ("recomputed", "sent"), "mul": ("sent",),
    }  # fmt: skip
    assert "gradients are added" in found["parameter"].why
    assert [tied().graph.ids[node] for node in found["tril"].copies] == ["ones", "tril"]
    assert link_bytes(tied(), [*found.values()]) == [found["input"].bytes + found["mul"].bytes]


def test_the_way_is_a_choice_where_there_is_one() -> None:
    made, find = tied(), tied().graph.find
    choices = {find("input"): "given", find("tril"): "sent", find("parameter"): "sent"}
    found = crossings(made, choices)
    assert {made.graph.ids[one.node] for one in found if one.way == "sent"} == {"parameter", "tril", "mul"}
    with pytest.raises(SegmentError, match="'mul' cannot be recomputed"):
        crossings(made, {find("mul"): "recomputed"})


def test_a_segment_holds_copies_of_what_is_replicated_and_recomputed() -> None:
    made = tied()

    def ids(choices: dict[int, str]) -> list[str]:
        return [made.graph.ids[node] for node in contents(made, crossings(made, choices))[1]]

    find = made.graph.find
    assert ids({}) == ["parameter", "arange", "ones", "tril", "buffer", "score"]
    chosen = {find("input"): "given", find("tril"): "sent", find("parameter"): "sent"}
    assert ids(chosen) == ["input", "arange", "buffer", "score"]
