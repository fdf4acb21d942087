"""Profiles as JSON and CSV, and rows with a mistake."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from explorer.capture.model import trace_module
from explorer.errors import SegmentError
from explorer.segment.cost import costs
from explorer.segment.measured import (
    THIS_MACHINE,
    Measurement,
    measured_here,
    read_profile,
    this_machine,
    write_profile,
)
from tests.segment.models import traced
from tests.segment.test_cut import residual

ROWS = [
    {"node": id_, "device": "phone", "milliseconds": place + 0.5, "output bytes": 8, "memory": ""}
    for place, id_ in enumerate(["p", "h", "q", "k", "s", "y"])
]


def csv(rows: list[dict[str, object]]) -> str:
    names = list(ROWS[0])
    return "\n".join([",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)])


@pytest.mark.parametrize("text", [json.dumps(ROWS), csv(ROWS)], ids=["json", "csv"])
def test_both_forms_give_the_same(text: str) -> None:
    graph = residual()
    profile = read_profile(graph, text)
    assert profile.by_device["phone"][graph.find("q")] == Measurement(0.0025, 8.0, None)
    seconds = profile.seconds("phone")
    assert [seconds[graph.find(id_)] for id_ in ("x", "p", "y")] == [0.0, 0.0005, 0.0055]


def changed(**fields: object) -> list[dict[str, object]]:
    return [ROWS[0] | fields, *ROWS[1:]]


@pytest.mark.parametrize(("rows", "message"), [
    (changed(node="pp"), "Row 1: the graph has no node 'pp'. Did you mean 'p'"),
    (changed(milliseconds=-1), "Row 1 .'p'.: milliseconds is '?-1'?. Give a number of 0 or more"),
    (changed(milliseconds="fast"), "milliseconds is 'fast'"),
    (changed(milliseconds=""), "has no milliseconds"),
    (changed(device=""), "has no device"),
    (changed(memory=float("nan")), "memory is"),
    ([*ROWS, ROWS[2]], "Row 7: 'q' on 'phone' is there twice"),
    ([], "no rows"),
])  # fmt: skip
def test_a_mistake_is_named_with_its_row(rows: list[dict[str, object]], message: str) -> None:
    for text in (csv(rows), json.dumps(rows)):
        with pytest.raises(SegmentError, match=message):
            read_profile(residual(), text)


@pytest.mark.parametrize(("text", "message"), [
    ("[1, 2]", "list of objects"), ("[{", "not JSON"), ("node,device\np,a", "column 'milliseconds'"), ("", "no column"),
])  # fmt: skip
def test_what_is_no_profile_is_refused(text: str, message: str) -> None:
    with pytest.raises(SegmentError, match=message):
        read_profile(residual(), text)


def test_a_device_or_an_operation_without_measurement_is_named() -> None:
    profile = read_profile(residual(), json.dumps(ROWS[:-1]))
    with pytest.raises(SegmentError, match="'tablet' was not measured. The profile has phone"):
        profile.seconds("tablet")
    with pytest.raises(SegmentError, match="'y' was not measured on 'phone'"):
        profile.seconds("phone")


def test_this_machine_takes_time_for_what_computes() -> None:
    run = traced("export")
    measured = measured_here(run, repeats=1)
    seconds = measured.seconds(THIS_MACHINE)
    computing = [node for node, op in enumerate(run.graph.ops) if op == "linear"]
    assert computing and all(seconds[node] > 0 for node in computing)
    assert all(seconds[node] == 0 for node in range(len(run.graph)) if run.graph.kind(node) != "op")
    again = read_profile(run.graph, write_profile(measured))
    assert again.seconds(THIS_MACHINE) == pytest.approx(seconds, rel=1e-5)
    known, device = costs(run.graph), this_machine(costs(run.graph), measured)
    roofs = [device.seconds(known.flops[node], known.bytes[node]) for node in computing]
    assert all(roof <= seconds[node] * (1 + 1e-9) for roof, node in zip(roofs, computing, strict=True))


@pytest.mark.parametrize("read", [lambda x: sum(x.max(-1)), lambda x: sum(x.split(2, -1))], ids=["tuple", "list"])
def test_results_of_one_operation_take_no_time_of_their_own(read: Callable[[Tensor], Tensor]) -> None:
    class Reading(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return read(x)

    run = trace_module(Reading(), torch.randn(8, 4, requires_grad=True))
    seconds = measured_here(run, repeats=1).seconds(THIS_MACHINE)
    pieces = [node for node, op in enumerate(run.graph.ops) if op == "getitem"]
    assert pieces and all(seconds[node] == 0 for node in pieces)
    assert seconds[run.graph.inputs[pieces[0]][0]] > 0


def test_memory_that_is_filled_later_is_measured_as_any_other() -> None:
    class Filling(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            x = x.clone()
            x[0].mul_(2)
            places = torch.empty(len(x), dtype=torch.int64)
            places[x.argsort()] = torch.arange(len(x))
            return x[places]

    run = trace_module(Filling(), torch.randn(6, requires_grad=True))
    assert None in [run.value(node) for node in range(len(run.graph))] and "copy_slices" in run.graph.ops
    assert len(measured_here(run, repeats=1).seconds(THIS_MACHINE)) == len(run.graph)


def test_what_has_no_numbers_is_not_measured() -> None:
    with torch.device("meta"):
        run = trace_module(nn.Sequential(nn.Linear(4, 4), nn.GELU()), (torch.empty(2, 4),), mode="export")
    assert set(run.values) == {None} and run.graph.requires_grad[run.graph.find("0.weight")]
    with pytest.raises(SegmentError, match="no numbers for what it reads"):
        measured_here(run)
