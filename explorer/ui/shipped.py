"""The models that come with the explorer: which sizes a user can set, within which bounds, and what they read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import torch

from explorer import models
from explorer.errors import ExplorerError, ModelError
from explorer.models import prompt
from explorer.models.bounds import bounds
from explorer.models.filling import Unfilled
from explorer.models.made import Made, Reading
from explorer.resources import asset

MOST_WIDE, MOST_LAYERS = 4_096, 32

BOUNDS: Mapping[str, tuple[int, int]] = {
    "vocabulary": (2, 100_000),
    "context": (1, 1_024),
    "layers": (1, 48),
    "heads": (1, 64),
    "groups": (1, 64),
    "inputs": (1, 1_024),
    "width": (1, 4_096),
    "hidden": (1, 16_384),
    "size": (1, 1_024),
}
"""From and to, per size of a model."""


def trained() -> str:
    """The name of the trained model, where its weights are there; else that of one with random weights."""
    try:
        is_there = asset("models", "gpt-sort.safetensors").is_file()
    except ExplorerError:
        is_there = False
    return "gpt-sort" if is_there else "gpt"


def size_fields(name: str) -> Mapping[str, Any]:
    """The sizes that a user can set, with the values that they have when nothing is set."""
    entry = models.entry_of(name)
    if entry.weights:
        return {}
    given = {part.name: getattr(entry.config, part.name) for part in fields(entry.config)}
    return {name: value for name, value in given.items() if not isinstance(value, str)}


def check(name: str, sizes: Mapping[str, Any]) -> Any:
    """The model's configuration, its parameters counted before any is made. Raises ModelError, with the field."""
    for size, value in sizes.items():
        low, high = BOUNDS.get(size, (-math.inf, math.inf))
        if not isinstance(value, str | tuple) and not low <= value <= high:
            raise ModelError(f"{size} is {value:,}, and must be from {low:,} to {high:,}.", field="sizes")
    _named(name)
    try:
        config = models.config_of(name, **read_sizes(sizes))
        with torch.device("meta"), Unfilled():
            parameters = sum(p.numel() for p in models.entry_of(name).build(config).parameters())
    except ModelError as error:
        raise ModelError(str(error), field="sizes") from None
    most = bounds().parameters
    if parameters > most:
        message = f"This model has {parameters:,} parameters, and at most {most:,} are traced. Make it smaller."
        raise ModelError(message, field="sizes")
    return config


def make(name: str, sizes: Mapping[str, Any], seed: int) -> Made:
    """Raises ModelError, with the field to change, where there is no such model."""
    config = check(name, sizes)
    reads = prompt.reads_tokens(config)

    def read(text: str) -> Reading:
        if not reads:
            return Reading(models.entry_of(name).inputs(config, torch.Generator().manual_seed(seed)))
        ids = prompt.read(name, config, text)
        if ids.shape[1] > bounds().tokens:
            raise ModelError(f"{ids.shape[1]:,} tokens are more than the {bounds().tokens} that are traced here.")
        words = prompt.written(name, ids)
        return Reading((ids,), {}, words, ids, words)

    asks = "" if not reads else "Letters to sort" if name == "gpt-sort" else "Tokens"
    size = config.vocabulary if reads else 0
    model = models.load(name, seed=seed, **read_sizes(sizes))
    return Made(model, read, asks, "next" if reads else "", prompt.vocabulary(name), size)


def read_sizes(sizes: Mapping[str, Any]) -> dict[str, Any]:
    """The sizes, with a list of widths that was typed as text read."""
    return {name: _widths(size) if isinstance(size, str) else size for name, size in sizes.items()}


def _widths(text: str) -> tuple[int, ...]:
    parts = text.replace(",", " ").split()
    if not all(part.isascii() and part.isdecimal() and 1 <= int(part) <= MOST_WIDE for part in parts):
        raise ModelError(
            f"{text!r} is no list of widths. Give whole numbers from 1 to {MOST_WIDE:,}, such as 2, 16, 1."
        )
    if not 2 <= len(parts) <= MOST_LAYERS:
        raise ModelError(f"There are {len(parts)} widths. Give 2 to {MOST_LAYERS}, from the inputs to the outputs.")
    return tuple(map(int, parts))


def _named(name: str) -> None:
    try:
        models.entry_of(name)
    except ModelError as error:
        raise ModelError(str(error), field="name") from None
