"""Caches against what is written down in the models."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from explorer.capture.model import trace_module
from explorer.models.encoder import EncoderConfig, EncoderLayer
from explorer.segment.attention import attentions
from tests.segment.models import BATCH, MODES, TOKENS, WIDTH, Attending, llama, traced


@pytest.mark.parametrize("mode", MODES)
def test_a_gpt_caches_a_key_and_a_value_of_its_width_in_every_layer(mode: str) -> None:
    found = attentions(traced(mode, 3).graph)
    assert [one.bytes for one in found] == [2 * WIDTH * 4 * BATCH] * 3
    assert {one.tokens for one in found} == {TOKENS}


@pytest.mark.parametrize("mode", MODES)
def test_grouped_queries_cache_the_groups_once(mode: Any) -> None:
    module, sample = llama()
    (found,) = attentions(trace_module(module, (sample,), mode=mode).graph)
    groups, size, batch = 2, 8, 2
    assert found.bytes == 2 * groups * size * 4 * batch


@pytest.mark.parametrize("mode", MODES)
def test_attention_in_one_piece_is_found(mode: Any) -> None:
    q, k, v = (torch.randn(2, 4, 6, 8, requires_grad=True) for _ in range(3))
    graph = trace_module(Attending(), (q, k, v), mode=mode).graph
    (found,) = attentions(graph)
    assert [graph.ids[i] for i in (found.query, found.key, found.value)] == ["q", "k", "v"]
    assert (found.tokens, found.bytes) == (6, 2 * 2 * 4 * 8 * 4)


def test_an_encoder_caches_nothing() -> None:
    (found,) = attentions(trace_module(EncoderLayer(EncoderConfig()), (torch.randn(2, 5, 16),), mode="export").graph)
    assert (found.cached, found.bytes) == ((), 0)
