"""The published device-placement format: a profiled graph, accelerators, CPUs, and the smallest largest load.

Tarnawski et al., "Efficient Algorithms for Device Placement of DNN Graph Operators", NeurIPS 2020. The JSON has

    maxSizePerFPGA (bytes an accelerator holds), maxFPGAs, maxCPUs
    nodes: id, supportedOnFpga, cpuLatency, fpgaLatency, isBackwardNode, colorClass (same class, same device), size
    edges: sourceId, destId, cost (time to move the source's output between an accelerator and the host's memory)

"FPGA" is any accelerator. The load of one is its computing and moving: each value that it reads from elsewhere once,
each that is read elsewhere once. A CPU is beside the memory and only computes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.errors import SegmentError
from explorer.segment.partition import stages
from explorer.segment.partition.dynamic import Step, best_way
from explorer.segment.partition.family import closed_sets
from explorer.segment.partition.reduce import reduced
from explorer.segment.partition.work import Handed, Held, Place, Work

MOST_SETS = 20_000


@dataclass(frozen=True)
class Placement:
    """``names`` are the ids in the file. Times are in the file's unit."""

    names: Sequence[int]
    work: Work
    accelerator: Place
    accelerators: int
    cpu: Place
    cpus: int


@dataclass(frozen=True)
class Placed:
    """``of[item]`` is the place in a row of devices, ``devices`` say which kind each is; ``load`` the largest."""

    of: tuple[int, ...]
    devices: tuple[str, ...]
    load: float


def read_placement(text: str) -> Placement:
    """The problem in a file's text. Raises SegmentError, naming what is wrong, where it is not of this format."""
    try:
        data = json.loads(text)
        nodes, edges = data["nodes"], data["edges"]
        return _placement(data, _in_order(nodes, edges), edges)
    except json.JSONDecodeError as error:
        raise SegmentError(f"The file is not JSON: {error}.") from None
    except (KeyError, TypeError) as error:
        raise SegmentError(
            f"The file is not a device placement: {error} is missing or not what it should be."
        ) from None


def least_load(problem: Placement) -> Placed:
    """The best contiguous placement on at most as many devices as there are. Raises SegmentError where none fits."""
    kinds = [problem.accelerator, problem.cpu]
    smaller = reduced(problem.work, kinds)
    family = closed_sets(smaller.work, MOST_SETS)
    if family is None:
        raise SegmentError(f"The graph can be cut in more than {MOST_SETS:,} ways, which are too many to compare.")
    accelerator, cpu = smaller.places
    busy = stages.together(np.add, stages.compute(family, accelerator), stages.handling(family, smaller.work, 1.0))
    fits = stages.within(stages.memory(family, smaller.work), accelerator.memory)
    on_accelerator, on_cpu = stages.allowed_by(busy, fits), stages.compute(family, cpu)
    steps, width = list[Step](), problem.cpus + 1
    for state in range(1, (problem.accelerators + 1) * width):
        if state >= width:
            steps.append(Step(state - width, state, on_accelerator))
        if state % width:
            steps.append(Step(state - 1, state, on_cpu))
    way = best_way(family, steps, range((problem.accelerators + 1) * width))
    if way is None:
        raise SegmentError("No placement fits into the memory of the accelerators.")
    if not way.sets:  # nothing costs anything, anywhere
        return Placed(tuple(smaller.spread([])), ("accelerator" if problem.accelerators else "cpu",), 0.0)
    of = [int(place) for place in family.members[list(way.sets)].argmax(0)]
    names = ["accelerator" if steps[number].cost is on_accelerator else "cpu" for number in way.steps]
    return Placed(tuple(smaller.spread(of)), tuple(names), way.value)


def _placement(data: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]], edges: Sequence[Any]) -> Placement:
    if any(node.get("isBackwardNode") for node in nodes):
        raise SegmentError("The graph has backward nodes: only inference graphs are divided here.")
    if len({node["colorClass"] for node in nodes}) < len(nodes):
        raise SegmentError("Some nodes share a colour class: only graphs without colocated nodes are divided here.")
    place = {node["id"]: item for item, node in enumerate(nodes)}
    inputs: list[set[int]] = [set() for _ in nodes]
    readers: list[set[int]] = [set() for _ in nodes]
    cost = [0.0] * len(nodes)
    for edge in edges:
        source, target = place[edge["sourceId"]], place[edge["destId"]]
        inputs[target].add(source)
        readers[source].add(target)
        cost[source] = float(edge["cost"])
    work = Work(
        [tuple(sorted(sources)) for sources in inputs],
        [Handed(item, tuple(sorted(found)), cost[item]) for item, found in enumerate(readers) if found],
        [Held((item,), float(node["size"])) for item, node in enumerate(nodes)],
    )
    fast = [float(node["fpgaLatency"]) if node["supportedOnFpga"] else float("inf") for node in nodes]
    return Placement(
        [node["id"] for node in nodes],
        work,
        Place(fast, float(data["maxSizePerFPGA"])),
        int(data["maxFPGAs"]),
        Place([float(node["cpuLatency"]) for node in nodes]),
        int(data["maxCPUs"]),
    )


def _in_order(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The nodes, each after those that it needs."""
    known = {node["id"]: node for node in nodes}
    needs: dict[int, set[int]] = {id_: set() for id_ in known}
    for edge in edges:
        for end in (edge["sourceId"], edge["destId"]):
            if end not in known:
                raise SegmentError(f"An edge names node {end}, which is not among the nodes.")
        needs[edge["destId"]].add(edge["sourceId"])
    order: list[Mapping[str, Any]] = []
    done: set[int] = set()
    while len(order) < len(known):
        ready = [id_ for id_ in known if id_ not in done and needs[id_] <= done]
        if not ready:
            raise SegmentError("The edges run in a circle, so the graph cannot be divided.")
        order += [known[id_] for id_ in ready]
        done.update(ready)
    return order
