"""One answer for every node: of the language, of torch, of a collapsed block, or of what nobody has written about."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import explorer
from explorer import models
from explorer.canvas.wire import decode, encode
from explorer.capture.model import trace_module
from explorer.export.derivation import derive
from explorer.export.terms import Terms
from explorer.graph import LEAVES
from explorer.layout import Box, arrange
from explorer.ops import OPS
from explorer.ops.explain import GROUP, UNWRITTEN, explain, explanation, is_written
from explorer.ops.typeset import latex


class Doing(nn.Module):
    """Any function of one tensor."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def traced(function: Any, *shape: int) -> Any:
    return trace_module(Doing(function), torch.randn(shape, generator=torch.Generator().manual_seed(2)))


def found(run: Any, op: str) -> Any:
    return explain(run.graph, run.graph.ops.index(op))


def unwritten(run: Any) -> set[str]:
    graph = run.graph
    return {f"{op}{tuple(graph.attrs[i])}" for i, op in enumerate(graph.ops) if not is_written(explain(graph, i))}


@pytest.mark.parametrize("name", models.names())
@pytest.mark.parametrize("mode", ["eager", "export"])
def test_every_operation_of_the_shipped_models_is_explained(name: str, mode: Any) -> None:
    config = models.entry_of(name).config
    may_drop = hasattr(config, "dropout") and not models.entry_of(name).weights
    for sizes in ({}, {"dropout": 0.1}) if may_drop else ({},):
        model, args = models.load(name, **sizes), models.example(name, **sizes)
        assert unwritten(trace_module(model.train(bool(sizes)), args, mode=mode)) == set()


def scored(logits: Tensor) -> Tensor:
    rows = logits.flatten(0, -2)
    return F.cross_entropy(rows, torch.zeros(len(rows), dtype=torch.long))


def test_the_losses_of_language_models_are_explained() -> None:
    model, args = models.load("gpt"), models.example("gpt")
    run = trace_module(
        model, args, loss=lambda logits: scored(logits) + logits.log_softmax(-1).mean() + logits[0, 0, 3]
    )
    assert unwritten(run) == set()
    assert found(run, "nll_loss").label == "negative log-likelihood"


@pytest.mark.parametrize(
    "layer",
    [
        nn.MultiheadAttention(8, 2, batch_first=True), nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
        nn.RMSNorm(8), nn.SiLU(), nn.Dropout(0.3), nn.GELU("tanh"), nn.Softmax(-1), nn.LogSoftmax(-1), nn.Hardtanh(),
    ],
    ids=lambda layer: type(layer).__name__,
)  # fmt: skip
def test_torchs_own_layers(layer: nn.Module) -> None:
    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(x, x, x)[0] if isinstance(self.layer, nn.MultiheadAttention) else self.layer(x)

    for is_training in (True, False):
        run = trace_module(Whole().train(is_training), torch.randn(2, 3, 8))
        assert unwritten(run) == set()


def test_an_operation_of_the_language_is_the_one_of_its_table() -> None:
    run = explorer.trace("y = max(tanh(a), 2) * a ** 2", a=0.5)
    assert all(explain(run.graph, i) is OPS[op] for i, op in enumerate(run.graph.ops))


def test_an_index_stands_in_the_formula() -> None:
    run = explorer.trace("w = [[1, 2], [3, 4]]\ny = w[1, 0] * w[0, 1]")
    formulas = [latex(explain(run.graph, i).formula) for i, op in enumerate(run.graph.ops) if op == "index"]
    assert formulas == ["{{x}_{0}}_{1 , 0}", "{{x}_{0}}_{0 , 1}"]
    op = explanation("index", 1, {"index": (1, 0)})
    assert op is explanation("index", 1, {"index": (1, 0)}), "found once"


def test_numbers_of_a_call_stand_in_its_formula() -> None:
    run = traced(lambda x: (x * 3 - 0.5).clamp(min=-1).reshape(3, 2)[1:], 2, 3)
    assert latex(found(run, "mul.Scalar").formula) == r"{x}_{0} \cdot 3"
    assert latex(found(run, "sub.Scalar").formula) == r"{x}_{0} - 0.5"
    assert latex(found(run, "clip").formula) == r"\max ( {x}_{0} , - 1 )"
    assert latex(found(run, "view").formula) == r"{x}_{0} \text{~as~} [ 3 , 2 ]"
    assert latex(found(run, "slice").formula) == r"{{x}_{0}}_{1 : \text{end}} \text{~along axis~} 0"


def test_lists_of_inputs_have_a_port_each() -> None:
    run = traced(lambda x: torch.cat([x] * 12 + [x + 1], dim=1), 2, 3)
    op = found(run, "cat")
    assert len(op.ports) == len(op.vjp) == len(op.locals) == 13 and set(op.ports) == {"tensors"}
    assert latex(op.formula) == r"[ {x}_{0} , {x}_{1} , \ldots , {x}_{12} ] \text{~along axis~} 1"


def test_equal_calls_share_their_explanation() -> None:
    run = traced(lambda x: F.layer_norm(x, [3]) + F.layer_norm(x * 2, [3]), 2, 3)
    places = [i for i, op in enumerate(run.graph.ops) if op == "layer_norm"]
    assert len(places) == 2 and explain(run.graph, places[0]) is explain(run.graph, places[1])


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, *g: Tensor) -> Tensor:
        return g[0] * 2


@pytest.mark.parametrize("function, op", [(torch.i0, "i0"), (Doubled.apply, "Doubled")])
def test_what_nobody_has_written_about_is_drawn_all_the_same(function: Any, op: str) -> None:
    run = trace_module(Doing(lambda x: function(x) * x), torch.ones(3, requires_grad=True))
    index = run.graph.ops.index(op)
    written = explain(run.graph, index)
    assert not is_written(written) and written.forward_sentence == UNWRITTEN
    assert written.label == op and written.symbol == op[:4]
    assert op.replace("_", r"\_") in latex(Terms(run).formula(index))
    assert derive(run).lines
    boxes = [Box(100, 60, (30,) * len(ports), 30) for ports in run.graph.inputs]
    trace = decode(encode(run, arrange(run.graph, boxes), boxes, rev=1, title=""))
    sent = trace["ops"][trace["nodes"]["op"][index]]
    assert sent["forwardSentence"] == UNWRITTEN and len(sent["vjp"]) == len(run.graph.inputs[index])


def test_a_model_can_be_drawn_and_derived() -> None:
    run = trace_module(models.load("llama-block"), models.example("llama-block"))
    boxes = [Box(100, 60, (30,) * len(ports), 30) for ports in run.graph.inputs]
    trace = decode(encode(run, arrange(run.graph, boxes), boxes, rev=1, title=""))
    ops = [trace["ops"][place]["name"] for place in trace["nodes"]["op"]]
    assert ops == list(run.graph.ops)
    terms = Terms(run)
    for index in range(len(run.graph)):
        latex(terms.formula(index))
        for port in range(len(run.graph.inputs[index])):
            latex(terms.written(index, port))


def test_a_collapsed_block_is_a_function_of_its_inputs() -> None:
    block = explanation(GROUP, 2, {"title": "attn", "operations": 12, "group": "h.0.attn"})
    assert block.label == "attn" and "12 operations" in block.forward_sentence and len(block.vjp) == 2
    assert latex(block.formula) == r"\mathrm{attn} ( {x}_{0} , {x}_{1} )"
    assert is_written(block)


def test_a_leaf_with_several_names_is_still_a_leaf() -> None:
    run = trace_module(models.load("gpt"), models.example("gpt"))
    leaves = [explain(run.graph, i) for i, op in enumerate(run.graph.ops) if op in LEAVES]
    assert all(leaf in (OPS["parameter"], OPS["input"]) for leaf in leaves)


def test_an_explanation_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        explanation("i0", 1).label = "x"  # type: ignore[misc]
