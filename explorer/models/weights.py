"""Trained weights, read from safetensors files: numbers alone, no code."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_model
from torch import nn

from explorer.errors import ModelError
from explorer.resources import asset


def load_weights(model: nn.Module, name: str) -> None:
    """Fills ``model`` with the weights of the file ``name`` under ``assets/models``; see ``read_weights``."""
    read_weights(model, asset("models", name))


def read_weights(model: nn.Module, path: Path) -> None:
    """Fills ``model`` with the weights of a safetensors file.

    Raises ModelError where the file is missing, broken, or has other tensors than the model.
    """
    try:
        load_model(model, path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path.name} is not a readable safetensors file: {error}. Download it again.") from error
    except RuntimeError as error:
        raise ModelError(f"The weights in {path.name} are of another model: {error}") from error
