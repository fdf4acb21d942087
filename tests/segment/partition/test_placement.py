"""The largest load against all placements of small graphs, and files that are none."""

from __future__ import annotations

import json
from itertools import product
from random import Random
from typing import Any

import pytest

from explorer.errors import SegmentError
from explorer.segment.partition.placement import least_load, read_placement
from tests.segment.graphs import random_inputs


def random_file(random: Random) -> dict[str, Any]:
    """Nodes in any order, some that take no time, some that only a CPU can compute."""
    inputs = random_inputs(random, 6)
    out_cost = [random.choice((0, 0, 1, 2, 5)) for _ in inputs]
    nodes = [
        {
            "id": 10 + item,
            "supportedOnFpga": int(random.random() < 0.95),
            "cpuLatency": random.randint(0, 20),
            "fpgaLatency": random.choice((0, random.randint(0, 9))),
            "isBackwardNode": 0,
            "colorClass": item,
            "size": random.randint(0, 3),
        }
        for item in range(len(inputs))
    ]
    edges = [
        {"sourceId": 10 + source, "destId": 10 + item, "cost": out_cost[source]}
        for item, sources in enumerate(inputs)
        for source in sources
    ]
    random.shuffle(nodes)
    return {
        "maxSizePerFPGA": random.randint(2, 9),
        "maxFPGAs": random.randint(1, 2),
        "maxCPUs": random.randint(0, 1),
        "nodes": nodes,
        "edges": edges,
    }


def load(file: dict[str, Any], on: dict[int, int], kinds: tuple[str, ...]) -> float:
    """The largest load of a device, read off the definition."""
    loads = []
    for device, kind in enumerate(kinds):
        mine = [node for node in file["nodes"] if on[node["id"]] == device]
        if kind == "cpu":
            loads.append(sum(node["cpuLatency"] for node in mine))
            continue
        if any(not node["supportedOnFpga"] for node in mine) or sum(n["size"] for n in mine) > file["maxSizePerFPGA"]:
            return float("inf")
        across = [e for e in file["edges"] if (on[e["sourceId"]] == device) != (on[e["destId"]] == device)]
        moved = {edge["sourceId"]: edge["cost"] for edge in across}
        loads.append(sum(node["fpgaLatency"] for node in mine) + sum(moved.values()))
    return max(loads)


def best(file: dict[str, Any]) -> float:
    """All contiguous placements on all rows of devices."""
    ids, found = [node["id"] for node in file["nodes"]], float("inf")
    total = file["maxFPGAs"] + file["maxCPUs"]
    for kinds in product(("accelerator", "cpu"), repeat=total):
        if kinds.count("accelerator") > file["maxFPGAs"] or kinds.count("cpu") > file["maxCPUs"]:
            continue
        for places in product(range(total), repeat=len(ids)):
            on = dict(zip(ids, places, strict=True))
            if all(on[e["sourceId"]] <= on[e["destId"]] for e in file["edges"]):
                found = min(found, load(file, on, kinds))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_load_is_the_smallest_there_is(seed: int) -> None:
    random = Random(seed)
    for _ in range(100):
        file = random_file(random)
        problem, expected = read_placement(json.dumps(file)), best(file)
        if expected == float("inf"):
            with pytest.raises(SegmentError, match="No placement fits"):
                least_load(problem)
            continue
        done = least_load(problem)
        assert done.load == pytest.approx(expected)
        assert load(file, dict(zip(problem.names, done.of, strict=True)), done.devices) == pytest.approx(expected)


def node(**fields: Any) -> dict[str, Any]:
    usual = {"id": 1, "supportedOnFpga": 1, "cpuLatency": 1, "fpgaLatency": 1, "colorClass": 1, "size": 1}
    return usual | fields


def file(nodes: list[Any], edges: list[Any]) -> str:
    return json.dumps({"maxSizePerFPGA": 9, "maxFPGAs": 2, "maxCPUs": 1, "nodes": nodes, "edges": edges})


@pytest.mark.parametrize(("text", "message"), [
    ("{", "not JSON"),
    ("[]", "not a device placement"),
    ('{"nodes": []}', "'edges' is missing"),
    (file([node(isBackwardNode=1)], []), "backward nodes"),
    (file([node(), node(id=2)], []), "share a colour class"),
    (file([node()], [{"sourceId": 1, "destId": 3, "cost": 1}]), "An edge names node 3"),
    (file([node(), node(id=2, colorClass=2)], [{"sourceId": a, "destId": b, "cost": 1} for a, b in ((1, 2), (2, 1))]),
     "in a circle"),
    (file([{"id": 1, "colorClass": 1}], []), "'fpgaLatency' is missing|'size' is missing"),
])  # fmt: skip
def test_what_is_no_placement_is_refused(text: str, message: str) -> None:
    with pytest.raises(SegmentError, match=message):
        read_placement(text)
