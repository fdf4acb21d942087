"""Automatic cuts of a real graph, and what is said about them."""

from __future__ import annotations

import json

import pytest

from explorer.capture.model import trace_module
from explorer.errors import SegmentError
from explorer.models.hugging import from_config, inputs_for
from explorer.segment.cost import costs
from explorer.segment.cut import after, placed
from explorer.segment.devices import Device, Link
from explorer.segment.measured import read_profile
from explorer.segment.partition.plan import Objective, plan
from explorer.segment.preview import preview
from explorer.segment.timing import timing
from explorer.segment.units import units
from tests.segment.models import traced

GRAPH = traced("export", 4).graph
UNITS, COSTS = units(GRAPH), costs(GRAPH)


def device(name: str = "d", rate: float = 1e9, memory: float = 1e9) -> Device:
    return Device(name, {"float32": rate}, 1e12, memory)


FAST, SLOW = Link("fast", 1e12), Link("slow", 1e6)


def bottleneck(after_each: list[str]) -> float:
    made = after(GRAPH, after_each)
    return timing(preview(made, COSTS), COSTS, [device()] * made.parts, [FAST] * made.parts).bottleneck


def test_equal_devices_share_the_blocks() -> None:
    made = plan(UNITS, COSTS, [device()] * 4, [FAST] * 3)
    assert made.label == "optimal" and made.segmentation is not None and made.segmentation.parts == 4
    assert made.value <= bottleneck(["h.0", "h.1", "h.2"])
    shown = preview(made.segmentation, COSTS)
    assert made.value == pytest.approx(timing(shown, COSTS, [device()] * 4, [FAST] * 3).bottleneck, rel=1e-2)
    assert "is busy longest" in made.why and len(made.cuts) == 3 and all("cross" in line for line in made.cuts)


def test_a_slow_device_gets_less() -> None:
    made = plan(UNITS, COSTS, [device("slow", 1e8), device("fast", 9e8)], [FAST])
    assert made.segmentation is not None
    first, second = (content.flops for content in preview(made.segmentation, COSTS).contents)
    assert 5 < second / first < 14


@pytest.mark.parametrize("training", [False, True])
def test_memory_decides_how_many_devices_it_takes(training: bool) -> None:
    whole = preview(placed(UNITS, [0] * len(UNITS)), COSTS).contents[0].memory
    need = whole.parameters * (2 if training else 1) + (whole.kept if training else 0)
    room = need / 2.5 + whole.inference
    made = plan(UNITS, COSTS, [device(memory=room)] * 5, [FAST] * 4, "fewest", training=training)
    assert made.value == 3 and made.label == "optimal" and len(made.devices) == 3
    with pytest.raises(SegmentError, match="does not fit"):
        plan(UNITS, COSTS, [device(memory=room)] * 2, [FAST], "fewest", training=training)
    with pytest.raises(SegmentError, match="activations alone"):
        plan(UNITS, COSTS, [device(memory=100.0)], [])


def test_between_edge_and_centre_the_link_decides() -> None:
    edge, centre = device("edge", 1e8), device("centre", 1e12)
    near = plan(UNITS, COSTS, [edge, centre], [FAST], "latency")
    assert near.segmentation is None and near.devices == [centre] and near.why.startswith("Do not cut")
    far = plan(UNITS, COSTS, [edge, centre], [Link("none", 1e-3)], "latency")
    assert far.segmentation is None and far.devices == [edge]
    with pytest.raises(SegmentError, match="between two devices"):
        plan(UNITS, COSTS, [edge], [], "latency")


def test_a_cut_pays_where_little_crosses() -> None:
    """Reading tokens is quick at the edge and the tokens are large: eight bytes each, and here a link of its own."""
    rows = [
        {"node": id_, "device": name, "milliseconds": 1.0 if name == "centre" or "embedding" in id_ else 9.0}
        for id_ in GRAPH.ids
        if GRAPH.kind(GRAPH.index[id_]) == "op"
        for name in ("edge", "centre")
    ]
    measured = read_profile(GRAPH, json.dumps(rows))
    made = plan(UNITS, COSTS, [device("edge"), device("centre")], [FAST], "latency", measured=measured)
    count = sum(GRAPH.kind(node) == "op" and UNITS.unit[node] >= 0 for node in range(len(GRAPH)))
    assert made.value == pytest.approx(count * 1e-3, rel=1e-3)


@pytest.mark.parametrize("objective", ["bottleneck", "traffic", "memory", "fewest"])
def test_every_goal_gives_a_segmentation_in_words(objective: Objective) -> None:
    made = plan(UNITS, COSTS, [device()] * 3, [SLOW] * 2, objective)
    assert made.segmentation is not None and made.label == "optimal" and made.why.endswith(".")


@pytest.mark.parametrize(("parts", "links", "message"), [
    (3, 1, "need 2 links"), (0, 0, "no device"), (500, 499, "more than the"),
])  # fmt: skip
def test_what_cannot_be_planned_is_refused(parts: int, links: int, message: str) -> None:
    with pytest.raises(SegmentError, match=message):
        plan(UNITS, COSTS, [device()] * parts, [FAST] * links)


def test_segments_need_devices() -> None:
    with pytest.raises(SegmentError, match="2 segments need 2 devices and 1 links"):
        timing(preview(after(GRAPH, ["h.0"]), COSTS), COSTS, [device()], [])


def test_the_plan_and_the_preview_count_the_same_bytes() -> None:
    """T5's decoder reads an input of its own, long after the first segment."""
    pytest.importorskip("transformers")
    model = from_config("t5")
    run = trace_module(model, (), inputs_for(model), mode="export")
    taken, known = units(run.graph), costs(run.graph)
    made = plan(taken, known, [device()] * 3, [SLOW] * 2, "traffic")
    assert made.segmentation is not None
    assert made.value == sum(preview(made.segmentation, known).links)
