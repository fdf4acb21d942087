"""Probabilities and the logit lens, against the model's own parts."""

from __future__ import annotations

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
    found = logit_lens(model, run, run.outputs)
    assert [name for name, _ in found] == ["h.0", "h.1"]
    assert all(torch.equal(a, b) for (_, a), b in zip(found, expected, strict=True))
    assert torch.equal(found[-1][1], logits)


def test_other_models_have_no_lens() -> None:
    model = nn.Linear(2, 2)
    run = explorer.trace_module(model, torch.ones(1, 2))
    assert logit_lens(model, run, run.outputs) == []


def test_a_head_that_is_not_the_whole_end_has_no_lens() -> None:
    class Scaled(GPT):
        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            return 3 * super().forward(tokens)

    model = Scaled(models.config_of("gpt"))
    run = explorer.trace_module(model, torch.tensor([[1, 2, 3]]))
    assert logit_lens(model, run, run.outputs) == []
