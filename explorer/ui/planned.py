"""A model as it is divided: captured by torch.export, with its numbers, or without weights, by shapes alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explorer import models
from explorer.capture.model import trace_module
from explorer.capture.trace import ModuleRun
from explorer.errors import ModelError
from explorer.models import hugging
from explorer.models.presets import LARGE, preset

BATCH, LENGTH = 2, 512
"""What a large model is planned for, where nothing else is said."""


@lru_cache(maxsize=1)
def without_weights(name: str, batch: int = BATCH, length: int = LENGTH) -> ModuleRun:
    """A run of shapes: of a preset's name, or what a config.json holds. Raises ModelError for what is neither."""
    for what, size in (("batch", batch), ("length", length)):
        if size < 1:
            raise ModelError(f"A {what} of {size} cannot be planned. Give 1 or more.")
    model = hugging.without_weights(name)
    return trace_module(model, (), hugging.shapes_for(model, batch, length), mode="export")


def with_numbers(name: str, sizes: Mapping[str, Any], batch: int | None = None, length: int | None = None) -> ModuleRun:
    """A run of one of our models with ``sizes``, or of a Hugging Face configuration, on inputs that are made up."""
    if name in models.names():
        model, args = models.load(name, **sizes), models.example(name, **sizes)
        return trace_module(model, tuple(_of_size(x, batch, length) for x in args), mode="export")
    if sizes:
        raise ModelError(f"Sizes are set for {', '.join(models.names())}. A configuration has its own.")
    if name in LARGE:
        raise ModelError(f"{name!r} is too large to compute here. Plan it without weights.")
    found = hugging.from_config(name)
    inputs = hugging.inputs_for(found)
    return trace_module(found, (), {key: _of_size(x, batch, length) for key, x in inputs.items()}, mode="export")


def is_model(name: str) -> bool:
    """Whether there is a model of that name, or a configuration at that path."""
    return name in models.names() or preset(name) is not None or Path(name).exists()


def _of_size(x: Any, batch: int | None, length: int | None) -> Any:
    """Made as large as asked by repeating it."""
    if not isinstance(x, Tensor) or x.dim() < 2:
        return x
    wanted = (
        (batch or x.shape[0], length or x.shape[1]) if x.dtype == torch.int64 or x.dim() == 3 else (batch or len(x),)
    )
    for axis, size in enumerate(wanted):
        x = x.repeat_interleave(-(-size // x.shape[axis]), dim=axis).narrow(axis, 0, size)
    return x.contiguous()
