"""Sizes that several segments read: where each reads them is as long as they are, on other inputs too."""

from __future__ import annotations

import torch
from torch import Tensor, fx, nn

import explorer
from explorer.capture.model import trace_module
from explorer.segment.integers import integers
from explorer.segment.split import split
from explorer.segment.table import data, text
from explorer.segment.units import units
from tests.segment.models import traced
from tests.segment.test_split import two_sided


class _Watching(fx.Interpreter):
    """What every ``sym_size`` of a segment gives."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.seen: list[int] = []

    def run_node(self, n: fx.Node) -> object:
        made = super().run_node(n)
        if "sym_size" in str(n.target):
            self.seen.append(int(made))
        return made


def test_every_segment_reads_the_batch_and_the_length_for_itself() -> None:
    run = traced("export")
    told = set()
    for cut in range(len(units(run.graph)) - 1):
        parts = split(run, two_sided(run, cut))
        values = parts.bound(run.exported.program.example_inputs[0], {})
        sizes: list[list[int]] = []
        for stage in parts.stages:
            watching = _Watching(stage.module)
            made = watching.run(*(values[name] for name in stage.inputs))
            values |= dict(zip(stage.outputs, made, strict=True))
            sizes.append(sorted(set(watching.seen)))
        found = integers(parts, run)
        both = set(sizes[0]) & set(sizes[1])
        assert {one.size for one in found} == both
        told |= {(one.name, one.size, one.way) for one in found}
    assert told <= {("batch", 3, "recomputed"), ("length", 9, "recomputed")} and told


class Long(nn.Module):
    """What is as long as the input is gone behind the first operation, and its length is asked for at the end."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum(0).tanh() * x.shape[0]


def test_a_tensor_that_arrives_for_its_size_alone_is_said_to_be_sent() -> None:
    x = torch.randn(5, 4)
    seg = explorer.segment(trace_module(Long(), (x,), mode="export"), after=["sum"])
    assert torch.equal(seg(x[:3]), Long()(x[:3]))
    (one,) = seg.integers
    assert (one.name, one.size, one.way) == ("batch", 5, "sent") and list(one.read) == [1]
    assert one.why.endswith("B off x (dimension 0); x is sent to B for it")


def test_they_are_in_the_table_and_the_json() -> None:
    seg = explorer.segment(traced("export"), after=["h.0"])
    assert "length (9) is recomputed: each segment reads it off a tensor that it has: A off" in text(seg)
    (one,) = [one for one in data(seg)["integers"] if one["name"] == "length"]
    assert one["size"] == 9 and one["way"] == "recomputed" and [each["segment"] for each in one["read"]] == [0, 1]
    assert explorer.segment(traced("eager"), after=["h.0"]).integers == ()
