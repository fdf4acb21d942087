"""Hugging Face's architectures, tiny and with random weights, traced and held against plain PyTorch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from explorer.capture.model import trace_module
from explorer.errors import ModelError
from explorer.models.presets import PRESETS, preset
from tests.capture.oracle import check_locals, hold

pytest.importorskip("transformers")

from explorer.models import hugging

NAMES = [name for family in PRESETS.values() for name in family]


def _loss(output: Any) -> Tensor:
    named = [output.get(name) for name in ("logits", "last_hidden_state")]
    return next(tensor for tensor in named if tensor is not None).sin().sum()


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("name", NAMES)
def test_an_architecture_is_traced_as_torch_computes_it(name: str, training: bool) -> None:
    model = hugging.from_config(name).train(training)
    run = hold(model, (), hugging.inputs_for(model), loss=_loss)
    assert sum(run.grad(name) is not None for name, _ in model.named_parameters()) > 5
    assert training or check_locals(run) > 10


@pytest.mark.parametrize("name", [name for name in NAMES if name != "bloom"])
def test_an_architecture_is_exported_and_runs_as_torch_computes_it(name: str) -> None:
    model = hugging.from_config(name)
    hold(model, (), hugging.inputs_for(model), loss=_loss, mode="export")


def test_the_one_export_that_is_not_bit_equal_says_why() -> None:
    """Bloom's GELU has a backward pass written by hand, which torch.export loses: the last bits are others."""
    model = hugging.from_config("bloom")
    run = trace_module(model, (), hugging.inputs_for(model), loss=_loss, mode="export")
    assert any("GeLUFunction" in note for note in run.notes)
    eager = trace_module(model, (), hugging.inputs_for(model), loss=_loss)
    assert torch.equal(run.outputs.logits, eager.outputs.logits) and not eager.notes
    for name, _ in model.named_parameters():
        torch.testing.assert_close(run.grad(name), eager.grad(name), rtol=1e-5, atol=1e-5)


def test_the_presets_are_of_many_families() -> None:
    assert len(NAMES) >= 25 and len(PRESETS) >= 7


def test_attention_can_be_looked_into() -> None:
    model = hugging.from_config("llama")
    run = hold(model, (), hugging.inputs_for(model), loss=_loss)
    shares = [run.value(i) for i, op in enumerate(run.graph.ops) if op == "softmax"]
    assert [tuple(s.shape) for s in shares if s is not None] == [(1, 4, 7, 7)] * 2
    assert all(torch.allclose(s.sum(-1), torch.ones(1, 4, 7)) for s in shares if s is not None)


def test_a_folder_with_weights_is_loaded(tmp_path: Path) -> None:
    model = hugging.from_config("gpt2")
    model.save_pretrained(tmp_path)  # type: ignore[operator]
    loaded = hugging.from_pretrained(tmp_path)
    assert all(map(torch.equal, model.state_dict().values(), loaded.state_dict().values()))
    again = hugging.from_config(tmp_path)
    assert type(again) is type(model)


@pytest.mark.parametrize("given", ["gpt2", {"model_type": "gpt2", "n_layer": 1, "n_embd": 8, "n_head": 2}])
def test_weights_are_the_same_every_time_and_nothing_is_drawn(given: Any) -> None:
    before = torch.get_rng_state()
    first, second = (hugging.from_config(given).state_dict() for _ in range(2))
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model_type": "lama"}, "llama"),
        ({}, "unknown"),
        ("no-such-preset", "no preset and no file"),
        ({"model_type": "llama", "hidden_size": 8192, "num_hidden_layers": 80, "intermediate_size": 28672}, "billion"),
        ({"model_type": "gpt2", "n_embd": 30, "n_head": 4}, ""),
        ({"model_type": "llama", "vocab_size": "many"}, ""),
    ],
)
def test_what_makes_no_model_is_refused(config: Any, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        hugging.from_config(config)


def test_files_that_are_no_configuration_are_refused(tmp_path: Path) -> None:
    for name, text in (("config.json", "{"), ("list.json", "[1]"), ("other.json", json.dumps({"model_type": "x"}))):
        (tmp_path / name).write_text(text)
        with pytest.raises(ModelError):
            hugging.from_config(tmp_path / name)
    with pytest.raises(ModelError):
        hugging.from_pretrained(tmp_path)


def test_a_preset_reads_like_a_config_file() -> None:
    found = preset("llama")
    assert found is not None and found["model_type"] == "llama" and found["num_key_value_heads"] == 2
    assert preset("nothing") is None
