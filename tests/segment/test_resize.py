"""Graphs of other sizes against traces with inputs of those sizes."""

from __future__ import annotations

from dataclasses import astuple

import pytest
import torch

from explorer.capture.model import trace_module
from explorer.errors import SegmentError
from explorer.segment.api import segment
from explorer.segment.cost import costs
from explorer.segment.cut import Segmentation
from explorer.segment.preview import preview
from explorer.segment.resize import free_sizes, resized, without_loss
from explorer.segment.units import units
from tests.segment.models import BATCH, TOKENS, gpt, tokens, traced

RUN = traced("export")


def test_what_is_free_and_how_far() -> None:
    """The small GPT has places for 16 tokens; torch.export takes a size of one for a fixed one."""
    assert [astuple(size) for size in free_sizes(RUN)] == [("batch", BATCH, 2, None), ("length", TOKENS, 2, 16)]


@pytest.mark.parametrize(("batch", "length"), [(5, 9), (3, 4), (8, 16)])
def test_it_costs_what_a_trace_of_that_size_costs(batch: int, length: int) -> None:
    made = resized(RUN, {"batch": batch, "length": length})
    traced_so = without_loss(trace_module(gpt(), (tokens(batch, length),), mode="export").graph)
    assert list(made.ids) == list(RUN.graph.ids[: len(made)]) and list(made.shapes) == list(traced_so.shapes)
    one, two = costs(made), costs(traced_so)
    assert list(one.flops) == list(two.flops) and list(one.bytes) == list(two.bytes)
    of = segment(RUN, after=["h.0"]).segmentation.of[: len(made)]
    memories = [
        [content.memory for content in preview(Segmentation(units(graph), of), known).contents]
        for graph, known in ((made, one), (traced_so, two))
    ]
    assert memories[0] == memories[1]


def test_any_loss_is_left_out() -> None:
    """One that fits no other length, as the score of a token at a place does not."""
    run = trace_module(gpt(), (tokens(),), loss=lambda out: out[2, 8, 3] * 2 + out.sum(), mode="export")
    made = resized(run, {"batch": 2, "length": 4})
    assert list(made.ids) == list(resized(run, {"batch": BATCH}).ids) == list(run.graph.ids[: len(made)])
    assert [made.shapes[node] for node in made.outputs] == [(2, 4, 27)]


@pytest.mark.parametrize(("sizes", "message"), [
    ({"length": 17}, "A length of 17 is not possible: the model takes 2 to 16"),
    ({"batch": 0}, "takes 2 to any larger one"),
    ({"width": 3}, "no size called 'width' free. Free are: batch, length"),
])  # fmt: skip
def test_what_a_model_cannot_take_is_refused(sizes: dict[str, int], message: str) -> None:
    with pytest.raises(SegmentError, match=message):
        resized(RUN, sizes)


def test_only_an_exported_graph_has_other_sizes() -> None:
    with pytest.raises(SegmentError, match="mode='export'"):
        free_sizes(traced("eager"))


def test_a_batch_of_one_was_captured_as_two() -> None:
    run = trace_module(gpt(), (torch.zeros(1, 5, dtype=torch.long),), mode="export")
    assert free_sizes(run)[0].traced == 1 and resized(run, {"batch": 4}).shapes[run.graph.outputs[0]][0] == 4
