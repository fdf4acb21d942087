"""Probabilities and the logit lens, against the model's own parts."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import explorer
from explorer import models
from explorer.models import sort
from explorer.models.gpt import GPT
from explorer.passes.lens import likeliest, logit_lens


def test_the_likeliest_tokens_are_those_of_the_softmax() -> None:
    logits = torch.randn(1, 3, 9, generator=torch.Generator().manual_seed(2))
    guesses = likeliest(logits, 1, 4)
    shares = logits[0, 1].double().softmax(-1)
    order = shares.argsort(descending=True)[:4].tolist()
    assert [guess.token for guess in guesses] == order
    assert [guess.share for guess in guesses] == shares[order].tolist()
    assert len(likeliest(logits, 0, 99)) == 9


def test_the_lens_is_the_head_put_on_every_block() -> None:
    model = models.load("gpt-sort")
    assert isinstance(model, GPT)
    tokens = sort.encode("CABBAC>")
    run = explorer.trace_module(model, tokens)
    caught: list[torch.Tensor] = []
    for block in model.h:
        block.register_forward_hook(lambda module, args, output: caught.append(output))
    with torch.no_grad():
        logits = model(tokens)
        expected = [model.lm_head(model.ln_f(stream)) for stream in caught]
    found = logit_lens(model, run, run.graph.outputs[0])
    assert [name for name, _ in found] == ["h.0", "h.1"]
    assert all(torch.equal(a, b) for (_, a), b in zip(found, expected, strict=True))
    assert torch.equal(found[-1][1], logits)


def test_other_models_have_no_lens() -> None:
    model = nn.Linear(2, 2)
    run = explorer.trace_module(model, torch.ones(1, 2))
    assert logit_lens(model, run, run.graph.outputs[0]) == []


def test_whatever_comes_after_the_blocks_is_done_again() -> None:
    class Scaled(GPT):
        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            return 3 * super().forward(tokens)

    model, tokens = Scaled(models.config_of("gpt")), torch.tensor([[1, 2, 3]])
    run = explorer.trace_module(model, tokens)
    assert torch.equal(logit_lens(model, run, run.graph.outputs[0])[-1][1], model(tokens).detach())


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize(
    ("name", "blocks"),
    [
        ("gpt2", "transformer.h"),
        ("bert", "bert.encoder.layer"),
        ("deberta-v2", "deberta.encoder.layer"),
        ("t5", "decoder.block"),
        ("whisper", "model.decoder.layers"),
    ],
)
def test_a_models_lens_is_what_it_says_when_its_last_block_hands_on_another_ones(
    name: str, blocks: str, training: bool
) -> None:
    pytest.importorskip("transformers")
    from explorer.models import hugging

    model = hugging.from_config(name).train(training)
    inputs, stack = hugging.inputs_for(model), model.get_submodule(blocks)
    torch.manual_seed(3)
    run = explorer.trace_module(model, (), inputs)
    place = next(i for i, output in enumerate(run.outputs.to_tuple()) if output is run.outputs.logits)
    found = logit_lens(model, run, run.graph.outputs[place])
    assert [path for path, _ in found] == [f"{blocks}.{number}" for number in range(len(stack))]
    said: list[torch.Tensor] = []
    for block in stack:
        block.register_forward_hook(lambda module, args, output: said.append(_first(output)))
    for number, (_, logits) in enumerate(found):
        said.clear()
        handle = stack[-1].register_forward_hook(
            lambda module, args, output, number=number: _with_first(output, said[number])
        )
        torch.manual_seed(3)
        with torch.no_grad():
            assert torch.equal(model(**inputs).logits, logits)
        handle.remove()


def _first(output: Any) -> torch.Tensor:
    return output if isinstance(output, torch.Tensor) else output[0]


def _with_first(output: Any, first: torch.Tensor) -> Any:
    return first if isinstance(output, torch.Tensor) else (first, *output[1:])
