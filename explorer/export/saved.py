"""A run as a file: everything that is shown of it, as tensors and plain values. Reading one runs no code.

What a model's node was called with stays behind where it is no plain value, so a run that was read cannot be
computed again; programs can.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explorer.errors import ExportError
from explorer.graph import Graph
from explorer.run import Backward, Run

_PLAIN = (str, int, float, bool, type(None))
_BACKWARD = ("output", "upstream", "grads", "contributions", "order")


def save(run: Run, path: Path | str) -> None:
    """Write a run to a file that ``load`` reads."""
    graph = {field.name: _plain(getattr(run.graph, field.name)) for field in fields(Graph)}
    backward = {name: _plain(getattr(run.backward, name)) for name in _BACKWARD}
    torch.save({"run": 1, "graph": graph, "values": _plain(run.values), "backward": backward}, path)


def load(path: Path | str) -> Run:
    """The run in a file. Raises ExportError where it holds none."""
    try:
        found = torch.load(path, weights_only=True)
        graph, backward = found["graph"], Backward(**found["backward"])
        return Run(Graph(**graph), found["values"], backward)
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, KeyError, TypeError) as error:
        raise ExportError(
            f"The file {Path(path).name!r} holds no run: {error}. Write one with explorer.export.save."
        ) from error


def _plain(value: Any) -> Any:
    """Tensors, plain values, and lists, tuples and dictionaries of them; anything else is left out."""
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items() if _is_plain(part)}
    return tuple(map(_plain, value)) if isinstance(value, tuple) else [_plain(part) for part in value]


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, (*_PLAIN, Tensor, Mapping))
