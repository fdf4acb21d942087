"""A model as the user sets it up: which one, how large, what it reads, and what is differentiated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from explorer import models
from explorer.errors import ModelError
from explorer.models import own, prompt
from explorer.models.presets import PRESETS, preset
from explorer.ui import shipped

Loss = Literal["next token", "logit", "sum", "squared error", "expression"]
LOSSES: tuple[Loss, ...] = ("next token", "logit", "sum", "squared error", "expression")

Origin = Literal["shipped", "preset", "config", "weights", "own"]
ORIGINS: tuple[Origin, ...] = ("shipped", "preset", "config", "weights", "own")

Mode = Literal["eager", "export"]
MODES: tuple[Mode, ...] = ("eager", "export")


SPEAKING = ("Decoders", "Mixtures of experts", "State spaces and recurrences", "Encoders with decoders")
"""Families of architectures that say a next token."""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """``name`` is that of a shipped model or of a Hugging Face preset, a folder or a hub id with ``weights``, or the
    path of the user's ``own`` file, whose ``factory`` makes the model; ``config`` the text of a config.json. ``stamp``
    is when the file was written.

    ``prompt`` is empty for a model that reads vectors, which are drawn by the ``seed`` like random weights are.
    ``token`` and ``position`` choose the logit: "" stands for the likeliest token, ``None`` for the last place.
    ``target`` is what the outputs should be, for the squared error; ``formula`` the loss as an expression.
    """

    name: str
    sizes: Mapping[str, Any] = field(default_factory=dict)
    seed: int = models.SEED
    prompt: str = ""
    loss: Loss = "sum"
    token: str = ""
    position: int | None = None
    target: float = 0.0
    train: bool = False
    origin: Origin = "shipped"
    config: str = ""
    factory: str = ""
    stamp: int = 0
    mode: Mode = "eager"
    formula: str = ""


def title(source: ModelSource) -> str:
    """What the model is called on the page."""
    if source.origin == "config":
        return f"{_kind(source.config) or 'model'} (config.json)"
    if source.origin == "own":
        return f"{source.factory} in {source.name.replace(chr(92), '/').rpartition('/')[2]}"
    return source.name or "no model yet"


def fresh(name: str = "", origin: Origin = "shipped") -> ModelSource:
    """A model with its own sizes and something to read; without a name one to start with, where there is one."""
    if origin == "shipped":
        return _shipped(name or shipped.trained())
    if origin == "preset":
        name = name or "gpt2"
        speaks = any(name in PRESETS[family] for family in SPEAKING)
        return ModelSource(name, origin=origin, loss="next token" if speaks else "sum")
    if origin == "config":
        return ModelSource("", origin=origin, config=json.dumps(preset("llama"), indent=1), loss="next token")
    return ModelSource(name, origin=origin)


def _shipped(name: str) -> ModelSource:
    if name == "gpt-sort":
        return ModelSource(name, prompt="CABBAC>", loss="logit")
    if not prompt.reads_tokens(models.config_of(name)):
        return ModelSource(name)
    return ModelSource(name, prompt=" ".join(prompt.written(name, *models.example(name))), loss="next token")


def own_source(path: str, factory: str) -> ModelSource:
    """The user's file as it is now; tracing says where there is none."""
    try:
        stamp = own.stamp(path)
    except ModelError:
        stamp = 0
    return ModelSource(path.strip(), origin="own", factory=factory, stamp=stamp)


def read_config(text: str) -> Mapping[str, Any]:
    """What a config.json holds. Raises ModelError for what is none."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"This is not JSON: {error}. Paste what a config.json holds.") from None
    if not isinstance(read, dict):
        raise ModelError('A config.json holds names with values, such as {"model_type": "gpt2"}.')
    return read


def _kind(text: str) -> str:
    try:
        return str(read_config(text).get("model_type", ""))
    except ModelError:
        return ""
