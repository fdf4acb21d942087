"""Groups in the blob: which are seen, where their frames lie, and whose numbers their moments bring."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import explorer
from explorer.canvas import moments, wire
from explorer.layout import Box, arrange_nested
from explorer.passes.condense import Condensed, condense
from explorer.passes.groups import Groups

LOOPS = """
s = x
for i in range(3):
    u = s * w
    for j in range(2):
        u = tanh(u) * w
    s = s + u
y = s * s
"""
TWO_VALUES = """
u = x
v = w
for i in range(3):
    u = u * w + v
    v = sin(v) + u * x
y = u * v
"""
"""Two values go from turn to turn, so that a closed turn hands on two."""


def seen(text: str, *opened: str) -> tuple[explorer.Run, Condensed]:
    run = explorer.trace(text, x=0.7, w=1.3)
    return run, condense(run, Groups(run.graph), opened)


def blob(run: explorer.Run, view: Condensed, wrt: str | None = None) -> dict[str, Any]:
    graph = view.run.graph
    boxes = [Box(152, 74, (), 76) for _ in graph.ops]
    placement = arrange_nested(graph, boxes, lambda key: 60.0, "tb")
    tangents = run.tangents(wrt) if wrt else None
    return wire.decode(wire.encode(run, placement, boxes, rev=1, title="", tangents=tangents, seen=view))


def test_groups_are_listed_as_far_as_they_are_seen() -> None:
    run, view = seen(LOOPS, "for i=1")
    trace = blob(run, view)
    rows = [(g["key"], g["title"], g["depth"], g["parent"], g["node"] >= 0) for g in trace["groups"]]
    assert rows == [
        ("for i=0", "for i=0", 1, -1, True),
        ("for i=1", "for i=1", 1, -1, False),
        ("for i=1/for j=0", "for j=0", 2, 1, True),
        ("for i=1/for j=1", "for j=1", 2, 1, True),
        ("for i=2", "for i=2", 1, -1, True),
    ]
    assert trace["depth"] == {"full": 0, "deepest": 1, "most": 2}
    for group in trace["groups"]:
        assert (group["operations"], group["parameters"]) == (view.groups.contents(group["key"]).operations, 0)
        if group["node"] >= 0:
            assert trace["nodes"]["kind"][group["node"]] == wire.KINDS["group"]
            assert trace["nodes"]["id"][group["node"]] == group["key"] and group["frames"] == []


def test_every_node_knows_its_group_and_lies_in_its_frame() -> None:
    run, view = seen(LOOPS, "for i=1", "for i=1/for j=0")
    trace = blob(run, view)
    nodes, groups = trace["nodes"], trace["groups"]
    keys = [groups[group]["key"] if group >= 0 else "" for group in nodes["group"]]
    assert keys == [scope[-1] if scope else "" for scope in view.run.graph.scopes]
    for node, group in enumerate(nodes["group"]):
        for frame in groups[group]["frames"] if group >= 0 else ():
            assert frame["x"] < nodes["x"][node] and nodes["x"][node] + 152 < frame["x"] + frame["w"]
            assert frame["y"] + 30 <= nodes["y"][node] and nodes["y"][node] + 74 < frame["y"] + frame["h"]


def test_ports_lie_on_the_border_and_routes_pass_them() -> None:
    run, view = seen(LOOPS, "for i=1")
    trace = blob(run, view)
    points = trace["edges"]["points"].reshape(-1, 2)
    (frame,) = trace["groups"][1]["frames"]
    assert len(frame["ports"]) == 3
    for x, y in frame["ports"]:
        assert y in (pytest.approx(frame["y"]), pytest.approx(frame["y"] + frame["h"]))
        assert np.abs(points - (x, y)).max(axis=1).min() < 0.01


def test_names_values_and_local_derivatives_are_those_of_the_whole_run() -> None:
    run, view = seen(TWO_VALUES)
    trace = blob(run, view)
    nodes, edges, hidden = trace["nodes"], trace["edges"], trace["hidden"]
    assert nodes["name"] == [run.graph.symbol(original) for original in view.shows]
    assert hidden["name"] == [run.graph.symbol(original) for original in view.hidden] and len(hidden["name"]) == 3
    assert list(hidden["value"]) == [run.values[original] for original in view.hidden]
    (y,) = [node for node, id_ in enumerate(nodes["id"]) if id_ == "y"]
    into = np.flatnonzero(edges["target"] == y)
    assert sorted(edges["value"][into]) == sorted({edges["source"][into[0]], edges["value"][into].max()})
    u, v = run.graph.inputs[run.graph.index["y"]]
    assert list(edges["local"][into]) == [run.values[v], run.values[u]]
    others = np.flatnonzero(edges["target"] != y)
    assert np.isnan(edges["local"][others]).all()


@pytest.mark.parametrize("text", [LOOPS, TWO_VALUES])
def test_sums_grow_value_by_value(text: str) -> None:
    """What has arrived at a value in the end is what those outside of its group bring to it."""
    run, view = seen(text)
    trace = blob(run, view)
    rows, edges = trace["moments"], trace["edges"]
    last: dict[int, float] = {}
    for place in np.flatnonzero((rows["phase"] == moments.BACKWARD) & (rows["edge"] >= 0)):
        edge = rows["edge"][place]
        value = int(edges["value"][edge])
        before = last.get(value, math.nan)
        np.testing.assert_equal(rows["before"][place], before)
        last[value] = rows["after"][place]
        assert last[value] == (0 if math.isnan(before) else before) + edges["contribution"][edge]
    graph, originals = run.graph, [*view.shows, *view.hidden]
    for value, total in last.items():
        key = view.group_of.get(view.node_of[originals[value]], "")
        members = set(view.groups.by_key[key].members) if key else set()
        slots = [(t, port) for t, port in graph.consumers[originals[value]] if t not in members]
        parts = [run.contributions[graph.edge_starts[t] + port] for t, port in slots]
        assert total == pytest.approx(sum(part for part in parts if part is not None), rel=1e-12)


def test_forward_mode_moves_a_closed_group_at_once() -> None:
    run, view = seen(LOOPS)
    trace = blob(run, view, wrt="w")
    rows, ids = trace["moments"], trace["nodes"]["id"]
    tangents = run.tangents("w")
    steps = [
        (ids[rows["node"][m]], rows["edge"][m] < 0, rows["after"][m]) for m in range(rows["forward"], rows["count"])
    ]
    turns = [(id_, alone, after) for id_, alone, after in steps if id_.startswith("for")]
    results = [view.shows[ids.index(id_)] for id_, _, _ in turns]
    assert [id_ for id_, _, _ in turns] == ["for i=0", "for i=1", "for i=2"] and all(alone for _, alone, _ in turns)
    assert [after for _, _, after in turns] == [tangents.tangents[result] for result in results]


def test_two_views_of_one_run_have_one_fingerprint() -> None:
    run, closed = seen(LOOPS)
    opened = condense(run, closed.groups, ["for i=0"])
    other, whole = seen(TWO_VALUES)
    assert blob(run, closed)["program"] == blob(run, opened)["program"] != blob(other, whole)["program"]
