"""Search, kin and paths as the browser works them out, run in Node on the bytes that it gets."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer.canvas import wire
from explorer.layout import Box, arrange, arrange_nested
from explorer.passes.condense import condense
from explorer.passes.groups import Groups

FRONTEND = Path(wire.__file__).parent / "frontend"
LOOPS = """
s = x
for i in range(3):
    u = s * w
    for j in range(2):
        u = tanh(u) * w
    s = s + u
y = s * s
"""
TURNS = ["for i=0", "for i=1", "for i=2"]
LOAD = """
import { readFileSync } from "node:fs";
import { decode } from "./wire.js";
const [file, asked] = JSON.parse(process.argv[1]);
const trace = file && decode(new Uint8Array(readFileSync(file)));
"""
FIND = """
import { countText, find, step } from "./find.js";
console.log(JSON.stringify(asked.map((query) => {
  const found = find(trace, query);
  return { hits: found.hits.map(({ id }) => id), first: step(found, 1), last: step(found, -1), said: countText(found),
    lit: trace.nodes.id.filter((_, node) => found.lit?.[node] & 1),
    inside: Object.fromEntries([...found.inside].map(([node, count]) => [trace.nodes.id[node], count])) };
})));
"""
KIN = """
import { litKin } from "./kin.js";
import { sentence } from "./paths.js";
console.log(JSON.stringify(asked.map((state) => {
  const lit = litKin({ trace, ...state });
  return { lit: lit && trace.nodes.id.filter((_, node) => lit[node]), said: sentence({ trace, ...state }) };
})));
"""
PATHS = """
import { paths } from "./kin.js";
import { countText } from "./paths.js";
console.log(JSON.stringify(asked.map(({ inputs, from, to }) => {
  const starts = [0];
  for (const each of inputs) starts.push(starts.at(-1) + each.length);
  const count = paths({ starts, sources: inputs.flat() }, from, to);
  return [String(count), countText(count)];
})));
"""

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")


def node(script: str, asked: Any, blob: bytes = b"") -> Any:
    """What ``script`` prints, with ``asked`` and the trace of ``blob`` at hand."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(blob)
        file.flush()
        given = json.dumps([file.name if blob else "", asked])
        command = ["node", "--input-type=module", "--eval", LOAD + script, given]
        done = subprocess.run(command, capture_output=True, cwd=FRONTEND, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def loops(*opened: str) -> tuple[explorer.Run, bytes]:
    run = explorer.trace(LOOPS, x=0.7, w=1.3)
    seen = condense(run, Groups(run.graph), opened)
    drawn = seen.run.graph
    boxes = [Box(152, 74, (), 76) for _ in drawn.ops]
    placement = arrange_nested(drawn, boxes, lambda key: 60.0, "tb")
    return run, wire.encode(run, placement, boxes, rev=1, title="", seen=seen)


def members(run: explorer.Run, id_: str) -> list[str]:
    """The nodes in a group, or the node itself."""
    found = Groups(run.graph).by_key.get(id_)
    return [id_] if found is None else [run.graph.ids[index] for index in found.members]


def test_nodes_in_closed_groups_are_found_and_counted() -> None:
    run, blob = loops()
    wanted = [id_ for id_, op in zip(run.graph.ids, run.graph.ops, strict=True) if op == "tanh"]
    (found,) = node(FIND, ["TANH"], blob)
    assert found["hits"] == wanted and found["said"] == "6 found"
    assert found["inside"] == dict.fromkeys(TURNS, 2)
    assert found["lit"] == []


def test_a_hit_that_is_drawn_is_lit_and_the_rest_counted_where_they_are() -> None:
    _, blob = loops("for i=1", "for i=1/for j=0")
    (found,) = node(FIND, ["op:tanh"], blob)
    assert found["inside"] == {"for i=0": 2, "for i=1/for j=1": 1, "for i=2": 2}
    assert len(found["lit"]) == 1


def test_fields_shapes_and_several_terms() -> None:
    run = explorer.trace("M = [[1, 2], [3, 4]]\nv = [1, 1]\nh = tanh(M @ v)\nt = sum(h)")
    boxes = [Box(152, 74, (), 76) for _ in run.graph.ops]
    blob = wire.encode(run, arrange(run.graph, boxes, "lr"), boxes, rev=1, title="")
    queries = ["2x2", "[2, 2]", "[2,", "shape:[2]", "tanh 2", "name:tanh", "op:tanh", "   ", "nowhere", "t"]
    found = node(FIND, queries, blob)
    shaped = {size: [n.id for n in run.graph.nodes.values() if len(n.shape) == size] for size in (0, 1, 2)}
    assert [each["hits"] for each in found[:3]] == [shaped[2]] * 3
    assert found[3]["hits"] == shaped[1]
    assert found[5]["hits"] == [] and found[6]["hits"] == ["h"]
    assert found[7]["said"] == "" and found[8]["said"] == "nothing found" and found[8]["first"] == -1
    assert found[9]["hits"][found[9]["first"]] == "t", "the one of exactly that name comes first"


def test_groups_are_found_by_their_titles_before_what_is_in_them() -> None:
    run, blob = loops("for i=0")
    (found,) = node(FIND, ["i=1"], blob)
    inside = members(run, "for i=1")
    assert found["hits"][0] == "for i=1"
    assert set(found["hits"]) == {"for i=1", "for i=1/for j=0", "for i=1/for j=1", *inside}
    assert found["lit"] == ["for i=1"] and found["inside"] == {"for i=1": len(found["hits"]) - 1}


@pytest.mark.parametrize("opened", [(), ("for i=1",), (*TURNS,)])
def test_kin_is_that_of_the_whole_graph_whichever_groups_are_open(opened: tuple[str, ...]) -> None:
    run, blob = loops(*opened)
    whole = nx.DiGraph(run.graph.to_networkx())
    seen = condense(run, Groups(run.graph), opened)
    shown = dict(zip(run.graph.ids, (seen.run.graph.ids[at] for at in seen.node_of), strict=True))
    ids = run.graph.ids
    chosen = [id_ for id_ in ids if id_ in seen.run.graph.index] + TURNS[:1]
    asked = [{"chosen": id_, "lineage": which, "other": ""} for id_ in chosen for which in ("ancestors", "descendants")]
    for state, found in zip(asked, node(KIN, asked, blob), strict=True):
        inside = members(run, state["chosen"])
        sweep = nx.ancestors if state["lineage"] == "ancestors" else nx.descendants
        kin = set(inside).union(*(sweep(whole, id_) for id_ in inside))
        assert set(found["lit"]) == {shown[id_] for id_ in kin}


def test_paths_between_two_nodes_are_lit_and_counted_from_either_end() -> None:
    run, blob = loops()
    whole = run.graph.to_networkx()
    count = sum(1 for _ in nx.all_simple_edge_paths(whole, "x", "y"))
    ask = {"chosen": "y", "lineage": "paths", "other": "x"}
    there, back, none = node(KIN, [ask, ask | {"chosen": "x", "other": "y"}, ask | {"chosen": "x", "other": "w"}], blob)
    assert there["said"] == back["said"] == f"{count} paths from x to y"
    assert set(there["lit"]) == set(back["lit"]) == {"x", "y", *TURNS}
    assert none == {"lit": None, "said": "No path between x and w"}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(2, 9))
    inputs = [draw(st.lists(st.integers(0, n - 1), max_size=3)) if n else [] for n in range(count)]
    ends = sorted(draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True)))
    return {"inputs": inputs, "from": ends[0], "to": ends[1]}


@settings(max_examples=5, deadline=None)
@given(st.lists(graphs(), min_size=30, max_size=30))
def test_paths_are_counted_as_networkx_lists_them(asked: list[dict[str, Any]]) -> None:
    for case, (count, _) in zip(asked, node(PATHS, asked), strict=True):
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(range(len(case["inputs"])))
        graph.add_edges_from((source, n) for n, ports in enumerate(case["inputs"]) for source in ports)
        assert int(count) == sum(1 for _ in nx.all_simple_edge_paths(graph, case["from"], case["to"]))


def test_more_paths_than_can_be_listed_are_counted() -> None:
    doubling = {"inputs": [[], *([n, n] for n in range(100))], "from": 0, "to": 100}
    ((count, said),) = node(PATHS, [doubling])
    assert int(count) == 2**100
    assert said == "about 1.2 × 10^30 paths"
