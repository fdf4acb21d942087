"""The names of axes, on models whose source says what every axis is."""

from __future__ import annotations

import pytest
import torch

import explorer
from explorer import models
from explorer.passes.axes import Axes

DECODER = "decoder_input_ids"


def axes(name: str, batch: int, tokens: int, vocabulary: int = 0) -> tuple[explorer.Graph, Axes]:
    graph = explorer.trace_module(models.load(name), models.example(name)).graph
    return graph, Axes(graph, batch, tokens, vocabulary)


def named(graph: explorer.Graph, axes: Axes, op: str, scope: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [axes.of(i) for i in range(len(graph)) if graph.ops[i] == op and graph.scopes[i] == scope]


def test_attention_of_a_gpt() -> None:
    graph, found = axes("gpt-sort", 1, 7, 27)
    maps = [i for i in range(len(graph)) if found.is_attention(i)]
    assert [graph.scopes[i] for i in maps] == [("h", "0", "attn"), ("h", "1", "attn")]
    assert {found.of(i) for i in maps} == {("batch", "head", "query token", "key token")}
    attn = ("h", "0", "attn")
    assert named(graph, found, "masked_fill", attn) == [("batch", "head", "query token", "key token")]
    assert named(graph, found, "matmul", attn) == [
        ("batch × head", "query token", "key token"),
        ("batch × head", "token", "feature"),
    ]
    assert named(graph, found, "tril", attn) == [("query token", "key token")]
    assert named(graph, found, "clone", attn) == [("batch", "token", "head", "feature")]
    assert ("batch", "head", "feature", "token") in named(graph, found, "transpose", attn)


def test_tokens_weights_and_logits() -> None:
    graph, found = axes("gpt-sort", 1, 7, 27)
    assert found.of(graph.index["tokens"]) == ("batch", "token")
    assert found.of(graph.outputs[0]) == ("batch", "token", "vocabulary")
    assert found.of(graph.index["wte.weight"]) == ("vocabulary", "feature")
    assert found.of(graph.index["h.0.attn.qkv.weight"]) == ("output feature", "input feature")
    assert named(graph, found, "transpose", ("h", "0", "attn", "qkv")) == [("input feature", "output feature")]
    assert found.of(graph.index["h.0.ln_1.weight"]) == ("feature",)


@pytest.mark.parametrize(("name", "tokens"), [("encoder-pre-norm", 5), ("llama-block", 5), ("attention-head", 5)])
def test_models_of_vectors(name: str, tokens: int) -> None:
    graph, found = axes(name, 1, tokens)
    assert found.of(graph.index["x"]) == ("batch", "token", "feature")
    (attention,) = (i for i in range(len(graph)) if found.is_attention(i))
    assert found.of(attention)[-2:] == ("query token", "key token")


def test_a_name_for_every_axis_of_every_node() -> None:
    for name in models.names():
        shape = models.example(name)[0].shape
        graph, found = axes(name, shape[0], shape[1] if len(shape) == 3 or name.startswith("gpt") else 0)
        assert [len(found.of(i)) for i in range(len(graph))] == [len(shape) for shape in graph.shapes]


@pytest.mark.parametrize("name", ["bert", "vit", "bart", "whisper"])
def test_the_maps_are_those_that_the_model_says_are_its_attention(name: str) -> None:
    pytest.importorskip("transformers")
    from explorer.models import hugging

    model = hugging.from_config(name)
    inputs = hugging.inputs_for(model)
    run = explorer.trace_module(model, (), inputs)
    graph, tokens = run.graph, inputs["input_ids"].shape[1] if "input_ids" in inputs else 0
    found = Axes(graph, 1, tokens, 0, graph.index.get(DECODER))
    with torch.no_grad():
        said = model(**inputs, output_attentions=True)
    if DECODER in inputs:
        decoder = [maps for pair in zip(said.decoder_attentions, said.cross_attentions, strict=True) for maps in pair]
        expected = [*said.encoder_attentions, *decoder]
    else:
        expected = list(said.attentions)
    maps = [i for i in range(len(graph)) if found.is_attention(i)]
    assert all(torch.equal(run.value(i), e) for i, e in zip(maps, expected, strict=True))  # type: ignore[arg-type]
    assert {found.of(i) for i in maps} == {("batch", "head", "query token", "key token")}
    if DECODER in inputs:
        sides = [(found.is_answer(i, "query token"), found.is_answer(i, "key token")) for i in maps]
        assert sides == [(False, False), (True, True), (True, False)]
