"""Passes on the graphs of models: the same values and gradients to the last bit, by torch's own engine."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explorer import models
from explorer.capture.model import trace_module
from explorer.capture.trace import ModuleRun
from explorer.errors import RunError
from explorer.graph import LEAVES
from explorer.passes.memory import inference
from explorer.passes.rewrite import Pass, chain, prove, repeatable, rerun
from explorer.passes.simplify import fold, merge, merge_exactly, prune
from explorer.segment.rehearsal import rehearse

ALL: list[Pass] = [merge_exactly, fold, prune]


class Twice(nn.Module):
    """Says the same twice, computes what nobody needs, counts its calls, and makes a mask of nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.norm, self.drop = nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        mask = torch.ones(4, 4).tril()
        one, two = torch.tanh(x) * 2, torch.tanh(x) * 3
        torch.sin(x)
        first, second = (self.drop(self.norm(self.linear(one))) @ mask).chunk(2)
        return (first * second).sum() + two.sum()


def traced(name: str, mode: Any = "export", **sizes: int) -> ModuleRun:
    torch.manual_seed(0)
    if name == "twice":
        return trace_module(Twice(), (torch.randn(4, 4, requires_grad=True),), mode=mode)
    return trace_module(models.load(name, **sizes), models.example(name), mode=mode)


@pytest.mark.parametrize("mode", ["eager", "export"])
@pytest.mark.parametrize("name", ["twice", "mlp", "encoder-pre-norm", "gpt", "llama-block"])
def test_passes_change_no_bit_of_a_model(name: str, mode: str) -> None:
    run = repeatable(traced(name, mode))
    for passes in ([merge_exactly], [fold], [prune], ALL):
        rewrite = chain(run, passes)
        rewrite.graph.check()
        proof = prove(run, rewrite)
        assert proof.values and proof.gradients and proof.difference == 0
        assert len(rewrite.graph) <= len(run.graph)


def test_a_model_run_again_is_its_run_edge_by_edge() -> None:
    """Contributions and the order of the backward pass as well; dropout is drawn as it was."""
    torch.manual_seed(3)
    run = trace_module(models.load("encoder-pre-norm", dropout=0.4).train(), models.example("encoder-pre-norm"))
    again = rerun(run, chain(run, []))
    assert list(again.backward.order) == list(run.backward.order)
    for one, two in zip(run.contributions, again.contributions, strict=True):
        assert (one is None) == (two is None) and (one is None or torch.equal(one, two))  # type: ignore[arg-type]


def test_what_is_said_twice_is_computed_once() -> None:
    run = traced("twice")
    ops = run.graph.ops
    assert ops.count("tanh") == 2 and chain(run, [merge]).graph.ops.count("tanh") == 1
    assert "sin" in ops and "sin" not in chain(run, [prune]).graph.ops
    folded = chain(run, [fold]).graph
    assert "tril" in ops and "tril" not in folded.ops and "ones" not in folded.ops


def test_what_is_written_and_what_is_drawn_stays() -> None:
    """The count of batches is read by nobody, and yet is part of what the model does."""
    run = traced("twice", "eager")
    left = chain(run, ALL).graph
    writes = [
        op
        for i, op in enumerate(run.graph.ops)
        if any(run.graph.names[source].endswith("num_batches_tracked") for source in run.graph.inputs[i])
    ]
    assert writes and all(op in left.ops for op in writes)
    assert left.ops.count("bernoulli") == run.graph.ops.count("bernoulli") == 1


def test_a_planted_error_is_found() -> None:
    """A graph that takes one operation for another is no proof."""
    run = traced("mlp")
    rewrite = chain(run, [])
    ops = [i for i, op in enumerate(run.graph.ops) if op not in LEAVES and run.graph.requires_grad[i]]
    place = next(i for i in ops if run.graph.ops[i] in ("relu", "tanh", "gelu"))
    wrong = dict(rewrite.graph.attrs) | {place: {**rewrite.graph.attrs[place], "call": torch.sin}}
    object.__setattr__(rewrite.graph, "attrs", wrong)
    proof = prove(run, rewrite)
    assert not proof.values and not proof.gradients


def test_what_torch_did_out_of_sight_is_refused_by_name() -> None:
    class Half(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = x * 2
            y[0] = x[1]
            return y.sum()

    run = trace_module(Half(), (torch.ones(2, 2, requires_grad=True),))
    with pytest.raises(RunError, match="copy_slices"):
        repeatable(run)


def test_memory_is_planned_for_the_simpler_model_too() -> None:
    run = traced("llama-block")
    after = rerun(run, chain(run, ALL))
    before, now = (inference(each, rehearse(each.graph)) for each in (run, after))
    assert now.total < before.total and len(now.actions) < len(before.actions)
