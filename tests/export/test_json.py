from __future__ import annotations

import json
import math
from typing import Any

import pytest
import torch

import explorer
from explorer.export import to_json, to_json_text
from explorer.export.json import MOST_ELEMENTS
from explorer.graph import Edge
from tests.export.graphs import every

RUNS = every()


def no_constant(word: str) -> None:
    raise AssertionError(f"{word} is not strict JSON")


def read(run: explorer.Run) -> dict[str, Any]:
    data = json.loads(to_json_text(run), parse_constant=no_constant)
    assert isinstance(data, dict)
    return data


def number(data: Any) -> torch.Tensor | None:
    """The tensor that a JSON number or nested list stands for, written by somebody who read the format's words."""
    if data is None:
        return None
    spelled = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

    def plain(item: Any) -> Any:
        return [plain(part) for part in item] if isinstance(item, list) else spelled.get(item, item)

    dtype = torch.bool if isinstance(data, bool) else torch.float64
    return torch.tensor(plain(data), dtype=dtype)


def same(data: Any, expected: torch.Tensor | None) -> bool:
    found = number(data)
    if found is None or expected is None:
        return found is expected
    return torch.equal(found.nan_to_num(nan=7.5), expected.double().nan_to_num(nan=7.5).to(found.dtype))


@pytest.mark.parametrize("name", RUNS)
def test_every_number_comes_back(name: str) -> None:
    run, data = RUNS[name], read(RUNS[name])
    assert [node["id"] for node in data["nodes"]] == list(run.graph.ids)
    for node in data["nodes"]:
        assert same(node["value"], run.value(node["id"])), node
        assert same(node["grad"], run.grad(node["id"])), node
    assert len(data["edges"]) == len(run.graph.edges)
    for entry in data["edges"]:
        edge = Edge(entry["source"], entry["target"], entry["port"])
        assert same(entry["contribution"], run.contribution(edge))
        assert same(entry["local"], run.local(edge))


@pytest.mark.parametrize("name", RUNS)
def test_the_structure_comes_back(name: str) -> None:
    run, data = RUNS[name], read(RUNS[name])
    for entry in data["nodes"]:
        node = run.graph.nodes[entry["id"]]
        assert (entry["op"], entry["kind"], entry["name"]) == (node.op, node.kind, node.name)
        assert (tuple(entry["shape"]), tuple(entry["inputs"])) == (node.shape, node.inputs)
        assert (entry["line"], entry["requires_grad"]) == (node.line, node.requires_grad)
    assert [(step["phase"], step["node"]) for step in data["steps"]] == [(s.phase, s.node) for s in run.steps]
    assert (data["format"], data["version"], data["output"]) == ("explorer.run", 1, run.output)


def test_arrivals_add_up() -> None:
    data = read(RUNS["two paths"])
    contribution = {(e["target"], e["port"]): e["contribution"] for e in data["edges"]}
    arrivals = [arrival for step in data["steps"] for arrival in step["arrivals"]]
    assert len(arrivals) == 5
    for arrival in arrivals:
        part = contribution[arrival["target"], arrival["port"]]
        assert arrival["after"] == (arrival["before"] or 0.0) + part


def test_not_computed_is_null_and_not_finite_is_a_word() -> None:
    data = read(RUNS["broken"])
    nodes = {node["id"]: node for node in data["nodes"]}
    assert nodes["y"]["value"] == "NaN" and data["nonfinite"] == "y"
    assert read(explorer.trace("y = 1 / x", x=0.0))["nodes"][-1]["value"] == "Infinity"
    assert read(explorer.trace("y = -1 / x", x=0.0))["nodes"][-1]["value"] == "-Infinity"
    assert read(RUNS["nothing to differentiate"])["nodes"][0]["grad"] is None


def test_large_tensors_say_that_they_are_left_out() -> None:
    side = math.isqrt(MOST_ELEMENTS) + 1
    run = explorer.trace("y = sum(x)", x=torch.ones(side, side))
    value = to_json(run)["nodes"][0]["value"]
    assert value["shape"] == [side, side] and value["norm"] == pytest.approx(side)
    assert "elements" in value["note"]
