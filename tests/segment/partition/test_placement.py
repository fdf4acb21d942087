"""The largest load against all placements of small graphs, and files that are none."""

from __future__ import annotations

import json
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest

from explorer.errors import SegmentError
from explorer.segment.partition.placement import least_load, read_placement
from tests.segment.graphs import random_inputs
from tests.segment.partition.oracle import MOST, Divisions, Numbers, divisions

FIRST = 10
"""The id of the first node."""


def random_file(random: Random) -> dict[str, Any]:
    """Nodes in any order, some that take no time, some that only a CPU can compute."""
    inputs = random_inputs(random, MOST)
    out_cost = [random.choice((0, 0, 1, 2, 5)) for _ in inputs]
    nodes = [
        {
            "id": FIRST + item,
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
        {"sourceId": FIRST + source, "destId": FIRST + item, "cost": out_cost[source]}
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


def loads(file: dict[str, Any], of: Divisions, device: int, kind: str) -> Numbers:
    """The load of one device under every placement, read off the definition."""
    nodes = sorted(file["nodes"], key=lambda node: int(node["id"]))
    mine = of == device
    if kind == "cpu":
        return np.asarray(mine @ np.array([float(node["cpuLatency"]) for node in nodes]))
    unfit = np.array([not node["supportedOnFpga"] for node in nodes])
    room = mine @ np.array([node["size"] for node in nodes]) <= file["maxSizePerFPGA"]
    total = mine @ np.array([float(node["fpgaLatency"]) for node in nodes])
    costs = {edge["sourceId"] - FIRST: edge["cost"] for edge in file["edges"]}
    for source, cost in costs.items():
        readers = [edge["destId"] - FIRST for edge in file["edges"] if edge["sourceId"] - FIRST == source]
        total = total + cost * (mine[:, [source]] != mine[:, readers]).any(1)
    return np.asarray(np.where(room & ~mine[:, unfit].any(1), total, np.inf))


def best(file: dict[str, Any]) -> float:
    """Of all contiguous placements on all rows of devices."""
    inputs = [
        [edge["sourceId"] - FIRST for edge in file["edges"] if edge["destId"] - FIRST == item]
        for item in range(len(file["nodes"]))
    ]
    total = file["maxFPGAs"] + file["maxCPUs"]
    of = divisions(inputs, total)
    each = [{kind: loads(file, of, device, kind) for kind in ("accelerator", "cpu")} for device in range(total)]
    rows = product(("accelerator", "cpu"), repeat=total)
    return min(
        float(np.max([each[device][kind] for device, kind in enumerate(kinds)], axis=0).min())
        for kinds in rows
        if kinds.count("accelerator") <= file["maxFPGAs"] and kinds.count("cpu") <= file["maxCPUs"]
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_load_is_the_smallest_there_is(seed: int) -> None:
    """A hundred random graphs of up to ten operations, five times."""
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
        places = dict(zip(problem.names, done.of, strict=True))
        of = np.array([[places[id_] for id_ in sorted(places)]], np.int8)
        assert max(loads(file, of, k, kind)[0] for k, kind in enumerate(done.devices)) == pytest.approx(expected)


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
