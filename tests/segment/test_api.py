"""The way in, by hand and by itself, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

import explorer
from explorer.errors import SegmentError
from explorer.segment.api import segment
from explorer.segment.devices import Device, Link
from explorer.segment.table import data, holds, text
from tests.segment.models import gpt, tokens, traced

RUN = traced("export", 3)


def test_by_hand() -> None:
    seg = segment(RUN, after=["h.0", "h.1"], devices="4090", links="NVLink 4")
    module = gpt(3)
    assert [part.name for part in seg.segments] == ["A", "B", "C"] and seg.plan is None
    assert seg.segments[1].parameters == sum(p.numel() for p in module.h[1].parameters())
    assert seg.segments[1].bytes == 4 * seg.segments[1].parameters < seg.segments[1].peak_memory
    assert seg.segments[1].peak_memory < seg.segments[1].training_memory
    assert [(n.id, n.shape, n.dtype) for n in seg.segments[1].inputs] == [("add_2", (3, 9, 32), "float32")]
    assert [n.id for n in seg.segments[1].outputs] == ["add_4"]
    assert {RUN.graph.ids[one.node]: one.way for one in seg.crossings} == {
        "wte.weight": "replicated", "add_2": "sent", "add_4": "sent",
    }  # fmt: skip
    assert torch.equal(seg(tokens()), module(tokens())) and len(seg.modules) == 3


def test_the_proof() -> None:
    seg = segment(RUN, after=["h.0"])
    for made in (seg.verify(), seg.verify_fresh(), seg.verify(tokens(2, 4))):
        assert made.bit_equal and made.output_difference == made.gradient_difference == 0


@pytest.mark.parametrize("objective", ["bottleneck", "traffic", "memory", "fewest"])
def test_by_itself(objective: Any) -> None:
    seg = segment(RUN, parts=3, objective=objective)
    assert seg.plan is not None and seg.plan.label == "optimal"
    assert len(seg.segments) == (1 if objective == "fewest" else 3) and seg.verify().bit_equal


def test_by_assignment_and_by_devices() -> None:
    seg = segment(RUN, after=["h.0"])
    ids = {id_: seg.segmentation.of[node] for node, id_ in enumerate(RUN.graph.ids)}
    assert segment(RUN, assignment=ids).segmentation.of == seg.segmentation.of
    mine = [Device("a", {"float32": 1e9}, 1e9, 1e9), Device("b", {"float32": 2e9}, 1e9, 1e9)]
    made = segment(RUN, devices=mine, links=[Link("l", 1e9)])
    assert made.devices == mine and made.plan is not None
    assert segment(RUN, devices=mine, links=[Link("l", 1e9)], objective="latency").plan is not None


def test_time_is_shown_for_a_request_and_for_a_batch() -> None:
    seg = segment(RUN, parts=3, links="NVLink 4")
    assert seg.waterfall()[-1].end == pytest.approx(seg.timing.latency)
    made = seg.timeline("1f1b", microbatches=6)
    assert made.microbatches == 6 and 0.25 <= made.bubble < 0.5
    assert seg.timeline("inference", 4).length < made.length


def test_devices_take_turns_where_each_has_several_segments() -> None:
    seg = segment(RUN, parts=4)
    made = seg.timeline("interleaved", microbatches=4, each=2)
    assert made.devices == 2 and {bar.action.stage % 2 == bar.device for bar in made.bars} == {True}
    kept = [content.memory.kept / 4 for content in seg.preview.contents]
    assert max(kept) <= max(seg.in_flight(made)) <= 4 * sum(kept)
    with pytest.raises(SegmentError, match="4 segments cannot be 3 on each device"):
        seg.timeline("interleaved", each=3)


def test_a_link_makes_every_microbatch_wait() -> None:
    slow = Link("slow", 1e12, latency=1.0)
    made = segment(RUN, after=["h.0"], links=[slow]).timeline("inference", microbatches=3)
    assert made.length == pytest.approx(3.0, rel=1e-3)  # one after the other over the link, a second each


def test_inputs_and_outputs_are_the_models_at_both_ends() -> None:
    seg = segment(RUN, after=["h.0", "h.1"])
    assert [(n.id, n.shape, n.dtype) for n in seg.segments[0].inputs] == [("tokens", (3, 9), "int64")]
    last = seg.segments[-1].outputs
    assert [(n.shape, n.dtype) for n in last] == [((3, 9, 27), "float32")]


def test_the_package_is_the_function() -> None:
    assert explorer.segment(RUN, after=["h.0"]).segmentation.of == segment(RUN, after=["h.0"]).segmentation.of


def test_a_tied_weight_is_sent_where_one_chooses_so() -> None:
    seg = segment(RUN, after=["h.0"], choices={"wte.weight": "sent"})
    assert seg.preview.copied == 0 and "wte.weight" in [n.id for n in seg.segments[1].inputs]
    assert seg.verify().output_difference == 0


def test_energy_is_power_times_time_where_it_is_known() -> None:
    seg = segment(RUN, after=["h.0"], devices=["Pi 5", "4090"])
    assert seg.joules == pytest.approx(25 * seg.timing.compute[0] + 450 * seg.timing.compute[1])
    assert segment(RUN, after=["h.0"], devices=["Snapdragon"]).joules is None


def test_the_table_says_what_the_numbers_say() -> None:
    seg = segment(RUN, parts=3)
    lines = text(seg).splitlines()
    assert (
        len(lines) == 1 + 3 + 2 + 1 + 2 + len(seg.integers)
        and lines[0].startswith("segment")
        and lines[6].startswith("optimal")
    )
    assert lines[7].startswith("A | B: ") and "Cut here because" in lines[7]
    for line, part in zip(lines[1:4], seg.segments, strict=True):
        assert line.startswith(part.name) and f"{part.parameters:,}" in line
    found = json.loads(json.dumps(data(seg)))
    assert [one["parameters"] for one in found["segments"]] == [part.parameters for part in seg.segments]
    assert found["links"][0]["bytes"] == seg.preview.links[0] and found["plan"]["label"] == "optimal"


def test_what_a_segment_holds_in_short() -> None:
    of = segment(RUN, after=["h.0", "h.1"]).segmentation
    assert [holds(of, k) for k in range(3)] == ["wte, wpe, h.0", "h.1", "h.2, ln_f, lm_head"]
    assert holds(segment(RUN, after=["ln_f"]).segmentation, 0) == "wte to ln_f"


@pytest.mark.parametrize(("given", "message"), [
    ({}, "Say where to cut: after="),
    ({"after": ["h.0"], "parts": 2}, "in one way"),
    ({"parts": 0}, "0 parts cannot be made"),
    ({"parts": 18}, "There is no segment 17"),
    ({"parts": 2, "devices": ["tv"]}, "'tv' is not one of the profiles"),
    ({"parts": 2, "devices": ["Raspberry"]}, "There are Raspberry Pi 3B; Raspberry Pi 5"),
    ({"parts": 3, "devices": ["Pi 5", "4090"]}, "3 devices are needed, and 2 were given"),
    ({"parts": 3, "objective": "latency"}, "between two devices"),
    ({"parts": 1000}, "more than the"),
])  # fmt: skip
def test_what_does_not_go_together_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SegmentError, match=message):
        segment(RUN, **given)


def test_an_eager_run_is_planned_but_makes_no_modules() -> None:
    seg = segment(traced("eager"), parts=2)
    assert seg.plan is not None and len(seg.segments) == 2
    with pytest.raises(SegmentError, match="mode='export'"):
        seg.verify()
