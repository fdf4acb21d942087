"""Groups keep their promises too: what holds of cards holds of their borders, and edges cross them at ports only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from explorer.graph import Graph
from explorer.layout import CARDS, MODELS, Box, Direction, Frame, Placement, Port, arrange, arrange_nested
from tests.layout.geometry import SLACK, check, check_chips, flow, route, samples, size
from tests.layout.graphs import boxes, cards, graph, scoped_graphs

DIRECTIONS: tuple[Direction, ...] = ("lr", "tb")
both = pytest.mark.parametrize("direction", DIRECTIONS)
TITLE = 30


def title_width(name: str) -> float:
    return 40.0 + 60 * (name == "b")


def check_groups(drawn: Graph, sizes: list[Box], placement: Placement) -> None:
    """All promises of groups; ``check`` holds the others."""
    members = _members(drawn, placement)
    for number, group in enumerate(placement.groups):
        _check_border(drawn, sizes, placement, group, members[number])
        _check_title(placement, group, number)
        for other in range(number):
            around = _holds(placement.groups[other], group)
            assert around or not _meets(placement.groups[other], group)
            assert not around or group.scope[: len(placement.groups[other].scope)] == placement.groups[other].scope
    edges = [(s, t) for t, ports in enumerate(drawn.inputs) for s in ports]
    for edge, (source, target) in enumerate(edges):
        for group, held in zip(placement.groups, members, strict=True):
            _check_crossing(placement, group, held, source, target, route(placement, edge))


def _members(drawn: Graph, placement: Placement) -> list[set[int]]:
    """Per group the cards within its border; together they are those of its scope."""
    found = []
    for group in placement.groups:
        low, high = _corners(group)
        x = np.stack([placement.x, placement.y], axis=1)
        found.append(set(np.flatnonzero(((x >= low - SLACK) & (x < high)).all(axis=1)).tolist()))
    for scope in {group.scope for group in placement.groups}:
        parts = [held for group, held in zip(placement.groups, found, strict=True) if group.scope == scope]
        wanted = {node for node, of in enumerate(drawn.scopes) if of[: len(scope)] == scope}
        assert set().union(*parts) == wanted and sum(map(len, parts)) == len(wanted)
    assert {s[:n] for s in drawn.scopes for n in range(1, len(s) + 1)} == {g.scope for g in placement.groups}
    return found


def _corners(group: Frame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low = np.array([group.x, group.y])
    return low, low + np.array([group.width, group.height])


def _holds(outer: Frame, inner: Frame) -> bool:
    (low, high), (inner_low, inner_high) = _corners(outer), _corners(inner)
    return bool((low < inner_low).all() and (inner_high < high).all())


def _meets(one: Frame, other: Frame) -> bool:
    (low, high), (other_low, other_high) = _corners(one), _corners(other)
    return bool((low < other_high - SLACK).all() and (other_low < high - SLACK).all())


def _check_border(drawn: Graph, sizes: list[Box], placement: Placement, group: Frame, held: set[int]) -> None:
    """Cards lie wholly inside or wholly outside; ports lie on the border, one per value that crosses it."""
    low, high = _corners(group)
    for node in range(len(drawn)):
        corner = np.array([placement.x[node], placement.y[node]], dtype=np.float64)
        end = corner + size(sizes[node])
        if node in held:
            assert (corner > low).all() and (end < high).all()
        else:
            assert (end <= low + SLACK).any() or (corner >= high - SLACK).any()
    axis = flow(placement)
    entering = {s for t in held for s in drawn.inputs[t] if s not in held}
    leaving = {s for s in held for t, _ in drawn.consumers[s] if t not in held}
    for ports, values, border in ((group.entries, entering, low), (group.exits, leaving, high)):
        assert len(ports) == len(values) and {port.value for port in ports} == values
        for port in ports:
            place = np.array([port.x, port.y])
            assert abs(place[axis] - border[axis]) < SLACK and (place >= low).all() and (place <= high).all()


def _check_title(placement: Placement, group: Frame, number: int) -> None:
    """The title stands within the border, and neither cards, groups nor edges cover it."""
    low = np.array(group.title)
    high = low + np.array([title_width(group.scope[-1]), TITLE])
    corners = _corners(group)
    assert (low >= corners[0]).all() and (high <= corners[1]).all()
    for other in placement.groups[number + 1 :]:
        inner = _corners(other)
        assert (inner[0] >= high - SLACK).any() or (inner[1] <= low + SLACK).any()
    for edge in range(len(placement.starts) - 1):
        way = samples(route(placement, edge))
        assert not ((way > low) & (way < high)).all(axis=1).any()


def _check_crossing(
    placement: Placement, group: Frame, held: set[int], source: int, target: int, points: NDArray[np.float64]
) -> None:
    """An edge is inside from its source or the entry on, up to its target or the exit, and never else."""
    axis, (low, high) = flow(placement), _corners(group)
    first = -np.inf if source in held else _port(group.entries, source, points)[axis] if target in held else np.inf
    last = np.inf if target in held else _port(group.exits, source, points)[axis] if source in held else -np.inf
    way = samples(points)
    clear = way[(np.abs(way[:, axis] - first) > 2 * SLACK) & (np.abs(way[:, axis] - last) > 2 * SLACK)]
    inside = ((clear > low + SLACK) & (clear < high - SLACK)).all(axis=1)
    assert (inside == ((clear[:, axis] > first) & (clear[:, axis] < last))).all()


def _port(ports: tuple[Port, ...], value: int, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the value crosses; one curve of the route must end there."""
    place = next(np.array([port.x, port.y]) for port in ports if port.value == value)
    assert (np.abs(points[::3] - place) < SLACK).all(axis=1).any()
    return place


#  x ──> [a: m ──> [a/b: n] ──> o] ──> y,  and x ──> y past all of them
NAMED = {
    "past": graph([[], [0], [1], [2], [3, 0]], [(), ("a",), ("a", "b"), ("a",), ()]),
    "straight through": graph([[], [], [0, 1], [1, 2], [3, 0]], [(), (), ("a",), ("a", "b"), ()]),
    "left and entered again": graph([[], [0], [1], [2], [3, 1]], [(), ("a",), (), ("a",), ()]),
    "two at once": graph([[], [0], [0], [1, 2], [2, 1], [3, 4]], [(), ("a",), ("b",), ("a",), ("b",), ()]),
    "without edges": graph([[], [], []], [("a",), ("a", "b"), ("b",)]),
    "all inside": graph([[], [0]], [("a", "b", "c")] * 2),
    "many sources of one": graph([*[[]] * 40, list(range(40)), [40]], [*[("a",)] * 40, (), ()]),
    "many sources beside others": graph([*[[]] * 30, [], [30], [31], [*range(30), 32, 31]], [("a", "b")] * 34),
    "blocks": graph(
        [[], *([node, node - 2] if node % 4 == 3 else [node] for node in range(24)), [24]],
        [(), *(("h", f"{n // 4}") if n % 4 != 1 else ("h", f"{n // 4}", "b") for n in range(24)), ()],
    ),
}


@both
@pytest.mark.parametrize("name", NAMED)
def test_named_graphs_keep_the_promises(name: str, direction: Direction) -> None:
    sizes = cards(NAMED[name], direction)
    placement = arrange_nested(NAMED[name], sizes, title_width, direction)
    check(NAMED[name], sizes, placement)
    check_groups(NAMED[name], sizes, placement)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_graph_keeps_the_promises(data: st.DataObject) -> None:
    direction = data.draw(st.sampled_from(DIRECTIONS))
    drawn = data.draw(scoped_graphs())
    sizes = data.draw(boxes(drawn, direction, free=True))
    room = data.draw(st.sampled_from([CARDS, MODELS]))
    placement = arrange_nested(drawn, sizes, title_width, direction, room)
    check(drawn, sizes, placement)
    check_groups(drawn, sizes, placement)
    if placement.labelled:
        check_chips(sizes, placement)


@both
def test_scopes_show_only_where_they_are_asked_for(direction: Direction) -> None:
    drawn = NAMED["past"]
    assert not arrange(drawn, cards(drawn, direction), direction).groups
    assert [g.scope for g in arrange_nested(drawn, cards(drawn, direction), title_width, direction).groups] == [
        ("a",),
        ("a", "b"),
    ]


def test_a_scope_that_is_left_and_entered_again_is_two_groups() -> None:
    drawn = NAMED["left and entered again"]
    groups = arrange_nested(drawn, cards(drawn, "tb"), title_width, "tb").groups
    assert [(group.scope, group.part) for group in groups] == [(("a",), 0), (("a",), 1)]


@both
def test_equal_blocks_look_equal(direction: Direction) -> None:
    drawn = NAMED["blocks"]
    placement = arrange_nested(drawn, cards(drawn, direction), title_width, direction)
    sizes = {(group.width, group.height) for group in placement.groups if len(group.scope) == 2}
    across = {group.y if direction == "lr" else group.x for group in placement.groups if len(group.scope) == 2}
    assert len(sizes) == 1 and max(across) - min(across) < 1


@both
def test_many_sources_of_one_are_no_long_row(direction: Direction) -> None:
    drawn = graph([*[[]] * 120, list(range(120))], [*[("a",)] * 120, ()])
    sizes = cards(drawn, direction)
    group = arrange_nested(drawn, sizes, title_width, direction).groups[0]
    broad, deep = (group.width, group.height) if direction == "tb" else (group.height, group.width)
    across = sum(size.width if direction == "tb" else size.height for size in sizes[:120])
    assert broad < across / 2 and 1 / 4 < broad / deep < 4
