"""The models that come with the explorer, by name, and how to start each with sizes of one's own.

model = load("gpt", layers=3)
args = example("gpt", layers=3)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor, nn

from explorer.errors import ModelError
from explorer.models import sort
from explorer.models.attention import AttentionHead, HeadConfig
from explorer.models.encoder import EncoderConfig, EncoderLayer
from explorer.models.filling import FilledOnce
from explorer.models.gpt import GPT, GPTConfig
from explorer.models.hugging import from_config, from_pretrained, without_weights
from explorer.models.llama import LlamaBlock, LlamaConfig
from explorer.models.mlp import MLP, MLPConfig
from explorer.models.neuron import Neuron, NeuronConfig
from explorer.models.weights import load_weights

__all__ = [
    "ENTRIES", "Entry", "config_of", "entry_of", "example", "from_config", "from_pretrained", "load", "names",
    "without_weights",
]  # fmt: skip
SEED = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One model: its configuration with the sizes it has when none are given, and inputs that it can read."""

    title: str
    config: Any
    build: Callable[[Any], nn.Module]
    inputs: Callable[[Any, torch.Generator], tuple[Tensor, ...]]
    weights: str = ""


def _vectors(config: Any, generator: torch.Generator) -> tuple[Tensor, ...]:
    return (torch.randn(1, 5, config.width, generator=generator),)


def _tokens(config: GPTConfig, generator: torch.Generator) -> tuple[Tensor, ...]:
    return (torch.randint(config.vocabulary, (1, min(8, config.context)), generator=generator),)


ENTRIES = {
    "neuron": Entry("One neuron", NeuronConfig(), Neuron, lambda c, g: (torch.randn(c.inputs, generator=g),)),
    "mlp": Entry("Multilayer perceptron", MLPConfig(), MLP, lambda c, g: (torch.randn(4, c.sizes[0], generator=g),)),
    "attention-head": Entry("One attention head", HeadConfig(), AttentionHead, _vectors),
    "encoder-post-norm": Entry("Transformer encoder layer, post-norm", EncoderConfig(), EncoderLayer, _vectors),
    "encoder-pre-norm": Entry("Transformer encoder layer, pre-norm", EncoderConfig(norm="pre"), EncoderLayer, _vectors),
    "gpt": Entry("Decoder-only GPT", GPTConfig(), GPT, _tokens),
    "gpt-sort": Entry(
        "GPT, trained to sort letters", sort.CONFIG, GPT, lambda c, g: (sort.encode("CABBAC"),), "gpt-sort.safetensors"
    ),
    "llama-block": Entry("Llama block", LlamaConfig(), LlamaBlock, _vectors),
}  # fmt: skip


def names() -> Sequence[str]:
    """The names that ``load`` knows."""
    return tuple(ENTRIES)


def load(name: str, *, seed: int = SEED, **sizes: Any) -> nn.Module:
    """A model by name, in evaluation mode, with ``sizes`` in place of fields of its configuration.

    Its weights are random, the same for the same ``seed``, or for a trained model those it was trained to, which
    allow no other sizes. torch's random state is left alone. Raises ModelError for an unknown name or sizes that do
    not fit.
    """
    entry = entry_of(name)
    if entry.weights and sizes:
        raise ModelError(f"{name!r} is trained, so its sizes are fixed. Take 'gpt' for sizes of your own.")
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        with FilledOnce() as filling:
            model = entry.build(config_of(name, **sizes)).eval()
        filling.finish(model)
    if entry.weights:
        load_weights(model, entry.weights)
    return model


def example(name: str, *, seed: int = SEED, **sizes: Any) -> tuple[Tensor, ...]:
    """Inputs for the model of that name and those sizes, the same for the same ``seed``."""
    return entry_of(name).inputs(config_of(name, **sizes), torch.Generator().manual_seed(seed))


def entry_of(name: str) -> Entry:
    """What is known of a model. Raises ModelError, with the nearest names, for one that is not there."""
    if name not in ENTRIES:
        near = get_close_matches(name, ENTRIES, n=2) or list(ENTRIES)
        raise ModelError(f"There is no model called {name!r}. Try {' or '.join(map(repr, near))}.")
    return ENTRIES[name]


def config_of(name: str, **sizes: Any) -> Any:
    """The configuration of a model with ``sizes`` in place of its own. Raises ModelError for unknown fields."""
    config = entry_of(name).config
    known = [field.name for field in fields(config)]
    unknown = [size for size in sizes if size not in known]
    if unknown:
        raise ModelError(f"{name!r} has no size called {unknown[0]!r}. It has {', '.join(known)}.")
    return type(config)(**{**{key: getattr(config, key) for key in known}, **sizes})
