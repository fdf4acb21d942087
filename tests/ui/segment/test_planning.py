"""Devices, plans, proofs and profiles of a session that cuts a model."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from explorer.errors import SegmentError
from explorer.models import without_weights
from explorer.segment.cut import after
from explorer.segment.devices import Device
from explorer.segment.edit import move
from explorer.segment.measured import THIS_MACHINE
from explorer.segment.profiles import shipped
from explorer.ui.model_source import fresh
from explorer.ui.segment import rows, share
from explorer.ui.segment.planning import Planning
from tests.ui.segment.test_share import entered


@pytest.fixture
def planning() -> Planning:
    """Of the small GPT, not cut yet."""
    return share.of(entered(fresh("gpt-sort"))).planning


def test_a_plan_is_put_on_the_canvas_and_stands_beside_what_the_user_makes_of_it(planning: Planning) -> None:
    cutting = planning.cutting
    planning.place("bottleneck", 3)
    found = planning.planned
    assert found is not None and planning.is_as_planned and cutting.segmentation.parts == 3
    assert found.plan.label == "optimal" and cutting.said.text.startswith("Optimal. ")
    assert found.worth == planning.times().bottleneck and len(found.plan.cuts) == 2
    last = max(
        node
        for node, at in enumerate(cutting.segmentation.of)
        if at == 0 and cutting.segmentation.units.unit[node] >= 0
    )
    cutting.place(move(cutting.segmentation, last, 1).segmentation)
    assert not planning.is_as_planned and " % worse, as planned it is " in planning.beside_the_plan()
    cutting.undo()
    assert planning.is_as_planned and planning.beside_the_plan().startswith("As good as the plan")


def test_what_cannot_be_planned_is_said_and_the_cuts_stay(planning: Planning) -> None:
    cutting = planning.cutting
    cutting.place(after(cutting.graph, ["h.0"]))
    before = cutting.segmentation
    tiny = replace(shipped().devices["Raspberry Pi 5"], name="tiny", memory=9.0)
    planning.take_profiles(planning.profiles.with_one(tiny))
    planning.device_names = ["tiny"]
    planning.place("bottleneck", 2)
    assert cutting.said.refused and "tiny has 9 B of memory" in cutting.said.text
    assert cutting.segmentation is before


def test_devices_go_with_the_segments(planning: Planning) -> None:
    cutting = planning.cutting
    cutting.place(after(cutting.graph, ["h.0", "ln_f"]))
    planning.put_device(1, "Raspberry Pi 5")
    planning.put_link(0, "3G")
    names = [device.name for device in planning.devices()]
    assert names[1] == "Raspberry Pi 5" != names[0] and planning.links()[0].name == "3G"
    planning.take_profiles(planning.profiles.without_device("Raspberry Pi 5"))
    assert planning.devices()[1].name == next(iter(planning.profiles.devices))
    assert len(planning.devices(5)) == 5 and len(planning.links(4)) == 4


def test_the_proof_follows_the_cuts(planning: Planning) -> None:
    cutting = planning.cutting
    planning.keep_proving()
    assert planning.proof is None
    cutting.place(after(cutting.graph, ["h.0"]))
    planning.keep_proving()
    first = planning.proof
    planning.keep_proving()
    assert first is not None and planning.proof is first
    first.join()
    assert first.found is not None and first.found.bit_equal and first.found.written == first.found.asked > 0
    assert set(first.found.errors) == {"float16", "int8"}
    cutting.place(after(cutting.graph, ["h.1"]))
    planning.keep_proving()
    assert planning.proof is not first and first.is_stopped
    assert planning.proof is not None
    planning.proof.stop()
    planning.proof.join()
    assert planning.proof.is_done


def test_a_program_is_planned_and_not_proved() -> None:
    planning = share.of(entered()).planning
    planning.place("bottleneck", 2)
    planning.keep_proving()
    assert planning.cutting.segmentation.parts == 2 and planning.proof is None and "planned alone" in planning.unproved
    assert planning.free() == []


def test_this_machine_becomes_a_device(planning: Planning) -> None:
    planning.measure()
    assert planning.measuring is not None
    planning.measuring.join()
    planning.take_measured()
    assert planning.measuring is None and planning.profiles.devices[THIS_MACHINE].memory > 2**20
    planning.device_names = [THIS_MACHINE]
    assert planning.known is not None
    assert planning.times().latency == pytest.approx(sum(planning.known.seconds(THIS_MACHINE)))
    planning.forget_measured()
    assert planning.times().latency > 0


def test_a_measured_profile_names_devices_that_there_are(planning: Planning) -> None:
    graph = planning.cutting.graph
    ids = [id_ for node, id_ in enumerate(graph.ids) if graph.kind(node) == "op"]
    every = [{"node": id_, "device": "Raspberry Pi 5", "milliseconds": 2.0} for id_ in ids]
    planning.import_measured(json.dumps(every))
    planning.device_names = ["Raspberry Pi 5"]
    assert planning.times().latency == pytest.approx(2e-3 * len(ids))
    for text, message in (
        (json.dumps([{**row, "device": "tv"} for row in every]), "no device called 'tv'"),
        (json.dumps(every[:-1]), "was not measured on 'Raspberry Pi 5'"),
        (json.dumps([{**every[0], "node": "nothing"}]), "Row 1: the graph has no node 'nothing'"),
    ):
        with pytest.raises(SegmentError, match=message):
            planning.import_measured(text)
    assert planning.known is not None and list(planning.known.by_device) == ["Raspberry Pi 5"]


def test_the_pipeline_is_shown_for_other_sizes(planning: Planning) -> None:
    planning.place("bottleneck", 4)
    small = planning.pipeline()
    planning.sizes = {"batch": 32}
    assert planning.pipeline().length > small.length
    planning.kind, planning.each = "interleaved", 2
    assert planning.pipeline().devices == 2 and len(planning.in_flight(planning.pipeline())) == 2
    planning.each = 3
    with pytest.raises(SegmentError, match="Cut it into 3 or 6"):
        planning.pipeline()
    planning.kind, planning.sizes = "1f1b", {"length": 1000}
    with pytest.raises(SegmentError, match="A length of 1,000 is not possible"):
        planning.pipeline()


def test_rows_that_were_not_edited_stay_to_the_last_digit() -> None:
    known = shipped().with_one(Device("odd", {"float32": 1e9 / 3}, 7e9 / 3, 2**33 + 1.0))
    back = rows.read(known, rows.written("device", known), rows.written("link", known))
    assert back == known
    edited = rows.written("device", known)
    edited[0]["Memory GiB"] = 2
    edited.append(
        {"Device": "mine", "float32 GFLOP/s": 5, "Bandwidth GB/s": 1, "Memory GiB": 0.5, "Watts": float("nan")}
    )
    edited.append({"Device": None})
    made = rows.read(known, edited, rows.written("link", known)).devices
    assert next(iter(made.values())).memory == 2**31
    assert made["mine"] == Device("mine", {"float32": 5e9}, 1e9, 2.0**29)


@pytest.mark.parametrize(("change", "message"), [
    ({"Memory GiB": 0}, "its memory is 0"),
    ({"Bandwidth GB/s": -1}, "its bandwidth is -1"),
    ({"Memory GiB": None}, "has no 'Memory GiB'"),
    ({"Device": "Raspberry Pi 5"}, "Two of them are called 'Raspberry Pi 5'"),
])  # fmt: skip
def test_a_row_that_cannot_be_is_refused(change: dict[str, object], message: str) -> None:
    known = shipped()
    edited = rows.written("device", known)
    edited[0] |= change
    with pytest.raises(SegmentError, match=message):
        rows.read(known, edited, rows.written("link", known))


def test_without_a_row_there_is_nothing_to_plan_for() -> None:
    with pytest.raises(SegmentError, match="no link left"):
        rows.read(shipped(), rows.written("device", shipped()), [])


def test_a_model_without_weights_is_planned_by_its_shapes() -> None:
    pytest.importorskip("transformers")
    session = entered()
    cutting = share.of(session)
    planning = cutting.planning
    cutting.plan_large("llama")  # a tiny preset, in the way of the large ones
    assert cutting.large == session.view.title == "llama" and set(cutting.run.values) == {None}
    planning.place("bottleneck", 2)
    planning.keep_proving()
    assert cutting.segmentation.parts == 2 and planning.proof is None and "no weights" in planning.unproved
    planning.measure()
    assert planning.measuring is not None
    planning.measuring.join()
    with pytest.raises(SegmentError, match="no numbers for what it reads"):
        planning.take_measured()
    cutting.plan_large("nothing")
    assert cutting.said.refused and cutting.large == "llama"
    session.set_text("y = x * x")
    assert not cutting.large and cutting.graph is session.view.run.graph


def test_the_large_presets_have_their_published_sizes() -> None:
    """Parameters as their authors state them, in billions."""
    pytest.importorskip("transformers")
    published = {"llama-7b": 6.74, "llama-3-8b": 8.03, "mistral-7b": 7.24, "gpt2-xl": 1.56}
    for name, billions in published.items():
        count = sum(parameter.numel() for parameter in without_weights(name).parameters())
        assert round(count / 1e9, 2) == billions
